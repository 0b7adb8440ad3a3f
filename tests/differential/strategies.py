"""Whole policies, as the plain documents that `Policy.model_validate` takes, and the calls that are asked about them.

`document` and `question` write one with any `Choices`; `policies` and `contests` are the same as hypothesis strategies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.differential import vocabulary as words
from tests.differential.choices import Choices, HypothesisChoices
from tests.differential.grammar import Flavour, constraint
from tests.differential.reference import Question

__all__ = ["FULL", "PLAIN", "PolicyDict", "Shape", "contests", "document", "policies", "question"]

PolicyDict = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """What a policy may use: laws hold for policies without `exists` and with named file scope arguments."""

    exists: bool = True
    unnamed_scopes: bool = True


FULL = Shape()
PLAIN = Shape(exists=False, unnamed_scopes=False)


def document(choose: Choices, shape: Shape = FULL) -> PolicyDict:
    """An inline document with one to five roles, at least one of which can be selected."""
    names = words.ROLE_NAMES[: choose.number(1, len(words.ROLE_NAMES))]
    if choose.chance(10):
        names = names[1:] or names
    found: PolicyDict = {"version": 1} if choose.chance(20) else {}
    found["consts"] = {name: choose.pick(values) for name, values in words.CONSTS.items()}
    found["roles"] = {name: role(choose, shape, [*names[:position]]) for position, name in enumerate(names)}
    if all(body.get("is_mixin") for body in found["roles"].values()):
        del found["roles"][names[0]]["is_mixin"]
    enforcement(choose, found, 8)
    return found


def role(choose: Choices, shape: Shape, earlier: list[str]) -> PolicyDict:
    """One role's body; it inherits from roles that stand before it, so there is no loop."""
    body: PolicyDict = {"tools": {}}
    if earlier and choose.chance(45):
        parents = [choose.pick(earlier) for _ in range(choose.number(1, 3))]
        body["inherits"] = list(dict.fromkeys(parents))
    for _ in range(choose.pick([4, 0, 1, 2, 3, 5, 6, 7])):
        body["tools"][choose.pick(words.TOOL_NAMES)] = rule(choose, shape)
    if choose.chance(60):
        body["default_policy"] = rule(choose, shape, scoped=False)
    if choose.chance(20):
        body["is_mixin"] = choose.chance(50)
    if choose.chance(30):
        names = [name for name in words.CONSTS if choose.chance(40)]
        body["consts"] = {name: choose.pick(words.CONSTS[name]) for name in names}
    enforcement(choose, body, 10)
    return body


def rule(choose: Choices, shape: Shape, *, scoped: bool = True) -> PolicyDict:
    """A rule with any of its keys."""
    mode = choose.pick(["allow", "allow", "allow", "allow", "approval_required", "approval_required", "deny"])
    found: PolicyDict = {"mode": mode}
    if choose.chance(75):
        flavour = Flavour(exists=shape.exists)
        found["constraints"] = [constraint(choose, flavour) for _ in range(choose.pick([1, 1, 1, 2, 3]))]
        if choose.chance(4):
            found["constraints"].append(found["constraints"][0])
    if mode == "approval_required" and choose.chance(60):
        found["approvers"] = choose.pick([{"role": "finance"}, {"not": "caller"}, {"role": 'x"y', "not": "caller"}])
    if scoped and choose.chance(12):
        found["file_scope"] = file_scope(choose, shape)
    if choose.chance(5):
        found["reason"] = choose.pick(words.TEXTS[2:5])
    enforcement(choose, found, 8)
    return found


def enforcement(choose: Choices, found: PolicyDict, percent: int) -> None:
    """`enforce`, and sometimes `until`, on a document, a role or a rule."""
    if choose.chance(percent):
        found["enforce"] = choose.chance(30)
        if not found["enforce"] and choose.chance(60):
            found["until"] = choose.pick(["2027-01-31", "2020-02-29", "2099-12-31"])


def file_scope(choose: Choices, shape: Shape) -> PolicyDict:
    """A file scope with one or both of its lists."""
    found: PolicyDict = {}
    if not shape.unnamed_scopes or choose.chance(50):
        found["argument"] = choose.pick(["file_path", "path", "text"])
    lists = choose.pick([("allowed_paths",), ("allowed_paths", "denied_paths"), ("denied_paths",)])
    for key in lists:
        found[key] = [pattern(choose) for _ in range(choose.number(1, 3))]
    return found


def pattern(choose: Choices) -> str:
    """A clean relative path pattern."""
    prefix = "./" if choose.chance(5) else ""
    return prefix + "/".join(choose.pick(words.GLOB_SEGMENTS) for _ in range(choose.number(1, 3)))


def question(choose: Choices, policy: PolicyDict) -> Question:
    """A call by someone, near to what the policy asks about."""
    known, any_name = list(policy["roles"]), words.ROLE_NAMES + words.UNKNOWN_ROLES
    roles = [choose.pick(known if choose.chance(80) else any_name) for _ in range(choose.pick([1, 1, 1, 2, 3, 0]))]
    if choose.chance(1):
        roles = [f"role {number}" for number in range(choose.number(30, 33))] + roles
    return Question(
        tool=tool_near(choose, policy["roles"].get(roles[0], {}).get("tools", {}) if roles else {}),
        args=filled(choose, words.KINDS),
        roles=tuple(roles),
        ctx=filled(choose, words.CTX_KINDS),
        user_id=choose.pick(["alice", "user", None]),
        session_id=choose.pick([None, "s-1", "prod"]),
    )


def tool_near(choose: Choices, listed: PolicyDict) -> str:
    """A tool that the role lists, by its name or by a prefix, one that another role may list, or one that nobody knows."""
    if listed and choose.chance(65):
        name = choose.pick(list(listed))
        return (
            name
            if not name.endswith("*") or choose.chance(5)
            else name[:-1] + choose.pick(["read", "github-read", "", "write"])
        )
    return choose.pick(
        words.UNKNOWN_TOOLS if choose.chance(30) else [name for name in words.TOOL_NAMES if "*" not in name]
    )


def filled(choose: Choices, kinds: dict[str, str]) -> dict[str, Any]:
    """An object with most of these fields, some of them of another type than usual."""
    found = {}
    for name, kind in kinds.items():
        if choose.chance(80):
            found[name] = value(choose, kind) if choose.chance(92) else value(choose, choose.pick(list(VALUES)))
    return found


def value(choose: Choices, kind: str) -> Any:
    """Any JSON value of that kind."""
    return VALUES[kind](choose)


def several(kind: str) -> Callable[[Choices], list[Any]]:
    """A list, one element of which may be of another kind."""

    def write(choose: Choices) -> list[Any]:
        found = [value(choose, kind) for _ in range(choose.number(0, 3))]
        if found and choose.chance(12):
            found[-1] = value(choose, choose.pick(["null", "flag", "number", "text"]))
        return found

    return write


def a_text(choose: Choices) -> str:
    found = choose.pick(words.TEXTS)
    return found + choose.pick(words.TEXTS) if choose.chance(10) else found


def a_path(choose: Choices) -> str:
    """A path, clean or nearly so."""
    usual, prefix = words.PATH_SEGMENTS[:7], choose.pick(words.PATH_PREFIXES)
    segments = [choose.pick(usual if choose.chance(80) else words.PATH_SEGMENTS) for _ in range(choose.number(0, 3))]
    return prefix + "/".join(segments)


def a_url(choose: Choices) -> str:
    """A URL, or what only looks like one."""
    scheme = "https://" if choose.chance(50) else choose.pick(words.URL_SCHEMES)
    host = choose.pick(words.HOSTS[:3] if choose.chance(60) else words.HOSTS)
    return scheme + host + choose.pick(words.URL_PORTS) + choose.pick(words.URL_TAILS)


def an_object(choose: Choices) -> dict[str, Any]:
    kinds = {"n": "number", "text": "text", "flag": "flag", "tags": "texts"}
    found = {name: value(choose, kind) for name, kind in kinds.items() if choose.chance(80)}
    return {**found, "deep": {"": [None]}} if choose.chance(10) else found


VALUES: dict[str, Callable[[Choices], Any]] = {
    "number": lambda choose: choose.pick(words.NUMBERS),
    "text": a_text,
    "flag": lambda choose: choose.chance(50),
    "null": lambda choose: None,
    "path": a_path,
    "url": a_url,
    "object": an_object,
    "texts": several("text"),
    "numbers": several("number"),
    "objects": several("object"),
    "rows": several("numbers"),
}


@st.composite
def policies(draw: Callable[[st.SearchStrategy[Any]], Any], shape: Shape = FULL) -> PolicyDict:
    """Documents for `Policy.model_validate`."""
    return document(HypothesisChoices(draw), shape)


@st.composite
def contests(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[PolicyDict, list[Question]]:
    """A document and calls that are asked about it."""
    choose = HypothesisChoices(draw)
    policy = document(choose)
    return policy, [question(choose, policy) for _ in range(choose.number(1, 3))]
