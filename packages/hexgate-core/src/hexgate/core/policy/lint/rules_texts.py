"""What constraints about texts let through or cost that cannot have been meant: denials by shape, and large patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hexgate.core.expr import syntax
from hexgate.core.expr.normal import All, AnyOf, Condition, Each, Holds
from hexgate.core.expr.parser import placed as part_of
from hexgate.core.expr.patterns import program_size
from hexgate.core.expr.syntax import Operand, Path, nodes_of
from hexgate.core.policy.document import Rule
from hexgate.core.policy.lint.findings import Remark, Severity
from hexgate.core.policy.lint.folding import operands_of
from hexgate.core.policy.lint.subjects import gathered
from hexgate.core.policy.lint.survey import Survey, judged

__all__ = ["large_repeats", "negated_shape"]

Shape = syntax.Within | syntax.UrlHostIn | syntax.Matches
PASSING: dict[type, tuple[str, str, Severity]] = {
    syntax.Within: (
        "every path that is not clean, such as `a/../b`, is within no directory",
        "say where the path may be: `within` without `not`, or `file_scope`",
        "warning",
    ),
    syntax.UrlHostIn: (
        "everything that is no plain http(s) URL has no host",
        "list the hosts that are allowed: `url_host_in` without `not`",
        "warning",
    ),
    syntax.Matches: (
        "every spelling that the pattern does not foresee fails to match",
        "describe what is allowed: `matches` without `not`, or a list with `in`",
        "note",
    ),
}

MANY_STEPS = 1000
COUNTED = re.compile(r"(?<!\\)\{\d")


def negated_shape(survey: Survey) -> Iterator[Remark]:
    """`not within(…)` and its like, where nothing else says what the text must look like: what is malformed passes."""
    for placed in judged(survey):
        if not any("not" in constraint.text for constraint in placed.rule.constraints):
            continue
        view = survey.views(placed)[0]
        for position, constraint, path in placed.constraints():
            beside = (*view[:position], *view[position + 1 :], *scopes(placed.rule))
            for leaf in unguarded(view[position], beside):
                passing, help, severity = PASSING[type(leaf)]
                span = part_of(constraint.span, constraint.text, leaf.at)
                yield Remark(f"a malformed value passes here: {passing}", help, span, path, severity)


def unguarded(condition: Condition, beside: tuple[Condition, ...]) -> Iterator[Shape]:
    """The leaves that must be false, without a condition beside them that says what the text looks like."""
    match condition:
        case Holds(syntax.Within() | syntax.UrlHostIn() | syntax.Matches() as leaf, False):
            if not any(guards(other, operands_of(leaf)[0]) for other in beside):
                yield leaf
        case All(items):
            for position, item in enumerate(items):
                yield from unguarded(item, (*beside, *items[:position], *items[position + 1 :]))
        case AnyOf(items):
            for item in items:
                yield from unguarded(item, beside)
        case Each(_, _, body):
            yield from unguarded(body, ())


def guards(condition: Condition, operand: Operand) -> bool:
    """Whether the condition says what the operand looks like."""
    match condition:
        case Holds(syntax.Within() | syntax.UrlHostIn() | syntax.Matches() | syntax.InScope() as leaf, True):
            return operands_of(leaf)[0] == operand
        case Holds():
            subject = gathered([condition]).get(operand)
            return subject is not None and subject.values() is not None
        case All(items):
            return any(guards(item, operand) for item in items)
        case AnyOf(items):
            return all(guards(item, operand) for item in items)
        case _:
            return False


def scopes(rule: Rule) -> list[Condition]:
    """The file scope of a rule as conditions."""
    scope = rule.file_scope
    if scope is None:
        return []
    names = (scope.argument,) if scope.argument is not None else ("file_path", "path")
    return [
        Holds(syntax.InScope(Path("args", (name,)), scope.allowed_paths, scope.denied_paths), True) for name in names
    ]


def large_repeats(survey: Survey) -> Iterator[Remark]:
    """A pattern of many steps, so that matching is slow and long texts are refused: a warning where counted repeats are why."""
    seen: set[int] = set()
    for placed in survey.rules:
        for _, constraint, path in placed.constraints():
            if "matches" not in constraint.text or id(constraint.expression) in seen:
                continue
            seen.add(id(constraint.expression))
            for node in nodes_of(constraint.expression):
                if isinstance(node, syntax.Matches) and program_size(node.pattern) >= MANY_STEPS:
                    message = (
                        f"this pattern compiles to {program_size(node.pattern):,} steps, so long texts are refused"
                    )
                    help = "shorten counted repeats and large classes, and limit the length apart, with `count(…) <= …`"
                    severity: Severity = "warning" if COUNTED.search(node.pattern) else "note"
                    yield Remark(message, help, part_of(constraint.span, constraint.text, node.at), path, severity)
