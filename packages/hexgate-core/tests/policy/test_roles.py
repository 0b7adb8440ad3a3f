"""Parents come left to right, then the child; a whole entry replaces a whole entry; the document's constants lie below all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import Policy, PolicyError
from hexgate.core.errors import Mistake
from hexgate.core.policy.document import Document, Role, Rule
from hexgate.core.policy.roles import DEEPEST_INHERITANCE, flatten


def mistakes(text: str) -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text(text)
    return list(caught.value.mistakes)


def slow(document: Document, name: str) -> tuple[Rule | None, dict[str, Rule], dict[str, Any]]:
    """The definition of inheritance, word for word."""
    role = document.roles[name]
    default_policy: Rule | None = None
    tools: dict[str, Rule] = {}
    consts: dict[str, Any] = {}
    for parent in role.inherits:
        default_of_parent, tools_of_parent, consts_of_parent = slow(document, parent)
        if default_of_parent is not None:
            default_policy = default_of_parent
        tools = {**tools, **tools_of_parent}
        consts = {**consts, **consts_of_parent}
    if role.default_policy is not None:
        default_policy = role.default_policy
    return default_policy, {**tools, **role.tools}, {**consts, **role.consts}


RULES = st.builds(Rule, st.sampled_from(["allow", "deny", "approval_required"]), reason=st.sampled_from("abcdef"))
CONSTS = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 3), max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents without loops, written in any order."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True))
    roles = [
        Role(
            name,
            is_mixin=draw(st.booleans()),
            inherits=tuple(draw(st.lists(st.sampled_from(names[:position]), max_size=3)) if position else ()),
            default_policy=draw(st.none() | RULES),
            tools=draw(st.dictionaries(st.sampled_from(["t", "u", "v*"]), RULES, max_size=3)),
            consts=draw(CONSTS),
            monitor=draw(st.sampled_from([None, True, False])),
        )
        for position, name in enumerate(names)
    ]
    return Document({role.name: role for role in draw(st.permutations(roles))}, draw(CONSTS))


@given(documents())
def test_flattening_is_the_recursive_definition(document: Document) -> None:
    flat = flatten(document)
    assert list(flat) == [name for name, role in document.roles.items() if not role.is_mixin]
    for name, role in flat.items():
        default_policy, tools, consts = slow(document, name)
        assert (role.name, role.monitor) == (name, document.roles[name].monitor)
        assert (role.default_policy, role.tools, role.consts) == (default_policy, tools, {**document.consts, **consts})


@given(documents())
def test_flattening_changes_no_part_of_the_document(document: Document) -> None:
    before = repr(document)
    flatten(document)
    assert repr(document) == before


def test_a_later_parent_that_writes_a_constant_as_the_document_does_replaces_an_earlier_one() -> None:
    text = """\
consts: {limit: 5}
roles:
  a: {is_mixin: true, consts: {limit: 100}}
  b: {is_mixin: true, consts: {limit: 5}}
  c: {inherits: [a, b]}
"""
    assert flatten(Policy.from_text(text))["c"].consts == {"limit": 5}


def test_monitoring_is_not_inherited() -> None:
    flat = flatten(Policy.from_text("roles: {a: {enforce: false}, b: {inherits: [a]}}"))
    assert (flat["a"].monitor, flat["b"].monitor) == (True, None)


def test_an_unknown_parent_is_told_the_nearest_role_at_its_place() -> None:
    [found] = mistakes("roles:\n  billing: {}\n  b: {inherits: [biling]}")
    assert (found.code, found.help) == ("HX208", "did you mean `billing`?")
    assert found.span is not None
    assert (found.span.line, found.span.column) == (3, 18)


def test_every_unknown_parent_is_a_mistake_of_its_own() -> None:
    found = mistakes("roles: {a: {inherits: [ghost, phantom]}, b: {inherits: [ghost]}}")
    assert [mistake.help for mistake in found] == ["define the role, or delete it from `inherits`"] * 3


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("roles: {a: {inherits: [a]}}", "`a` → `a`"),
        ("roles: {a: {inherits: [b]}, b: {inherits: [c]}, c: {inherits: [a]}}", "`a` → `b` → `c` → `a`"),
        ("roles: {x: {inherits: [a]}, a: {inherits: [b]}, b: {inherits: [a]}}", "`a` → `b` → `a`"),
    ],
)
def test_a_loop_is_told_once_with_all_its_links(text: str, chain: str) -> None:
    [found] = mistakes(text)
    assert (found.code, found.message) == ("HX209", f"roles inherit one another in a loop: {chain}")


def test_two_loops_are_two_mistakes() -> None:
    found = mistakes("roles: {a: {inherits: [b]}, b: {inherits: [a]}, c: {inherits: [c]}, d: {}}")
    assert [mistake.code for mistake in found] == ["HX209", "HX209"]


def test_a_diamond_is_no_loop() -> None:
    text = "roles: {top: {}, l: {inherits: [top]}, r: {inherits: [top]}, bottom: {inherits: [l, r, top, l]}}"
    assert list(flatten(Policy.from_text(text))) == ["top", "l", "r", "bottom"]


@pytest.mark.parametrize(("levels", "fits"), [(DEEPEST_INHERITANCE, True), (DEEPEST_INHERITANCE + 1, False)])
def test_inheritance_goes_sixty_four_levels_deep(levels: int, fits: bool) -> None:
    chain = "".join(f"  r{number}: {{inherits: [r{number - 1}]}}\n" for number in range(1, levels))
    text = f"roles:\n  r0: {{}}\n{chain}"
    if fits:
        assert len(flatten(Policy.from_text(text))) == levels
    else:
        [found] = mistakes(text)
        assert (found.code, found.help) == ("HX209", "inherit the distant ancestors directly")


def test_a_document_in_which_no_role_can_be_selected_is_a_mistake() -> None:
    assert [found.code for found in mistakes("is_mixin: true\ntools: {}")] == ["HX210"]
    found = mistakes("roles: {a: {is_mixin: true}, b: {is_mixin: true, inherits: [c]}}")
    assert sorted(mistake.code for mistake in found) == ["HX208", "HX210"]


def test_parents_of_data_have_no_place_and_are_still_named() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.model_validate({"roles": {"a": {"inherits": ["ghost"]}}})
    [found] = caught.value.mistakes
    assert (found.code, found.span, found.path) == ("HX208", None, "roles.a.inherits")


def test_a_document_made_by_hand_needs_no_places() -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.checked(Document({"a": Role("a", inherits=("ghost",))}), [])
    assert [found.code for found in caught.value.mistakes] == ["HX208"]
