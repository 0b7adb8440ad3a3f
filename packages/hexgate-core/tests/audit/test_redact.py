"""No secret is in the record: not by its name, not by its form, not as a hash; and no argument makes a record endless."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexgate.core import Redaction, ToolCall
from hexgate.core.audit.redact import LARGEST_RECORDED, REDACTED

AWS = "AKIAABCDEFGHIJKLMNOP"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def recorded(arguments: dict[str, Any], redaction: Redaction | None = None, tool: str = "login") -> Any:
    """What the record says of some arguments."""
    return orjson.loads(orjson.dumps((redaction or Redaction()).arguments(ToolCall(tool, arguments))))


def test_arguments_without_a_secret_are_recorded_as_they_are() -> None:
    arguments = {"amount": 400, "to": {"name": "Zoë", "tags": ["a", 1.5, None, True]}, "text": 'say "hi"\n'}
    assert recorded(arguments) == arguments


@pytest.mark.parametrize(
    "name",
    [
        *("password", "Password", "db_password", "passwd", "passphrase", "passcode", "pwd", "secret", "client_secret"),
        *("token", "access_token", "accessToken", "refresh-token", "api_key", "api-key", "apiKey", "APIKEY", "api key"),
        *("access_key", "private_key", "authorization", "Authorisation", "cookie", "set-cookie", "credentials"),
        *("bearer", "cvv", "cvc", "card_number", "cardNumber", "ssn", "pin", "signing_key", "encryption-key"),
    ],
)
def test_a_value_whose_name_says_that_it_is_a_secret_is_not_recorded(name: str) -> None:
    assert recorded({name: "hunter2", "amount": 4}) == {name: REDACTED, "amount": 4}
    assert recorded({"deep": [{name: 1234}]}) == {"deep": [{name: REDACTED}]}
    assert recorded({name: {"inner": "x"}}) == {name: REDACTED}


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "tokens",
        "shipping",
        "spinner",
        "compass",
        "passenger",
        "keyboard",
        "author",
        "classname",
        "opinion",
    ],
)
def test_a_name_that_only_looks_like_one_is_recorded(name: str) -> None:
    assert recorded({name: "value"}) == {name: "value"}


def test_nothing_is_said_to_be_redacted_where_nothing_is() -> None:
    assert recorded({"password": None}) == {"password": None}


@pytest.mark.parametrize("text", [AWS, f"use {AWS} now", f"\n{AWS}", f'"{AWS}"', f"\\{AWS}", f"é{AWS}"])
def test_a_secret_that_is_known_by_its_form_is_blotted_out_wherever_it_stands(text: str) -> None:
    for arguments in ({"note": text}, {"deep": {"list": [text]}}, {text: 1}):
        assert AWS not in orjson.dumps(recorded(arguments)).decode()


def test_further_names_can_be_kept_out() -> None:
    redaction = Redaction(names=["IBAN"])
    assert recorded({"my_iban": "DE1", "amount": 1}, redaction) == {"my_iban": REDACTED, "amount": 1}


def test_of_a_tool_with_a_list_only_what_is_listed_is_recorded() -> None:
    redaction = Redaction(only={"login": ["user"]})
    assert recorded({"user": "a", "note": "b"}, redaction) == {"user": "a", "note": REDACTED}
    assert recorded({"user": AWS}, redaction) == {"user": "[secret:aws_access_key]"}
    assert recorded({"user": "a", "note": "b"}, redaction, tool="other") == {"user": "a", "note": "b"}


def test_texts_and_lists_of_large_arguments_are_cut_with_a_mark() -> None:
    found = recorded({"text": "é" * 20_000, "list": list(range(200)), "small": 1})
    assert found["text"] == "é" * 1024 + "[truncated: 18976 more characters]"
    assert found["list"] == [*range(50), "[truncated: 150 more items]"]
    assert found["small"] == 1


def test_of_arguments_that_stay_too_large_the_names_are_recorded() -> None:
    arguments = {f"name{number}" * 20: "x" * 900 for number in range(200)}
    found = recorded(arguments)
    assert list(found) == ["[truncated]"]
    assert found["[truncated]"]["bytes"] == len(ToolCall("login", arguments).encoded)
    assert len(found["[truncated]"]["names"]) == 50
    assert {len(name) for name in found["[truncated]"]["names"]} == {64}


def test_integers_of_any_size_are_recorded() -> None:
    assert recorded({"n": 10**30}) == {"n": float(10**30)}
    assert recorded({"n": 10**30, "password": 10**30, "m": [-(10**30)]}) == {
        "n": str(10**30),
        "password": REDACTED,
        "m": [str(-(10**30))],
    }


def test_a_call_that_was_refused_has_no_arguments() -> None:
    assert recorded({"x": float("nan")}) == {}


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=5))
def test_whatever_the_arguments_are_the_record_of_them_is_json_and_small(arguments: dict[str, Any]) -> None:
    assert len(orjson.dumps(recorded(arguments))) <= LARGEST_RECORDED + 100


@given(st.text(), st.text(), st.sampled_from(["password", "api_key", "token"]))
def test_a_secret_is_found_whatever_stands_around_its_name(before: str, after: str, word: str) -> None:
    name = f"{before}{word}{'' if word == 'token' and after.startswith(('s', 'S')) else after}"
    assert "hunter-two" not in str(recorded({name: "hunter-two"}))


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_known_form_is_found_by_the_quick_look_or_not_at_all_in_the_text(before: str, after: str) -> None:
    from_text = recorded({"note": f"{before} {AWS} {after}"})
    assert AWS not in from_text["note"]
