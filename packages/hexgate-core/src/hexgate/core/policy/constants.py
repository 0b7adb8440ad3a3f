"""The selectable roles of a document in, the constants that their constraints misuse out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Literal as OneOf

from hexgate.core.errors import MOST_MISTAKES, Mistake
from hexgate.core.expr import syntax
from hexgate.core.expr.clean import host_mistake
from hexgate.core.expr.parser import placed
from hexgate.core.expr.syntax import Const, Value
from hexgate.core.policy.document import Constraint
from hexgate.core.policy.fields import shown
from hexgate.core.policy.roles import FlatRole
from hexgate.core.text import suggestion

__all__ = ["Use", "constant_mistakes", "uses"]

Place = OneOf["any", "text", "list", "hosts"]


@dataclass(frozen=True, slots=True)
class Use:
    """A constant where it is read, and what it must be there."""

    const: Const
    place: Place


def uses(node: object, place: Place = "any") -> Iterator[Use]:
    """The constants of a tree, from left to right."""
    if isinstance(node, Const):
        yield Use(node, place)
    elif isinstance(node, tuple):
        for item in node:
            yield from uses(item)
    elif isinstance(node, NODES):
        for field in fields(node):
            yield from uses(getattr(node, field.name), PLACES.get((type(node), field.name), "any"))


NODES = (
    *(syntax.Not, syntax.And, syntax.Or, syntax.Quantified, syntax.Comparison, syntax.Membership, syntax.TextTest),
    *(syntax.Matches, syntax.Within, syntax.UrlHostIn, syntax.Lower),
)
PLACES: Mapping[tuple[type, str], Place] = {
    (syntax.Membership, "members"): "list",
    (syntax.UrlHostIn, "hosts"): "hosts",
    (syntax.TextTest, "text"): "text",
    (syntax.TextTest, "part"): "text",
    (syntax.Matches, "text"): "text",
    (syntax.Within, "path"): "text",
    (syntax.UrlHostIn, "url"): "text",
    (syntax.Lower, "operand"): "text",
}


def constant_mistakes(roles: Iterable[FlatRole]) -> list[Mistake]:
    """Constants that are not defined, or not what they must be, each told once for each place and meaning."""
    mistakes: dict[tuple[object, ...], Mistake] = {}
    near: dict[tuple[str, str], str | None] = {}
    read: dict[str, list[Use]] = {}
    for role in (each for each in roles if each.whole):
        for tool, rule in [
            *role.tools.items(),
            *([("default_policy", role.default_policy)] if role.default_policy else []),
        ]:
            for constraint in rule.constraints:
                if "consts" not in constraint.text:
                    continue
                if constraint.text not in read:
                    read[constraint.text] = list(uses(constraint.expression))
                for use in read[constraint.text]:
                    mistake = use_mistake(use, constraint, role, tool, near)
                    if mistake is not None:
                        mistakes.setdefault(
                            (mistake.message, str(mistake.span), mistake.path if mistake.span is None else ""), mistake
                        )
    return list(mistakes.values())


def use_mistake(
    use: Use, constraint: Constraint, role: FlatRole, tool: str, near: dict[tuple[str, str], str | None]
) -> Mistake | None:
    """What is wrong with one use in one role; `near` remembers what was suggested, which is not cheap to find."""
    name = use.const.name
    wrong = WRONG[use.place](role.consts[name]) if name in role.consts else ""
    if wrong is None:
        return None
    span = placed(constraint.span, constraint.text, use.const.at)
    path = f"roles.{role.name}.{tool if tool == 'default_policy' else f'tools.{tool}'}.constraints"
    if name not in role.consts:
        if (role.name, name) not in near and len(near) < MOST_MISTAKES:
            near[role.name, name] = suggestion(name, role.consts)
        help = near.get((role.name, name)) or "define it below `consts:` of the document, the role or a parent"
        return Mistake("HX311", f"unknown constant `{shown(name)}` in role `{shown(role.name)}`", help, span, path)
    code = "HX315" if wrong.startswith("holds the host") else "HX312"
    return Mistake(code, f"the constant `{name}` {wrong} in role `{shown(role.name)}`", HELP[use.place], span, path)


def nothing_wrong(_: Value) -> None:
    """Any value will do."""


def not_a_text(value: Value) -> str | None:
    return None if isinstance(value, str) else "is no text"


def not_a_list(value: Value) -> str | None:
    return None if isinstance(value, tuple) else "is no list"


def not_hosts(value: Value) -> str | None:
    """Why the value is no list of hosts."""
    if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
        return "is no list of texts"
    for item in value:
        wrong = host_mistake(str(item))
        if wrong is not None:
            return f"holds the host `{shown(str(item))}`: {wrong},"
    return None


WRONG = {"any": nothing_wrong, "text": not_a_text, "list": not_a_list, "hosts": not_hosts}
HELP = {
    "any": None,
    "text": "give it a text as its value",
    "list": "give it a list as its value, or compare with `==`",
    "hosts": "list host names such as `example.com` or `*.example.com`",
}
