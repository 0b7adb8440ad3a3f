"""A text or a JSON value in, the secrets in it out, or the same value with each of them blotted out.

Only forms that their issuers made to be recognised are looked for, so that a finding is a secret: a key that looks like any other
word is not found. Matching is RE2's, linear whatever the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2

__all__ = ["FORMS", "MARK", "blotted", "kinds_in"]

MARK = "[secret:{kind}]"
FORMS: Mapping[str, str] = {
    # To the end of the block, whose lines hold single dashes at most; without an end, as far as it looks like one.
    "private_key": (
        r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s\\:,]|[A-Za-z0-9]-[A-Za-z0-9])*"
        r"(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----)?"
    ),
    "jwt": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
    "hexgate_key": r"\bfty_(?:live|test)_[A-Za-z0-9.-]{1,64}_[A-Za-z0-9_=-]{32,}",
    "aws_access_key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "github_token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b",
    "gitlab_token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "slack_token": r"\bxox[abeoprs]-[A-Za-z0-9-]{20,}",
    "slack_webhook": r"https://hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}",
    "stripe_key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{20,}\b",
    "google_api_key": r"\bAIza[A-Za-z0-9_-]{35}",
    "openai_key": r"\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}|\bsk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}\b",
    "anthropic_key": r"\bsk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{80,}",
    "npm_token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "pypi_token": r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    "sendgrid_key": r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "huggingface_token": r"\bhf_[A-Za-z]{34}\b",
    "password_in_url": r"\b[a-z][a-z0-9+.-]{1,16}://[^\s/:@'\"]{1,128}:[^\s/:@'\"]{3,256}@[A-Za-z0-9.-]+",
}
OPTIONS = re2.Options()
OPTIONS.log_errors = False
PATTERN: Any = re2.compile("|".join(f"(?P<{kind}>{form})" for kind, form in FORMS.items()).encode(), OPTIONS)
# What none of these stands in holds no secret of ours, which is nearly every text.
HINTS = ("-----BEGIN", "eyJ", "_", "-", "AKIA", "ASIA", "AIza", "SG.", "://")


def kinds_in(value: Any) -> list[str]:
    """The kinds of secrets that a JSON value holds, each once."""
    return list(dict.fromkeys(kind for text in texts_in(value) for kind, _, _ in found(text)))


def blotted(value: Any) -> tuple[Any, list[str]]:
    """A copy of a JSON value with a mark in the place of each secret, and the kinds that were found."""
    kinds: dict[str, None] = {}
    return blot(value, kinds), list(kinds)


def blot(value: Any, kinds: dict[str, None]) -> Any:
    """The copy; it notes what it finds."""
    if isinstance(value, str):
        return blot_text(value, kinds)
    if isinstance(value, Mapping):
        return {blot(key, kinds): blot(inner, kinds) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [blot(inner, kinds) for inner in value]
    return value


def blot_text(text: str, kinds: dict[str, None]) -> str:
    """The text with its secrets blotted out."""
    encoded, parts, end = text.encode(errors="replace"), [], 0
    for kind, first, last in found(text):
        kinds[kind] = None
        parts += [encoded[end:first], MARK.format(kind=kind).encode()]
        end = last
    return b"".join([*parts, encoded[end:]]).decode() if parts else text


def found(text: str) -> Iterator[tuple[str, int, int]]:
    """The secrets of a text and their places in its UTF-8: places in a text would be counted from its start for each of them."""
    if any(hint in text for hint in HINTS):
        for match in PATTERN.finditer(text.encode(errors="replace")):
            yield match.lastgroup.decode(), match.start(), match.end()


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts_in(key)
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)
