"""A value is what JSON would say it is, a word, or a mistake at its place; nothing of YAML 1.1 is guessed."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any

import pytest

from hexgate.core import Policy, PolicyError
from hexgate.core.errors import Mistake
from hexgate.core.policy import nodes
from hexgate.core.policy.fields import join, name_mistake


def mistakes(source: str | dict[Any, Any]) -> list[Mistake]:
    with pytest.raises(PolicyError) as caught:
        Policy.from_text(source) if isinstance(source, str) else Policy.model_validate(source)
    return list(caught.value.mistakes)


def constant(text: str) -> object:
    return Policy.from_text(f"consts: {{a: {text}}}").roles["default"].consts["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("1", 1), ("-7", -7), ("0", 0), ("-0", 0), ("1.0", 1), ("1e3", 1000), ("0.10", Decimal("0.1"))],
        *[("1e-400", Decimal("1e-400")), ("123456789012345678901234567890", 123456789012345678901234567890)],
        *[("true", True), ("True", True), ("FALSE", False), ("tRUE", "tRUE"), ("'true'", "true"), ('"1"', "1")],
        *[
            ("abc", "abc"),
            ("USD", "USD"),
            ("a b", "a b"),
            ("''", ""),
            ("1.2.3.4 x", "1.2.3.4 x"),
            ("-", "-"),
            ("e1", "e1"),
            ("0b1", "0b1"),
        ],
        *[
            ("[1, a, true, '2']", (1, "a", True, "2")),
            ("[]", ()),
            ("'yes'", "yes"),
            ("yess", "yess"),
            ("null x", "null x"),
        ],
    ],
)
def test_a_constant_is_what_json_would_say_it_is_or_a_word(text: str, value: object) -> None:
    found = constant(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("word", ["yes", "No", "ON", "off", "y", "N"])
def test_a_word_that_yaml_versions_disagree_about_must_be_quoted(word: str) -> None:
    [found] = mistakes(f"consts:\n  a: {word}")
    assert (found.code, found.help) == ("HX202", f'write true or false, or "{word}" in quotes')
    assert found.span is not None
    assert (found.span.line, found.span.column) == (2, 6)


@pytest.mark.parametrize(
    "number",
    [
        *["0x1f", "010", ".5", "+1", "1_000", ".inf", "-.Inf", ".nan", "1.", "1e", "0o7", "1:30", "1.2.3", "1e5.5"],
        *["12e+", "5.e3", "1e10000000", "9" * 4301],
    ],
)
def test_a_number_that_json_does_not_know_must_be_rewritten_or_quoted(number: str) -> None:
    [found] = mistakes(f"consts: {{a: {number}}}")
    assert (found.code, found.help) == ("HX202", "write the number out, or put it in quotes to make it a text")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *[("null", "null"), ("~", "null"), ("", "empty"), ("{b: 1}", "a mapping"), ("[[1]]", "a list")],
        *[("[{}]", "a mapping"), ("[null]", "null")],
    ],
)
def test_a_constant_is_no_null_no_mapping_and_no_list_of_those(text: str, kind: str) -> None:
    [found] = mistakes(f"consts: {{a: {text}}}")
    assert (found.code, found.message) == ("HX213", f"a constant cannot be {kind}")


def test_a_bad_item_of_a_constant_is_found_where_it_stands() -> None:
    found = mistakes("consts:\n  a:\n    - 1\n    - yes\n    - {}\n")
    assert [(mistake.code, mistake.path) for mistake in found] == [("HX202", "consts.a[1]"), ("HX213", "consts.a[2]")]


def test_a_list_of_a_thousand_constants_is_not_too_long_and_one_more_is() -> None:
    assert constant(str(list(range(1000)))) == tuple(range(1000))
    assert [found.code for found in mistakes(f"consts: {{a: {list(range(1001))}}}")] == ["HX308"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tools: 5", "`tools` must be a mapping, not a number"),
        ("tools: 1.5", "`tools` must be a mapping, not a number"),
        ("tools: true", "`tools` must be a mapping, not a boolean"),
        ("tools: [a]", "`tools` must be a mapping, not a list"),
        ("tools: abc", "`tools` must be a mapping, not the text `abc`"),
        ("tools:", "`tools` must be a mapping, not empty"),
        ("tools: null", "`tools` must be a mapping, not null"),
        ("roles: {a: {inherits: b}}", "`inherits` must be a list, not the text `b`"),
        ("roles: {a: {inherits: [5]}}", "`inherits[0]` must be a text, not a number"),
        ("roles: {a: {is_mixin: 'true'}}", "`is_mixin` must be true or false, not the text `true`"),
        ("roles: {a: {is_mixin: [true]}}", "`is_mixin` must be true or false, not a list"),
        ("tools: {t: {mode: [allow]}}", "`mode` must be a text, not a list"),
        ("tools: {t: {mode: true}}", "`mode` must be a text, not a boolean"),
        ("[]", "the document must be a mapping, not a list"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_beside_the_kind_that_is_wanted(text: str, message: str) -> None:
    assert message in [found.message for found in mistakes(text)]


def test_a_text_must_be_quoted_when_it_looks_like_something_else() -> None:
    for word in ("5", "true", "null"):
        [found] = mistakes(f"tools: {{t: {{mode: deny, reason: {word}}}}}")
        assert (found.code, found.help) == ("HX202", "put it in quotes")
    [found] = mistakes("tools: {t: {mode: deny, reason: yes}}")
    assert found.code == "HX202"
    assert Policy.from_text("tools: {t: {mode: deny, reason: '5'}}").roles["default"].tools["t"].reason == "5"


@pytest.mark.parametrize(
    ("word", "help"),
    [("alow", "did you mean `allow`?"), ("ask", "write one of `allow`, `deny`, `approval_required`")],
)
def test_a_word_that_is_no_choice_is_told_the_nearest_or_all(word: str, help: str) -> None:
    [found] = mistakes(f"tools: {{t: {{mode: {word}}}}}")
    assert (found.code, found.message, found.help) == ("HX206", f"`mode` cannot be `{word}`", help)


@pytest.mark.parametrize(
    "day",
    ["2027-1-31", "2027-02-30", "31.1.2027", "soon", "2027-01-31T00:00:00", "20270131", "[]", "２０２７-01-31", ""],
)
def test_a_day_is_written_in_one_way_only(day: str) -> None:
    assert "HX206" in [found.code for found in mistakes(f"enforce: false\nuntil: {day}\ntools: {{t: {{mode: deny}}}}")]


def test_a_day_may_be_quoted_or_come_as_a_date() -> None:
    day = dt.date(2027, 1, 31)
    for text in ("2027-01-31", "'2027-01-31'"):
        assert Policy.from_text(f"enforce: false\nuntil: {text}").roles["default"].monitor == day
    assert Policy.model_validate({"enforce": False, "until": day}).roles["default"].monitor == day


def test_a_moment_is_no_day() -> None:
    found = mistakes({"enforce": False, "until": dt.datetime(2027, 1, 31, tzinfo=dt.UTC)})
    assert [mistake.code for mistake in found] == ["HX206"]


HIDDEN = "\u00ad\u034f\u115f\u17b4\u180b\u200b\u200d\u202e\u2060\u2800\u3164\ufe0f\ufeff\uffa0\U000e0041\U000e0100"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *[("", "is empty"), ("x" * 257, "is longer than 256 characters"), (" a", "begins or ends with white space")],
        *[("a\u3000", "begins or ends with white space"), ("a\x00", "holds a control character")],
        *[("a\u2028b", "holds a control character"), ("a\x9fb", "holds a control character")],
        *[
            (f"a{chr(0xD800)}", "holds a control character"),
            ("x" * 256, None),
            ("a b", None),
            *[("😀", None), ("世界", None), ("e\u0301", None)],
            *[(f"a{char}b", "holds an invisible character") for char in HIDDEN],
            ("a-b.c/d", None),
        ],
    ],
)
def test_a_name_is_visible_and_of_a_sensible_length(name: str, wrong: str | None) -> None:
    assert name_mistake(name) == wrong


def test_a_key_twice_says_where_it_stands_already() -> None:
    [found] = mistakes("tools:\n  t: {mode: allow}\n  u: {mode: deny}\n  t: {mode: deny}\n")
    assert (found.code, found.help) == ("HX108", "it stands in line 2 already")
    assert found.span is not None
    assert found.span.line == 4


def test_keys_are_taken_as_their_text() -> None:
    policy = Policy.from_text("tools: {1: {mode: allow}, yes: {mode: deny}, 1.0: {mode: deny}, null: {mode: deny}}")
    assert list(policy.roles["default"].tools) == ["1", "yes", "1.0", "null"]


class Mode(Enum):
    ALLOW = "allow"


class Count(IntEnum):
    ONE = 1


class Strange:
    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    [
        *(float("nan"), float("inf"), -float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), 10**5000),
        *(None, object(), Strange(), b"x", {1}, 1j, Mode.ALLOW, len, dt.date(2027, 1, 1), {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_does_not_know_is_no_constant_in_data_either(value: object) -> None:
    [found] = mistakes({"consts": {"a": value}})
    assert (found.code, found.path) == ("HX213", "consts.a")
    assert found.headline.isprintable()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        *[(1, 1), (True, True), (1.0, 1), (1e22, 10**22), (0.1, Decimal("0.1")), (-0.0, 0), (10**300, 10**300)],
        *[
            (Decimal("1.50"), Decimal("1.5")),
            (Count.ONE, 1),
            ("true", "true"),
            ("", ""),
            ("yes", "yes"),
            ("0x1f", "0x1f"),
        ],
        *[((1, "a"), (1, "a")), ([], ())],
    ],
)
def test_numbers_and_texts_of_data_keep_their_value(value: object, wanted: object) -> None:
    found = Policy.model_validate({"consts": {"a": value}}).roles["default"].consts["a"]
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    "key", [1, None, True, (1,), b"a", 1.5, 10**5000, Strange()], ids=lambda key: type(key).__name__
)
def test_a_key_of_data_that_is_no_text_is_a_mistake(key: object) -> None:
    [found] = mistakes({"tools": {key: {"mode": "allow"}}})
    assert (found.code, found.help) == ("HX202", "quote the key")


def test_half_of_a_surrogate_pair_in_data_is_a_mistake_wherever_it_stands() -> None:
    half = chr(0xDC80)
    rule = {"mode": "allow", "constraints": [f"args.x == '{half}'"], "reason": half}
    found = mistakes({"tools": {f"t{half}": rule}, "consts": {f"c{half}": 1, "d": 1}, half: 1})
    assert sorted(mistake.code for mistake in found) == ["HX202", "HX202", "HX203", "HX207", "HX207"]
    for mistake in found:
        mistake.render().encode()


def test_data_that_holds_itself_or_never_ends_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MOST_NODES", 10_000)
    loop: dict[str, Any] = {}
    loop["tools"] = loop
    items: list[Any] = []
    items.append(items)
    assert [found.code for found in mistakes(loop)] == ["HX104"]
    assert [found.code for found in mistakes({"tools": items})] == ["HX104"]
    assert [found.code for found in mistakes({"consts": {"a": range(10**12)}})] == ["HX106"]
    shared: Any = ["x"]
    for _ in range(40):
        shared = [shared, shared]
    assert [found.code for found in mistakes({"consts": {"a": shared}})] == ["HX106"]


@pytest.mark.parametrize("data", [[], None, 5, "tools: {}", [("tools", {})]], ids=lambda data: type(data).__name__)
def test_data_that_is_no_mapping_is_a_mistake(data: Any) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.model_validate(data)
    assert [(found.code, found.span) for found in caught.value.mistakes] == [("HX202", None)]


def test_every_kind_of_mapping_is_data() -> None:
    rule = MappingProxyType({"mode": "allow"})
    policy = Policy.model_validate(OrderedDict(tools=OrderedDict(t=rule)))
    assert policy == Policy.from_text("tools: {t: {mode: allow}}")


def test_a_path_is_joined_of_what_is_there() -> None:
    assert join("", "tools", "", "t") == "tools.t"


def test_half_of_a_surrogate_pair_is_no_constant() -> None:
    for consts in ({"a": "\ud800"}, {"a": ["x", "\udfff"]}):
        with pytest.raises(PolicyError) as raised:
            Policy.model_validate({"consts": consts, "tools": {}})
        assert [mistake.code for mistake in raised.value.mistakes] == ["HX202"]
