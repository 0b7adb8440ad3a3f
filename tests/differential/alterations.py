"""A program in, programs out that are wrong in one small way each: what an engine could misread, one reading at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.printer import show
from hexgate.core.policy.document import Approvers, Mode
from hexgate.core.program import Check, CompiledRule, Program, RoleIndex

__all__ = ["Alteration", "alterations"]

OTHER_SIGNS = {
    "<=": ("<", "==", ">="),
    ">=": (">", "==", "<="),
    "<": ("<=", "!=", ">"),
    ">": (">=", "!=", "<"),
    "==": ("!=", "<=", ">="),
    "!=": ("==", "<", ">"),
}
OTHER_TESTS = {"startswith": "contains", "endswith": "contains", "contains": "startswith"}

MODES: tuple[Mode, ...] = ("allow", "deny", "approval_required")
MONITORS: tuple[bool | str, ...] = (False, True, "2027-01-31")
APPROVERS = (None, Approvers(), Approvers("x"), Approvers("finance", True))


@dataclass(frozen=True)
class Alteration:
    """What is wrong, and the program that is wrong in it."""

    what: str
    program: Program


def alterations(program: Program) -> Iterator[Alteration]:
    """Every small wrong reading that is known here, of every rule of every role."""
    for name, index in program.roles.items():
        for what, wrong in wrong_roles(index):
            yield Alteration(f"{name}: {what}", with_role(program, wrong))


def with_field(value: Any, name: str, changed: Any) -> Any:
    """The value with one field changed."""
    fields: dict[str, Any] = {name: changed}
    return replace(value, **fields)


def with_role(program: Program, index: RoleIndex) -> Program:
    return replace(program, roles=MappingProxyType({**program.roles, index.name: index}))


def wrong_roles(index: RoleIndex) -> Iterator[tuple[str, RoleIndex]]:
    """A role with one rule read wrongly, or found wrongly."""
    for kind in ("exact", "prefixes"):
        rules = getattr(index, kind)
        for tool, rule in rules.items():
            for what, wrong in wrong_rules(rule):
                yield f"{rule.tool}: {what}", with_field(index, kind, MappingProxyType({**rules, tool: wrong}))
            others = {other: kept for other, kept in rules.items() if other != tool}
            yield f"{rule.tool} is not found", with_field(index, kind, MappingProxyType(others))
            yield from found_wrongly(index, kind, tool, rule)
    for what, wrong in wrong_rules(index.rest):
        yield f"the rest: {what}", replace(index, rest=wrong)


def found_wrongly(index: RoleIndex, kind: str, tool: str, rule: CompiledRule) -> Iterator[tuple[str, RoleIndex]]:
    """An exact name taken for a prefix, a prefix for an exact name, the shortest prefix before the longest."""
    if kind == "exact":
        longest = sorted({**index.prefixes, tool: rule}.items(), key=lambda item: -len(item[0]))
        yield f"{tool} is a prefix", replace(index, prefixes=MappingProxyType(dict(longest)))
        return
    rest = {name: other for name, other in index.prefixes.items() if name != tool}
    exact = {tool: rule, **index.exact}
    yield (
        f"{tool}* is exact",
        replace(index, prefixes=MappingProxyType(rest), exact=MappingProxyType(exact)),
    )
    yield f"{tool}* wants one more character", replace(index, exact=MappingProxyType({tool: index.rest, **index.exact}))


def wrong_rules(rule: CompiledRule) -> Iterator[tuple[str, CompiledRule]]:
    """A rule with one part of it lost, changed or misread."""
    yield from wrong_answers(rule)
    for at, check in enumerate(rule.checks):
        before, after = rule.checks[:at], rule.checks[at + 1 :]
        yield f"{check.text} is lost", replace(rule, checks=before + after)
        yield f"{check.text} has another text", replace(rule, checks=(*before, replace(check, text="?"), *after))
        for what, wrong in wrong_conditions(check.condition):
            yield f"{check.text}: {what}", replace(rule, checks=(*before, Check(check.text, wrong), *after))
    if len({check.text for check in rule.checks}) > 1:
        yield "the checks backwards", replace(rule, checks=rule.checks[::-1])


def wrong_answers(rule: CompiledRule) -> Iterator[tuple[str, CompiledRule]]:
    """A rule whose answer, once its constraints hold or do not, is another one."""
    yield from ((f"mode {mode}", replace(rule, mode=mode)) for mode in MODES if mode != rule.mode)
    if rule.mode == "deny":
        yield "explicit or not", replace(rule, listed=not rule.listed)
    for monitor in MONITORS:
        if monitor != rule.monitor:
            yield f"monitor {monitor}", replace(rule, monitor=monitor)
    for approvers in APPROVERS if rule.mode == "approval_required" else ():
        if approvers != rule.approvers:
            yield f"approvers {approvers}", replace(rule, approvers=approvers)


def wrong_conditions(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """A condition with one part of it lost, changed or misread."""
    match condition:
        case Holds(leaf, wanted):
            for what, wrong in wrong_leaves(leaf):
                yield f"{what} in {shown(leaf)}", Holds(wrong, wanted)
            yield f"not {shown(leaf)}", Holds(leaf, not wanted)
            path = next((operand for operand in operands(leaf) if isinstance(operand, syntax.Path)), None)
            if path is not None and path.root in ("args", "ctx") and not isinstance(leaf, syntax.Exists):
                missing = Holds(syntax.Exists(path), False)
                yield f"missing passes in {shown(leaf)}", AnyOf((condition, missing))
                yield f"unknown passes in {shown(leaf)}", AnyOf((condition, not_known(condition)))
        case All(items) | AnyOf(items):
            kind = type(condition)
            yield "and for or", (AnyOf if kind is All else All)(items)
            for at, item in enumerate(items):
                rest = items[:at] + items[at + 1 :]
                yield f"part {at} is lost", kind(rest) if len(rest) > 1 else rest[0]
                yield from (
                    (what, kind((*items[:at], wrong, *items[at + 1 :]))) for what, wrong in wrong_conditions(item)
                )
        case _:
            other = "any" if condition.kind == "every" else "every"
            yield f"{other} for {condition.kind}", Each(other, condition.path, condition.body)  # type: ignore[arg-type]
            yield from (
                (what, Each(condition.kind, condition.path, wrong)) for what, wrong in wrong_conditions(condition.body)
            )


def not_known(condition: Holds) -> Condition:
    """A leaf that is neither true nor false cannot be written; a text for a number, and the like, comes near."""
    path = next(operand for operand in operands(condition.leaf) if isinstance(operand, syntax.Path))
    return All(
        (Holds(syntax.Exists(path), True), Holds(syntax.Comparison("==", syntax.Count(path), syntax.Count(path)), True))
    )


def operands(leaf: syntax.Leaf) -> list[Any]:
    return [
        getattr(leaf, name)
        for name in ("left", "right", "operand", "members", "text", "part", "path", "url")
        if hasattr(leaf, name)
    ]


def shown(leaf: syntax.Leaf) -> str:
    return repr(leaf) if isinstance(leaf, syntax.InScope) else show(leaf)


def wrong_leaves(leaf: syntax.Leaf) -> Iterator[tuple[str, syntax.Leaf]]:
    """A leaf with one part of it changed."""
    yield from WRONG[type(leaf)](leaf)
    for name in ("left", "right", "operand", "members", "text", "part", "path", "url"):
        if hasattr(leaf, name) and not isinstance(leaf, syntax.Exists):
            for what, wrong in wrong_operands(getattr(leaf, name)):
                yield what, with_field(leaf, name, wrong)


def wrong_operands(operand: Any) -> Iterator[tuple[str, Any]]:
    """An operand that is nearly the one that was written."""
    match operand:
        case syntax.Literal(value):
            yield from ((f"{other!r:.40} for {value!r:.40}", syntax.Literal(other)) for other in wrong_values(value))
        case syntax.Lower(inner):
            yield "no lower", inner
        case syntax.Path(root, steps) if root in ("args", "ctx"):
            yield "another fact", syntax.Path("ctx" if root == "args" else "args", steps)
        case _:
            return


def wrong_values(value: Any) -> Iterator[Any]:
    """Values that an engine could take for this one."""
    if isinstance(value, bool):
        yield from (not value, int(value))
    elif isinstance(value, int | Decimal):
        yield from (value + 1, value - 1, Decimal(value) + Decimal("0.5"), str(value))
    elif isinstance(value, str):
        yield from {f"{value}a", value[:-1], value.swapcase(), value[1:]} - {value}
    elif isinstance(value, tuple):
        yield from (value[:at] + value[at + 1 :] for at in range(len(value)))
        yield from (
            (*value[:at], wrong, *value[at + 1 :]) for at in range(len(value)) for wrong in wrong_values(value[at])
        )


def wrong_comparison(leaf: syntax.Comparison) -> Iterator[tuple[str, syntax.Leaf]]:
    for sign in OTHER_SIGNS[leaf.operator]:
        yield f"{sign} for {leaf.operator}", replace(leaf, operator=sign)  # type: ignore[arg-type]
    if leaf.operator not in ("==", "!="):
        yield "sides swapped", replace(leaf, left=leaf.right, right=leaf.left)


def wrong_text_test(leaf: syntax.TextTest) -> Iterator[tuple[str, syntax.Leaf]]:
    yield f"{OTHER_TESTS[leaf.test]} for {leaf.test}", replace(leaf, test=OTHER_TESTS[leaf.test])  # type: ignore[arg-type]
    yield "sides swapped", replace(leaf, text=leaf.part, part=leaf.text)
    yield "equal", syntax.Comparison("==", leaf.text, leaf.part)


def wrong_matches(leaf: syntax.Matches) -> Iterator[tuple[str, syntax.Leaf]]:
    for pattern in {
        f"^(?:{leaf.pattern})",
        f"(?:{leaf.pattern})$",
        f"(?i){leaf.pattern}",
        f"(?:{leaf.pattern}).",
        "",
        "^$",
    }:
        yield f"{pattern} for {leaf.pattern}", replace(leaf, pattern=pattern)


def wrong_within(leaf: syntax.Within) -> Iterator[tuple[str, syntax.Leaf]]:
    for at, directory in enumerate(leaf.directories):
        rest = leaf.directories[:at] + leaf.directories[at + 1 :]
        yield f"{directory} is lost", replace(leaf, directories=rest or ("nowhere",))
        yield f"inside of {directory}", replace(leaf, directories=(*rest, f"{directory}/a"))
    yield "only a beginning", syntax.TextTest("startswith", leaf.path, syntax.Literal(leaf.directories[0]))


def wrong_url(leaf: syntax.UrlHostIn) -> Iterator[tuple[str, syntax.Leaf]]:
    hosts: Any = leaf.hosts.value if isinstance(leaf.hosts, syntax.Literal) else ()
    for at, host in enumerate(hosts):
        rest = hosts[:at] + hosts[at + 1 :]
        yield f"{host} is lost", replace(leaf, hosts=syntax.Literal(rest))
        turned = host.removeprefix("*.") if host.startswith("*.") else f"*.{host}"
        yield f"{turned} for {host}", replace(leaf, hosts=syntax.Literal((*rest, turned)))
        yield f"{turned} and {host}", replace(leaf, hosts=syntax.Literal((*hosts, turned)))
        yield f"contains {host}", syntax.TextTest("contains", leaf.url, syntax.Literal(host.removeprefix("*.")))


def wrong_scope(leaf: syntax.InScope) -> Iterator[tuple[str, syntax.Leaf]]:
    yield "nothing is denied", replace(leaf, denied=())
    for name in ("allowed", "denied"):
        patterns = getattr(leaf, name) or ()
        for at, pattern in enumerate(patterns):
            rest = patterns[:at] + patterns[at + 1 :]
            crossing = pattern.replace("**", "?").replace("*", "**").replace("?", "**")
            for other in {pattern.replace("**", "*"), crossing, f"{pattern}a"} - {pattern}:
                yield f"{other} for {pattern}", with_field(leaf, name, (*rest, other))
            yield f"{pattern} is lost", with_field(leaf, name, rest)


WRONG: dict[type, Callable[[Any], Iterator[tuple[str, syntax.Leaf]]]] = {
    syntax.Comparison: wrong_comparison,
    syntax.Membership: lambda leaf: iter(()),
    syntax.TextTest: wrong_text_test,
    syntax.Matches: wrong_matches,
    syntax.Within: wrong_within,
    syntax.UrlHostIn: wrong_url,
    syntax.Exists: lambda leaf: iter([("always", syntax.Comparison("==", syntax.Literal(1), syntax.Literal(1)))]),
    syntax.InScope: wrong_scope,
}
