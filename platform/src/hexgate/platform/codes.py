"""Every stable code of a problem that the platform answers with: its status, what it means, and what to do.

# INVARIANT: a code is never given another meaning, and the table has exactly the codes that our source can raise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["CODES", "FAMILIES", "ProblemCode"]


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """A stable code with the status of HTTP that goes with it; `title` is in lower case, the rest are sentences."""

    code: str
    status: int
    title: str
    meaning: str
    remedy: str


FAMILIES: Mapping[str, tuple[ProblemCode, ...]] = MappingProxyType(
    {
        "Requests": (
            ProblemCode(
                "HX1000",
                500,
                "the platform failed",
                "Something went wrong that nobody foresaw. The log has it under the id of the request.",
                "Look for the `request_id` of the answer in the log of the platform, and tell who runs it.",
            ),
            ProblemCode(
                "HX1001",
                422,
                "a request that does not say what it must",
                "The body, the path or the query has missing, unknown or wrong values; `mistakes` has a place for each.",
                "Change what `mistakes` names. The OpenAPI document at `/openapi.json` says what each request takes.",
            ),
            ProblemCode(
                "HX1002",
                400,
                "a body that cannot be read",
                "The body is no JSON, not of the length that was announced, or compressed in a way that is not known.",
                "Send JSON in UTF-8 with `Content-Type: application/json`.",
            ),
            ProblemCode(
                "HX1003",
                413,
                "a body that is too large",
                "The body, or what it is when it is unpacked, has more bytes than this request takes.",
                "Send less at once.",
            ),
            ProblemCode(
                "HX1004",
                404,
                "nothing there",
                "There is nothing at this address, or nothing that the caller may know of.",
                "Look at the names in the address, and at who is signed in.",
            ),
            ProblemCode(
                "HX1005",
                405,
                "a method that is not for this address",
                "The address is there, but does not take this method; `Allow` says which it takes.",
                "Use one of the methods in `Allow`.",
            ),
            ProblemCode(
                "HX1006",
                408,
                "a body that came too slowly",
                "The body was not there in the time that the platform waits for one.",
                "Send it again over a better connection.",
            ),
            ProblemCode(
                "HX1007",
                409,
                "somebody was quicker",
                "Another request changed the same thing in the same moment.",
                "Read what is there now, and try again if it is still wanted.",
            ),
            ProblemCode(
                "HX1008",
                503,
                "a store that does not answer",
                "The database cannot be reached or is too busy. Nothing was changed.",
                "Try again after the seconds in `Retry-After`.",
            ),
        ),
        "Accounts": (
            ProblemCode(
                "HX1101",
                401,
                "nobody is signed in",
                "There is no session, or it is over, was ended, or is not known here.",
                "Sign in with `POST /v1/auth/sign-in`.",
            ),
            ProblemCode(
                "HX1102",
                401,
                "an address and a password that do not belong together",
                "No account has this address and this password. Which of the two is wrong is not said.",
                "Try again, or ask for a new password with `POST /v1/auth/request-password-reset`.",
            ),
            ProblemCode(
                "HX1103",
                403,
                "a request that may come from another site",
                "A request that changes something came without the token of its session, or from another origin.",
                "Send the `csrf_token` of the sign-in, or of `GET /v1/account`, in the header `X-Hexgate-CSRF`.",
            ),
            ProblemCode(
                "HX1104",
                429,
                "too many tries",
                "There were too many tries for this account, or from this address of the network.",
                "Wait for the seconds in `Retry-After`.",
            ),
            ProblemCode(
                "HX1105",
                422,
                "a password that is too easy",
                "A password has 10 to 256 characters, at least 5 different ones, and is not the address of the account.",
                "Choose a longer one; a few words that have nothing to do with one another are good.",
            ),
            ProblemCode(
                "HX1106",
                400,
                "a letter that is over",
                "The token of a letter was used, is too old, or was never sent. Each can be used once.",
                "Ask for a new letter.",
            ),
            ProblemCode(
                "HX1107",
                403,
                "an address that nobody has confirmed",
                "What was asked for needs an account whose e-mail address was confirmed.",
                "Follow the link in the letter, or ask for a new one with `POST /v1/auth/request-verification`.",
            ),
            ProblemCode(
                "HX1108",
                403,
                "no new accounts",
                "This platform takes new accounts by invitation only.",
                "Ask an owner or an admin of an organization for an invitation.",
            ),
        ),
        "Organizations": (
            ProblemCode(
                "HX1201",
                403,
                "a rank that is too low",
                "A member of the organization may not do this, or not to somebody who is more.",
                "Ask an owner or an admin of the organization.",
            ),
            ProblemCode(
                "HX1202",
                409,
                "the last owner",
                "An organization always has an owner, so its last one can neither leave nor become less.",
                "Make another member an owner first.",
            ),
            ProblemCode(
                "HX1203",
                403,
                "an invitation to somebody else",
                "An invitation can be accepted only by an account with the address that it was sent to.",
                "Sign in with that address, or ask for an invitation to yours.",
            ),
            ProblemCode(
                "HX1204",
                409,
                "a member already",
                "Somebody with this address is in the organization.",
                "Change the rank of the member instead.",
            ),
            ProblemCode(
                "HX1205",
                409,
                "too many of them",
                "There is a limit to how many of these there may be, and it is reached.",
                "Remove some that are not needed.",
            ),
            ProblemCode(
                "HX1206",
                409,
                "a name that is taken",
                "There is one with this name already. Names of projects stand in tokens, so no two projects share one.",
                "Choose another name.",
            ),
        ),
        "Tokens": (
            ProblemCode(
                "HX1301",
                401,
                "no token that is known",
                "There is no token, or no key of this platform signed it, or it is over, was revoked, or was not made here.",
                "Send `Authorization: Bearer fty_…` with a token of the project, as it was shown when it was made.",
            ),
            ProblemCode(
                "HX1302",
                403,
                "a token that is not for this",
                "The token lacks the scope for this, or was narrowed so that it can do less.",
                "Use a token that has the scope. Tokens get their scopes when they are made.",
            ),
            ProblemCode(
                "HX1303",
                422,
                "a user that a token cannot name",
                "The user has parts that a token cannot hold, or the token names somebody already.",
                "Change what the message names.",
            ),
        ),
        "The record": (
            ProblemCode(
                "HX1401",
                503,
                "a store that takes no records now",
                "The store of the record does not answer, or too much waits for it. What was sent is not known to be kept.",
                "Send the same again after the seconds in `Retry-After`; what comes twice counts once.",
            ),
            ProblemCode(
                "HX1402",
                413,
                "too many records at once",
                "A batch has at most 1,000 records, and a record at most 256 KiB.",
                "Send fewer at once.",
            ),
            ProblemCode(
                "HX1403",
                400,
                "a record that cannot be kept",
                "The record is not what a record is, lies too far in the future, or is older than records are kept.",
                "Look at the message; the clock of the machine that sent it may be wrong.",
            ),
            ProblemCode(
                "HX1404",
                422,
                "a stretch of time that cannot be asked about",
                "`since` lies behind `until`, or there is more between them than records are kept.",
                "Ask about at most 90 days.",
            ),
        ),
        "Agents and policies": (
            ProblemCode(
                "HX1501",
                422,
                "a policy that does not hold",
                "The policy has at least one mistake. Each is in `mistakes` with its place, and nothing was saved.",
                "Change what `mistakes` names; `POST …/validate` says the same without saving.",
            ),
            ProblemCode(
                "HX1502",
                412,
                "a policy that was changed meanwhile",
                "The policy is not the one that `If-Match` names: somebody saved another one.",
                "Read the policy that counts now, and make the change to that.",
            ),
            ProblemCode(
                "HX1503",
                422,
                "a policy that two engines answer differently",
                "The native engine and the module that was built of the policy differ on a call. Nothing was saved.",
                "Please report it with the policy and the call in the message.",
            ),
            ProblemCode(
                "HX1504",
                422,
                "an agent that no policy can be written for",
                "The manifest has names that a policy cannot hold, the same name twice, or too many tools.",
                "Change what the message and `mistakes` name.",
            ),
        ),
    }
)
CODES: Mapping[str, ProblemCode] = MappingProxyType(
    {entry.code: entry for family in FAMILIES.values() for entry in family}
)
