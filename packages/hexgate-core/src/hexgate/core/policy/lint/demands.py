"""Conditions in, whether they can ever hold together and whether one follows from another out.

Conditions are brought into alternatives, each a list of leaves that must all hold; what these demand of one operand is put
together.

# INVARIANT: only what is certain for every call is called impossible, certain or implied; when in doubt the answer is no.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.printer import show, show_operand
from hexgate.core.expr.syntax import Literal, Path
from hexgate.core.policy.lint.budget import spend
from hexgate.core.policy.lint.folding import operands_of, replaced
from hexgate.core.policy.lint.subjects import Part, Subject, gathered, has_capital, settled, signed, weight

__all__ = ["certain", "implies", "impossible", "key_of"]

MOST_ALTERNATIVES = 128


def impossible(*conditions: Condition) -> bool:
    """Whether no call whatever makes all of the conditions hold."""
    alternatives = alternatives_of(All(conditions))
    return alternatives is not None and all(conflicting(parts) for parts in alternatives)


def certain(condition: Condition) -> bool:
    """Whether the condition holds for every call."""
    match condition:
        case Holds(leaf, _):
            return settled(condition, leaf) is True
        case All(items):
            return all(certain(item) for item in items)
        case AnyOf(items):
            return any(certain(item) for item in items)
        case _:
            return False


def implies(condition: Condition, other: Condition) -> bool:
    """Whether the other condition holds wherever this one does."""
    spend()
    if isinstance(other, All):
        return all(implies(condition, item) for item in other.items)
    if isinstance(condition, All):
        return any(implies(item, other) for item in condition.items)
    if isinstance(condition, AnyOf):
        return all(implies(item, other) for item in condition.items)
    if isinstance(other, AnyOf):
        return any(implies(condition, item) for item in other.items)
    return key_of(condition) == key_of(other) or (
        isinstance(condition, Holds) and isinstance(other, Holds) and follows(other, condition)
    )


def key_of(condition: Condition) -> str:
    """One text for conditions that mean the same, since Python holds that True equals 1."""
    match condition:
        case Holds(leaf, wanted):
            return f"{wanted}:{leaf!r}" if isinstance(leaf, syntax.InScope) else f"{wanted}:{show(leaf)}"
        case All(items) | AnyOf(items):
            return f"{type(condition).__name__}({','.join(map(key_of, items))})"
        case _:
            return f"{condition.kind}({show_operand(condition.path)},{key_of(condition.body)})"


def alternatives_of(condition: Condition) -> list[tuple[Part, ...]] | None:
    """The condition as alternatives of leaves, None when there are too many to look at."""
    if isinstance(condition, Holds | Each):
        return [(condition,)]
    joined = isinstance(condition, All)
    done: list[tuple[Part, ...]] = [()] if joined else []
    for item in condition.items:
        more = alternatives_of(item)
        if more is None:
            return None
        if (len(done) * len(more) if joined else len(done) + len(more)) > MOST_ALTERNATIVES:
            return None
        spend(len(done) * len(more))
        done = [(*left, *right) for left in done for right in more] if joined else [*done, *more]
    return done


def conflicting(parts: Sequence[Part]) -> bool:
    """Whether leaves that must all hold cannot."""
    if any(never(part) for part in parts):
        return True
    subjects = gathered(parts)
    absent = [path for part in parts for path in absent_in(part)]
    present = [operand for operand in subjects if isinstance(operand, Path)]
    if any(is_below(path, gone) for gone in absent for path in present):
        return True
    return any(subject.conflicting() for subject in subjects.values())


def absent_in(part: Part) -> Iterator[Path]:
    """The path that must not be there."""
    if isinstance(part, Holds) and isinstance(part.leaf, syntax.Exists) and not part.wanted:
        yield part.leaf.path


def never(part: Part) -> bool:
    """Whether a part alone cannot hold."""
    if isinstance(part, Each):
        return part.kind == "any" and impossible(part.body)
    leaf = part.leaf
    known = settled(part, leaf)
    if known is not None:
        return not known
    if isinstance(leaf, syntax.Comparison):
        return leaf.left == leaf.right and signed(leaf, part.wanted) in ("!=", "<", ">")
    if isinstance(leaf, syntax.TextTest):
        # A text in lower case holds no capital.
        return (
            part.wanted
            and isinstance(leaf.text, syntax.Lower)
            and isinstance(leaf.part, Literal)
            and has_capital(leaf.part.value)
        )
    return False


def is_below(path: Path, other: Path) -> bool:
    """Whether a path is another one or a field somewhere in it."""
    return path.root == other.root and path.steps[: len(other.steps)] == other.steps


def follows(part: Holds, given: Holds) -> bool:
    """Whether a leaf holds wherever another one does."""
    subjects = gathered([given])
    if isinstance(part.leaf, syntax.Exists):
        return part.wanted and part.leaf.path in subjects
    facts = [operand for operand in operands_of(part.leaf) if not isinstance(operand, Literal)]
    subject = subjects.get(facts[0]) if len(facts) == 1 else None
    if subject is None:
        return False
    values = subject.values()
    if values:
        spend(len(values) * weight(part))
        return all(settled(part, replaced(part.leaf, facts[0], value)) is True for value in values)
    return is_tighter(subject, gathered([part])[facts[0]])


def is_tighter(subject: Subject, other: Subject) -> bool:
    """Whether the order in which one stands to a literal brings that of the other with it."""
    given, wanted = next(subject.ordering(), None), next(other.ordering(), None)
    if not subject.kinds or subject.kinds != other.kinds or given is None or wanted is None:
        return False
    direction = wanted[0][0]
    return given[0][0] == direction and subject.bound(*given).is_within(other.bound(*wanted), direction)
