"""What constraints say that cannot have been meant: each function looks for one thing in every rule of a policy."""

from __future__ import annotations

from collections.abc import Iterator

from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.parser import placed as part_of
from hexgate.core.expr.printer import show, show_operand
from hexgate.core.expr.syntax import nodes_of
from hexgate.core.policy.document import Constraint
from hexgate.core.policy.lint.demands import certain, implies, impossible
from hexgate.core.policy.lint.findings import Remark
from hexgate.core.policy.lint.survey import Placed, Survey, judged, short
from hexgate.core.text import Span

__all__ = [
    "always_true",
    "constraints_of_a_denial",
    "contradicting",
    "never_true",
    "unreachable_alternative",
    "unreachable_approval",
    "widening_exists",
]

# Comparing every side of an `or` with every other takes the square of their number.
MOST_SIDES = 64


def never_true(survey: Survey) -> Iterator[Remark]:
    """A constraint that no call can meet."""
    for placed in judged(survey):
        if placed.rule.mode == "allow":
            for position, constraint, path in placed.constraints():
                if all(impossible(view[position]) for view in survey.views(placed)):
                    yield Remark(
                        f"no call can make `{shown(constraint)}` true, so {placed.name} never allows",
                        "correct the constraint, or write `mode: deny` if that is what is meant",
                        constraint.span,
                        path,
                    )


def contradicting(survey: Survey) -> Iterator[Remark]:
    """Constraints each of which can be met, but not all together."""
    for placed in judged(survey):
        if placed.rule.mode != "allow" or not all(impossible(*view) for view in survey.views(placed)):
            continue
        if any(impossible(condition) for view in survey.views(placed) for condition in view):
            continue
        constraints = list(placed.constraints())
        first, second = conflict_in(survey, placed)
        yield Remark(
            f"`{shown(constraints[first][1])}` and `{shown(constraints[second][1])}` cannot both be true,"
            f" so {placed.name} never allows",
            "all constraints of a rule must hold: join alternatives by `or` in one constraint",
            constraints[second][1].span,
            constraints[second][2],
        )


def conflict_in(survey: Survey, placed: Placed) -> tuple[int, int]:
    """The first two constraints that exclude one another; the first and the last where it takes more than two."""
    views, count = survey.views(placed), len(placed.rule.constraints)
    # A path lies in another one only where both begin with one step.
    facts = [
        {(path.root, *path.steps[:1]) for view in views for path in paths_in(view[position])}
        for position in range(count)
    ]
    # Of each fact, the constraints before this one that read it: those that read nothing in common exclude nothing.
    readers: dict[tuple[object, ...], list[int]] = {}
    for second in range(count):
        for first in sorted({first for fact in facts[second] for first in readers.get(fact, ())}):
            if all(impossible(view[first], view[second]) for view in views):
                return first, second
        for fact in facts[second]:
            readers.setdefault(fact, []).append(second)
    return 0, count - 1


def unreachable_approval(survey: Survey) -> Iterator[Remark]:
    """A rule that would ask for approval, were there a call that met its constraints."""
    for placed in judged(survey):
        if placed.rule.mode == "approval_required" and all(impossible(*view) for view in survey.views(placed)):
            constraints = [constraint for _, constraint, _ in placed.constraints()]
            alone = [
                constraint
                for position, constraint in enumerate(constraints)
                if all(impossible(view[position]) for view in survey.views(placed))
            ]
            yield Remark(
                f"approval is never asked for: no call can meet the constraints of {placed.name}",
                "a constraint that does not hold denies; correct the constraints, or delete them to ask for every call",
                (alone or constraints)[0].span,
                placed.path,
            )


def always_true(survey: Survey) -> Iterator[Remark]:
    """A constraint that every call meets."""
    for placed in judged(survey):
        for position, constraint, path in placed.constraints():
            if all(certain(view[position]) for view in survey.views(placed)):
                help = "delete it, or compare with the fact that was meant"
                yield Remark(
                    f"`{shown(constraint)}` is true for every call that comes here", help, constraint.span, path
                )


def constraints_of_a_denial(survey: Survey) -> Iterator[Remark]:
    """Conditions on a rule that denies either way."""
    for placed in survey.rules:
        rule = placed.rule
        if rule.mode == "deny" and (rule.constraints or rule.file_scope):
            what = "constraints" if rule.constraints else "the `file_scope`"
            yield Remark(
                f"{what} of {placed.name} change nothing: `mode: deny` denies whether they hold or not",
                "to deny only some calls, write `mode: allow` with constraints that those calls do not meet",
                rule.constraints[0].span if rule.constraints else rule.span,
                f"{placed.path}.{'constraints' if rule.constraints else 'file_scope'}",
            )


def unreachable_alternative(survey: Survey) -> Iterator[Remark]:
    """A side of an `or` that decides nothing, since another side covers it or no call meets it."""
    for placed in judged(survey):
        for position, constraint, path in placed.constraints():
            if "or" not in constraint.text:
                continue
            conditions = [view[position] for view in survey.views(placed)]
            useless = list(useless_in(constraint.expression, conditions))
            # One cause, one finding: a constraint that is never true, or always, is told of as a whole.
            if useless and any(impossible(condition) or certain(condition) for condition in conditions):
                continue
            for at, why in useless:
                message = f"`{text_at(constraint, at)}` {why}"
                help = "delete it, or correct it if something else was meant"
                yield Remark(message, help, part_of(constraint.span, constraint.text, at), path)


def text_at(constraint: Constraint, at: tuple[int, int]) -> str:
    return short(constraint.text[slice(*at)])


def useless_in(expression: syntax.Expression, conditions: list[Condition]) -> Iterator[tuple[tuple[int, int], str]]:
    """The places of useless alternatives with what is wrong with each. Tree and conditions have the same shape, `not` aside."""
    match expression:
        case syntax.And(items):
            for position, item in enumerate(items):
                yield from useless_in(item, [parts_of(condition)[position] for condition in conditions])
        case syntax.Quantified(_, _, body):
            yield from useless_in(body, [each.body for each in conditions if isinstance(each, Each)])
        case syntax.Or(items) if len(items) <= MOST_SIDES:
            sides = [[parts_of(condition)[position] for condition in conditions] for position in range(len(items))]
            read = [paths_in(item) for item in items]
            for position, item in enumerate(items):
                why = fault_of(position, items, sides, read)
                if why:
                    yield item.at, why
                else:
                    yield from useless_in(item, sides[position])


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """What a condition joins."""
    return condition.items if isinstance(condition, All | AnyOf) else ()


def fault_of(
    position: int,
    items: tuple[syntax.Expression, ...],
    sides: list[list[Condition]],
    read: list[frozenset[syntax.Path]],
) -> str | None:
    """Why an alternative decides nothing. Of two that mean the same the second is the useless one."""
    own = sides[position]
    if all(impossible(side) for side in own):
        return "can never be true"
    for other, side in enumerate(sides):
        if other == position or not read[other] <= read[position] or not all(map(implies, own, side)):
            continue
        if show(items[other]) == show(items[position]) and other < position:
            return "says what another alternative says already"
        if other < position or not all(map(implies, side, own)):
            return f"decides nothing: whenever it is true, `{short(show(items[other]))}` is true as well"
    return None


def paths_in(expression: syntax.Expression | Condition) -> frozenset[syntax.Path]:
    """The facts that a constraint reads: of what it does not read nothing follows."""
    return frozenset(node for node in nodes_of(expression) if isinstance(node, syntax.Path))


def widening_exists(survey: Survey) -> Iterator[Remark]:
    """`exists` where a call passes because something is left out, or because it is there with whatever value."""
    for placed in judged(survey):
        for position, constraint, path in placed.constraints():
            if "exists" not in constraint.text:
                continue
            for leaf, wanted, sides in exists_in(survey.views(placed)[0][position], ()):
                span = part_of(constraint.span, constraint.text, leaf.at)
                fact = show_operand(leaf.path)
                if not wanted:
                    yield left_out(fact, leaf.path, sides, span, path)
                elif sides and not all(isinstance(side, Holds) and is_exists(side.leaf) for side in sides):
                    message = f"`{fact}` is enough to pass, whatever its value: even null, false or an empty text"
                    yield Remark(message, "compare its value instead, or join the two by `and`", span, path)


def is_exists(leaf: syntax.Leaf) -> bool:
    return isinstance(leaf, syntax.Exists)


def exists_in(
    condition: Condition, sides: tuple[Condition, ...]
) -> Iterator[tuple[syntax.Exists, bool, tuple[Condition, ...]]]:
    """Each `exists`, whether it is wanted, and the alternatives among which it stands directly."""
    match condition:
        case Holds(syntax.Exists() as leaf, wanted):
            yield leaf, wanted, sides
        case All(items):
            for item in items:
                yield from exists_in(item, ())
        case AnyOf(items):
            for item in items:
                yield from exists_in(item, items)
        case Each(_, _, body):
            yield from exists_in(body, ())


def left_out(fact: str, path: syntax.Path, sides: tuple[Condition, ...], span: Span | None, place: str) -> Remark:
    """A call that passes because it leaves something out: a note where the value is checked once it is there."""
    checked = any(
        isinstance(node, syntax.Path) and node.root == path.root and node.steps[: len(path.steps)] == path.steps
        for side in sides
        if not (isinstance(side, Holds) and is_exists(side.leaf))
        for node in nodes_of(side)
    )
    message = f"a call passes here by leaving out `{fact}`"
    if checked:
        return Remark(message, "fine if the tool takes it as optional and its default is harmless", span, place, "note")
    return Remark(message, "demand a value instead: what is missing then denies", span, place)


def shown(constraint: Constraint) -> str:
    return short(constraint.text)
