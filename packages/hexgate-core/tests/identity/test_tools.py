"""A list of tools is read strictly, kept short, and only ever made shorter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import UserError
from hexgate.core.identity.tools import MOST_TOOLS, Tools

NAMES = st.text("ab-", min_size=1, max_size=4)
LISTS = st.lists(NAMES | NAMES.map(lambda name: f"{name}*"), min_size=1, max_size=5)


def admitted(entries: list[str], tool: str) -> bool:
    """The same said slowly."""
    return any(tool.startswith(entry[:-1]) if entry.endswith("*") else tool == entry for entry in entries)


@given(LISTS, NAMES)
def test_a_list_admits_its_names_and_what_begins_with_its_prefixes(entries: list[str], tool: str) -> None:
    assert Tools.listed(entries).admit(tool) == admitted(entries, tool)


@given(LISTS, LISTS, NAMES)
def test_two_lists_together_admit_what_both_admit(left: list[str], right: list[str], tool: str) -> None:
    both = Tools.listed(left).within(Tools.listed(right))

    assert both.admit(tool) == (admitted(left, tool) and admitted(right, tool))
    assert both == Tools.listed(right).within(Tools.listed(left))
    assert both.within(Tools.listed(left)) == both == both.within(None)


@given(LISTS)
def test_a_list_says_nothing_twice_and_can_be_listed_again(entries: list[str]) -> None:
    tools = Tools.listed(entries)
    listed = list(tools)

    assert Tools.listed(listed) == tools
    assert len(listed) == len(set(listed)) <= len(set(entries))
    assert all(not admitted([other], entry.rstrip("*")) for entry in listed for other in listed if other != entry)


def test_a_list_may_come_from_a_generator_and_be_as_long_as_it_may_be() -> None:
    assert list(Tools.listed(iter(["b", "a", "b", "c-*", "c-d"]))) == ["a", "b", "c-*"]
    assert len(list(Tools.listed(f"t{number}" for number in range(MOST_TOOLS)))) == MOST_TOOLS


@pytest.mark.parametrize(
    "tools",
    [
        *("refund_order", b"ab", 5, None, [], [""], ["*"], ["a*b"], ["**"], [None], [7], ["a", b"b"]),
        *(["x" * 1025], ["\ud800"], [f"t{number}" for number in range(MOST_TOOLS + 1)]),
    ],
    ids=lambda value: str(value)[:12].encode(errors="replace").decode(),
)
def test_what_is_no_list_of_tools_is_an_error_with_a_help(tools: Any) -> None:
    with pytest.raises(UserError) as caught:
        Tools.listed(tools)

    assert caught.value.code == "HX521"
    assert caught.value.help
    str(caught.value).encode()
