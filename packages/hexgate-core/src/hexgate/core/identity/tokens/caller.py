"""The facts of block 1 in, the user that they name out, and a user in, its facts out.

# INVARIANT: block 1 is the only block that says who is calling. What later blocks hold beside checks has no meaning.
"""

from __future__ import annotations

from hexgate.core.call import ToolCall
from hexgate.core.errors import UserError
from hexgate.core.identity.tokens.block import Block, Term
from hexgate.core.identity.tokens.claims import incomplete, one
from hexgate.core.identity.user import MOST_ROLES, User

__all__ = ["caller_of", "facts_of", "plain"]


def caller_of(blocks: tuple[Block, ...]) -> User | None:
    """The user that block 1 names; None when it names none, or is not there."""
    if len(blocks) < 2 or not blocks[1].values("user"):
        return None
    block = blocks[1]
    roles = list(dict.fromkeys(texts(block.values("role"))))
    if len(roles) > MOST_ROLES:
        raise incomplete(f"its caller has more than {MOST_ROLES} roles")
    (user_id,) = texts([one(block, "user")])
    session_id = optional(block, "session")
    attributes = ToolCall("attributes", optional(block, "attributes") or "{}")
    if attributes.refusal is not None:
        raise incomplete("the attributes of its caller are no JSON object")
    try:
        return User(user_id, next(iter(roles), None), session_id, roles=roles, attributes=attributes.arguments)
    except UserError:
        raise incomplete("its caller is none that a `User` can be") from None


def plain(user: User) -> User:
    """Who a user is, without limits, as the token says it: the first of several roles is as good as the others."""
    return User(user.user_id, next(iter(user.roles), None), user.session_id, roles=user.roles, attributes=user.facts)


def facts_of(user: User) -> tuple[list[str], dict[str, str]]:
    """The facts that name a user, with places for the values, and the values."""
    facts, values = ["user({user})"], {"user": str(user.user_id)}
    for place, role in enumerate(user.roles):
        facts.append(f"role({{role{place}}})")
        values[f"role{place}"] = role
    if user.session_id is not None:
        facts.append("session({session})")
        values["session"] = user.session_id
    if user.facts:
        facts.append("attributes({attributes})")
        values["attributes"] = user.encoded.decode()
    return facts, values


def optional(block: Block, name: str) -> str | None:
    """The text of a fact that need not be there."""
    return texts([one(block, name)])[0] if block.values(name) else None


def texts(terms: list[Term]) -> list[str]:
    """The texts that the terms are."""
    found = [term.value for term in terms if isinstance(term.value, str)]
    if len(found) != len(terms):
        raise incomplete("its caller is told by something else than texts")
    return found
