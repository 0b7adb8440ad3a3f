"""A user is checked when it is made, never changes afterwards, and shares nothing with whoever made it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import User, UserError
from hexgate.core.identity.user import MOST_ROLES

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


def test_a_user_is_what_it_was_made_of() -> None:
    user = User("alice", "billing", "s1", 60, roles=["support"], attributes={"region": "EU"})
    assert (user.user_id, user.role, user.session_id, user.ttl_seconds) == ("alice", "billing", "s1", 60)
    assert user.roles == ("billing", "support")
    assert user.attributes == {"region": "EU"}
    assert User("bob").expires_at is None
    assert not user.expired


def test_a_user_may_be_nobody_in_particular() -> None:
    user = User(None)
    assert (user.user_id, user.role, user.session_id, user.roles, user.attributes) == (None, None, None, (), {})


@given(st.none() | NAMES, st.lists(NAMES, max_size=10))
def test_the_roles_are_distinct_and_in_the_callers_order(role: str | None, roles: list[str]) -> None:
    kept = User("u", role, roles=iter(roles)).roles
    wanted = [name for name in [role, *roles] if name is not None]
    assert list(kept) == sorted(set(wanted), key=wanted.index)


@pytest.mark.parametrize("count", [32, 33, 100])
def test_only_the_first_thirty_two_distinct_roles_count_and_the_rest_is_warned_of(
    count: int, caplog: pytest.LogCaptureFixture
) -> None:
    names = [f"role{number}" for number in range(count)]
    with caplog.at_level(logging.WARNING, "hexgate.identity"):
        user = User("u", roles=[*names[:10], *names])
    assert user.roles == tuple(names[:MOST_ROLES])
    warnings = [record.getMessage() for record in caplog.records]
    assert warnings == ([f"a caller has {count} roles; the first 32 count"] if count > MOST_ROLES else [])


@pytest.mark.parametrize("value", ["", 1, 1.5, True, b"alice", ["alice"], object(), "x" * 1025])
def test_an_id_a_role_and_a_session_are_texts_of_a_sensible_length(value: Any) -> None:
    parts: list[dict[str, Any]] = [{"user_id": value}, {"role": value}, {"session_id": value}, {"roles": [value]}]
    for part in parts:
        with pytest.raises(UserError, match="must be a text of 1 to 1,024 characters") as caught:
            User(**{"user_id": "u", **part})
        assert caught.value.code == "HX502"
        assert caught.value.help


def test_half_of_a_surrogate_pair_is_no_name() -> None:
    half = chr(0xDCFF)
    parts: list[dict[str, Any]] = [{"user_id": half}, {"role": half}, {"roles": ["a", half]}]
    for part in parts:
        with pytest.raises(UserError, match="half of a surrogate pair"):
            User(**{"user_id": "u", **part})


def test_roles_given_as_one_text_are_refused() -> None:
    with pytest.raises(UserError, match="several texts, not one") as caught:
        User("u", roles="admin")
    assert caught.value.help == "write `role=` for a single role"


@pytest.mark.parametrize("roles", [None, 5, object(), [None], ["a", None], b"ab", [["a"]], {"a": 1}.items()])
def test_roles_that_are_not_several_texts_are_refused(roles: Any) -> None:
    with pytest.raises(UserError) as caught:
        User("u", roles=roles)
    assert caught.value.code == "HX502"


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), float("inf"), True, "60", 10**400])
def test_a_time_limit_is_a_positive_number_of_seconds(ttl: Any) -> None:
    with pytest.raises(UserError, match="`ttl_seconds` of a User must be a positive number"):
        User("u", ttl_seconds=ttl)


@pytest.mark.parametrize("name", [*User.__slots__, "anything"])
def test_nothing_of_a_user_can_be_changed_or_deleted(name: str) -> None:
    user = User("alice", "billing", attributes={"region": "EU"})
    before = repr(user), user.attributes
    with pytest.raises(AttributeError, match="cannot be changed"):
        setattr(user, name, "admin")
    with pytest.raises(AttributeError, match="cannot be changed"):
        delattr(user, name)
    assert (repr(user), user.attributes) == before


def test_what_happens_to_the_attributes_later_changes_no_user() -> None:
    attributes: dict[str, Any] = {"regions": ["EU"], "team": {"name": "a"}}
    roles = ["a"]
    user = User("u", roles=roles, attributes=attributes)
    attributes["admin"] = True
    attributes["regions"].append("US")
    attributes["team"]["name"] = "b"
    roles.append("admin")
    assert user.attributes == {"regions": ["EU"], "team": {"name": "a"}}
    assert user.roles == ("a",)


@pytest.mark.parametrize("number", [2**63, 2**64, 10**23 + 1, -(10**30), 10**400, 0.1])
def test_the_numbers_of_attributes_stay_exact(number: float) -> None:
    user = User("u", attributes={"level": number, "deep": [{"x": number}]})
    assert user.attributes == {"level": number, "deep": [{"x": number}]}
    assert type(user.attributes["level"]) is type(number)


def test_attributes_may_be_any_mapping() -> None:
    class Claims(dict[str, Any]):
        pass

    assert User("u", attributes=Claims(a=1)).attributes == {"a": 1}


class Raising:
    def keys(self) -> Any:
        raise ValueError("no keys today")


@pytest.mark.parametrize(
    "attributes",
    [
        *({"a": float("nan")}, {"a": {1}}, {"a": object()}, {"a": (1,)}, {1: 2}, {"a": chr(0xD800)}),
        *({"a": "x" * 1_100_000}, [1], [("a", {1})], 5, "region", Raising(), {"a": 10**5000}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_attributes_that_json_does_not_know_are_refused_with_a_code_and_a_help(attributes: Any) -> None:
    with pytest.raises(UserError, match="the attributes of a User must be a JSON object") as caught:
        User("u", attributes=attributes)
    assert caught.value.code == "HX503"
    assert caught.value.help == "turn dates and objects into texts first"


def test_attributes_that_hold_themselves_are_refused() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    with pytest.raises(UserError, match="JSON object"):
        User("u", attributes=loop)


def test_the_repr_of_a_user_holds_no_attribute() -> None:
    assert repr(User("alice", "a", attributes={"ssn": "078-05-1120"})) == "User('alice', roles=('a',))"


def test_roles_may_come_from_a_generator_that_is_read_once() -> None:
    def roles() -> Iterator[str]:
        yield from ("a", "b")

    assert User("u", roles=roles()).roles == ("a", "b")


def test_a_kind_of_user_keeps_everything_in_a_scope_with_a_time_limit() -> None:
    class Employee(User):
        __slots__ = ()

    with Employee("e", "billing", ttl_seconds=60, attributes={"region": "EU"}).sync_scope() as inside:
        assert type(inside) is Employee
        assert (inside.user_id, inside.roles, inside.attributes) == ("e", ("billing",), {"region": "EU"})
        json.dumps(inside.attributes)
