"""A mistake says where, what, and what to do; an error carries every mistake and shows a readable number of them."""

from __future__ import annotations

import pytest

from hexgate.core.errors import (
    MOST_MISTAKES,
    HexgateError,
    Mistake,
    MistakesError,
    PolicyError,
    SuiteError,
    UserError,
)
from hexgate.core.text import Source, Span

DOCUMENT = "tools:\n  refund_order:\n    constraint: []\n"
SPAN = Span(Source("policies/refunds.yaml", DOCUMENT), 3, 5, 3, 15)
UNKNOWN_KEY = Mistake(
    "HX203",
    "unknown key `constraint` in rule `refund_order`",
    "did you mean `constraints`?",
    SPAN,
    "tools.refund_order.constraint",
)


def test_a_mistake_is_drawn_with_its_place_its_line_and_its_help() -> None:
    assert str(UNKNOWN_KEY) == (
        "policies/refunds.yaml:3:5: unknown key `constraint` in rule `refund_order` [HX203]\n"
        "  3 |     constraint: []\n"
        "    |     ^^^^^^^^^^\n"
        "help: did you mean `constraints`?"
    )


def test_a_mistake_in_data_names_the_path_in_the_document() -> None:
    assert str(Mistake("HX203", "unknown key `x`", path="tools.t.x")) == "tools.t.x: unknown key `x` [HX203]"


def test_a_mistake_without_any_place_is_only_a_message() -> None:
    assert str(Mistake("HX111", "there is no file")) == "there is no file [HX111]"


def test_nothing_in_a_mistake_can_move_a_cursor() -> None:
    source = Source("a\x1b[31m.yaml", "x\x1by")
    drawn = Mistake("HX101", "bad `\x1b[31m\n`", "delete `\x1b`", Span(source, 1, 1, 1, 2)).render()
    assert drawn.replace("\n", "").isprintable()
    assert len(drawn.splitlines()) == 4
    assert Mistake("HX101", "bad", path="a\x1b\n").headline == "a··: bad [HX101]"


def test_a_mistake_as_json_has_its_place_in_numbers() -> None:
    assert UNKNOWN_KEY.as_dict() == {
        "code": "HX203",
        "message": "unknown key `constraint` in rule `refund_order`",
        "help": "did you mean `constraints`?",
        "file": "policies/refunds.yaml",
        "line": 3,
        "column": 5,
        "path": "tools.refund_order.constraint",
    }


def test_a_mistake_without_a_text_has_no_line_in_json() -> None:
    found = Mistake("HX203", "m", path="tools").as_dict()
    assert (found["file"], found["line"], found["column"]) == (None, None, None)


def test_an_error_carries_code_message_help_and_place() -> None:
    error = HexgateError("HX502", "bad role", help="pass a text", span=SPAN)
    assert (error.code, error.message, error.help, error.span) == ("HX502", "bad role", "pass a text", SPAN)
    assert str(error) == Mistake("HX502", "bad role", "pass a text", SPAN).render()


def test_an_error_of_many_mistakes_speaks_first_of_the_first() -> None:
    error = PolicyError(iter([UNKNOWN_KEY, Mistake("HX204", "no mode")]))
    assert [mistake.code for mistake in error.mistakes] == ["HX203", "HX204"]
    assert (error.code, error.message, error.span) == ("HX203", UNKNOWN_KEY.message, SPAN)
    assert str(error) == f"{UNKNOWN_KEY.render()}\n\nno mode [HX204]"


@pytest.mark.parametrize(("count", "hidden"), [(MOST_MISTAKES, ""), (MOST_MISTAKES + 7, "\n\n… and 7 more")])
def test_an_error_shows_a_readable_number_of_mistakes_and_counts_the_rest(count: int, hidden: str) -> None:
    error = PolicyError([Mistake("HX203", f"mistake {number}") for number in range(count)])
    assert len(error.mistakes) == count
    assert f"mistake {MOST_MISTAKES - 1} [HX203]{hidden}" in str(error)
    assert str(error).endswith(hidden or f"mistake {MOST_MISTAKES - 1} [HX203]")
    assert f"mistake {MOST_MISTAKES} " not in str(error)


@pytest.mark.parametrize("kind", [PolicyError, SuiteError, UserError])
def test_every_error_is_a_hexgate_error(kind: type[Exception]) -> None:
    assert issubclass(kind, HexgateError)


def test_errors_of_mistakes_are_known_by_one_name() -> None:
    assert issubclass(PolicyError, MistakesError)
    assert issubclass(SuiteError, MistakesError)
    assert not issubclass(UserError, MistakesError)
