"""The tools of a manifest in, the policy to begin with out: what reads is allowed, what changes something asks, nobody else may.

A tool is judged by the whole words of its name. One of whose words none is known, or which both reads and changes, is unclear, and
asks a human whoever calls it.

# INVARIANT: the document is built, never pasted together, so no name of a tool can say anything but its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from hexgate.core.policy import Policy
from hexgate.core.policy.builder import PolicyBuilder

__all__ = ["Kind", "kind_of", "starter_policy"]

# `getURLOf_user-2` is `get URL Of user 2`.
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
READS = frozenset(
    WORD.findall(
        """
        browse check compare count describe diff download explain fetch find get glob grep head inspect list look lookup ls peek
        preview query read retrieve scan search show status summarize tail validate verify view
        """
    )
)
CHANGES = frozenset(
    WORD.findall(
        """
        accept add apply approve assign attach bash buy call cancel change clear close commit configure
        create delete deploy disable drop edit enable exec execute forward give grant import insert install invite
        invoke kill modify move overwrite pay publish purchase purge push put refund reject
        remove rename replace reply reset restart restore revoke rm rollback rotate save sell send shell start
        stop submit subscribe sudo sync terminate transfer trigger truncate unlock unsubscribe update upload upsert wire withdraw
        write
        """
    )
)
# Words that are as often the name of a thing: they say that something is done only where they stand first.
CHANGES_IF_FIRST = frozenset(
    WORD.findall("archive block book charge copy credit email lock merge message order patch post run schedule set")
)


class Kind(Enum):
    """What a name says of its tool."""

    READS = "reads"
    CHANGES = "changes"
    UNCLEAR = "unclear"


def kind_of(name: str) -> Kind:
    """What the words of a name say."""
    words = [word.lower() for word in WORD.findall(name)]
    found = set()
    if READS.intersection(words):
        found.add(Kind.READS)
    if CHANGES.intersection(words) or CHANGES_IF_FIRST.intersection(words[:1]):
        found.add(Kind.CHANGES)
    return found.pop() if len(found) == 1 else Kind.UNCLEAR


def starter_policy(tools: Iterable[str]) -> Policy:
    """The policy of an agent that was never here before; raises a `PolicyError` for a name that no tool can have."""
    kinds = {name: kind_of(name) for name in tools}
    of = {kind: [name for name, found in kinds.items() if found is kind] for kind in Kind}
    builder = PolicyBuilder().mixin("read_only")
    for name in of[Kind.READS]:
        builder.allow(name)
    builder.role("default").default("deny", reason="give the user a role first")
    builder.role("member", inherits=["read_only"])
    for name in (*of[Kind.CHANGES], *of[Kind.UNCLEAR]):
        builder.require_approval(name)
    builder.role("admin", inherits=["read_only"])
    for name in of[Kind.CHANGES]:
        builder.allow(name)
    for name in of[Kind.UNCLEAR]:
        builder.require_approval(name)
    return builder.build()
