"""Suite files are read as strictly as policies."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from hexgate.core.decision import ENGINE_MEANINGS
from hexgate.core.errors import Mistake, SuiteError
from hexgate.core.testing import find_suites, read_suites, run_suites, suites_from_text
from hexgate.core.testing.reader import looks_like_suites
from hexgate.core.testing.suite import CODES, WantedMistake

WHOLE = """\
suites:
  - name: refunds
    policy: {text: "tools: {a: {mode: allow}}"}
    cases:
      - name: every key
        roles: [support, billing]
        user: alice
        session: s-1
        ctx: {region: EU, level: 3, rate: 0.5, tags: [a, null, true]}
        tool: refund
        args: {amount: 400, "1": x, nested: {list: [1, {a: b}]}}
        expect:
          outcome: deny
          code: constraint_failed
          violations: ["args.amount <= 100"]
          deciding_role: support
          monitor: 2027-01-31
          approvers: {role: finance, not: caller}
          line: 7
      - name: nearly no key
        tool: refund
        expect: {outcome: allow}
      - name: nulls
        role: support
        user: null
        session: ~
        tool: refund
        args_json: '{"a": 1, "a": 2}'
        expect: {outcome: deny, deciding_role: null, approvers: null, monitor: false}
  - name: refused
    policy: {files: {a.yaml: "tools: {}"}}
    mistakes: [{code: HX203, line: 4, column: 9, suggest: constraints}, {code: HX204}]
"""


def mistakes_of(text: str) -> list[Mistake]:
    with pytest.raises(SuiteError) as raised:
        suites_from_text(text, "s.yaml")
    return list(raised.value.mistakes)


def suite_with(part: str, *, keys: str = "policy: x.yaml\n    ") -> str:
    return f"suites:\n  - name: s\n    {keys}{part}\n"


def case_with(part: str) -> str:
    return suite_with(f"cases:\n      - {{name: c, {part}}}")


def test_every_key_of_a_suite_file_is_read() -> None:
    refunds, refused = suites_from_text(WHOLE).suites
    full, short, nulls = refunds.cases
    assert (refunds.name, refunds.mistakes, refunds.origin.text) == ("refunds", None, "tools: {a: {mode: allow}}")
    assert (full.user.user_id, full.user.roles, full.user.session_id) == ("alice", ("support", "billing"), "s-1")
    assert full.user.attributes == {"region": "EU", "level": 3, "rate": 0.5, "tags": ["a", None, True]}
    assert full.arguments == {"amount": 400, "1": "x", "nested": {"list": [1, {"a": "b"}]}}
    assert full.wanted == {
        "outcome": "deny",
        "code": "constraint_failed",
        "violations": ["args.amount <= 100"],
        "deciding_role": "support",
        "monitor": "2027-01-31",
        "approvers": {"role": "finance", "not": "caller"},
        "line": 7,
    }
    assert (short.user.user_id, short.user.roles, short.arguments, short.wanted) == (
        "user",
        (),
        {},
        {"outcome": "allow"},
    )
    assert (nulls.user.user_id, nulls.user.roles, nulls.arguments) == (None, ("support",), '{"a": 1, "a": 2}')
    assert nulls.wanted == {"outcome": "deny", "deciding_role": None, "approvers": None, "monitor": False}
    assert refused.mistakes == (WantedMistake("HX203", 4, 9, "constraints"), WantedMistake("HX204"))
    assert refused.origin.files == (("a.yaml", "tools: {}"),)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("9007199254740993", "9007199254740993"),
        ("9007199254740993.0", "9007199254740992.0"),
        ("1.0", "1.0"),
        ("-0.0", "-0.0"),
        ("1E2", "100.0"),
        ("-1e400", "-inf"),
        ("0." + "0" * 5000 + "1", "0.0"),
        ("'1.0'", "'1.0'"),
        ("1.0.0-rc", "'1.0.0-rc'"),
    ],
)
def test_a_number_of_a_case_is_what_the_json_of_a_call_makes_of_it(written: str, read: str) -> None:
    case = (
        suites_from_text(case_with(f"tool: t, args: {{a: [{written}]}}, expect: {{outcome: deny}}")).suites[0].cases[0]
    )
    assert isinstance(case.arguments, dict)
    assert repr(case.arguments["a"][0]) == read


def test_a_case_knows_the_line_of_its_name() -> None:
    case = suites_from_text(WHOLE, "s.yaml").suites[0].cases[0]
    assert str(case.span) == "s.yaml:5:15"


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("suits: []", "HX203", 1, "did you mean `suites`?"),
        ("suites: []", "HX601", 1, "no suites"),
        ("suites: 3", "HX202", 1, "a list"),
        ("[]", "HX202", 1, "a mapping"),
        ("", "HX601", None, "holds no suites"),
        ("suites: [}", "HX101", 1, "valid YAML"),
        ("suites: [1]", "HX202", 1, "a mapping"),
        ("suites: [{policy: x, cases: [{name: c, tool: t, expect: {outcome: deny}}]}]", "HX204", 1, "has no `name`"),
        ("suites: [{name: ' ', policy: x, mistakes: []}]", "HX207", 1, "empty name"),
        ("suites: [{name: s, mistakes: []}]", "HX204", 1, "the suite `s` has no `policy`"),
        (
            "suites: [{name: s, policy: x, mistakes: []}, {name: s, policy: x, mistakes: []}]",
            "HX602",
            1,
            "two suites are called `s`",
        ),
        (suite_with("case: []"), "HX203", 4, "did you mean `cases`?"),
        (suite_with("cases: []"), "HX601", 4, "has no cases"),
        (suite_with("cases: {}"), "HX202", 4, "a list"),
        (suite_with("cases: [1]"), "HX202", 4, "a mapping"),
        (
            suite_with("mistakes: []\n    cases: [{name: c, tool: t, expect: {outcome: deny}}]"),
            "HX603",
            4,
            "both `cases` and `mistakes`",
        ),
        (suite_with("mistakes: [1]"), "HX202", 4, "a mapping"),
        (suite_with("mistakes: 1"), "HX202", 4, "a list"),
        (suite_with("mistakes: [{line: 1}]"), "HX204", 4, "the mistake has no `code`"),
        (suite_with("mistakes: [{code: HX1, line: 0}]"), "HX202", 4, "a whole number from 1"),
        (suite_with("mistakes: [{code: HX1, column: true}]"), "HX202", 4, "a whole number from 1"),
        (suite_with("mistakes: [{code: HX1, line: [1]}]"), "HX202", 4, "a whole number from 1"),
        (suite_with("mistakes: []", keys="policy: 3\n    "), "HX202", 3, "a text"),
        (suite_with("mistakes: []", keys="policy: [x]\n    "), "HX202", 3, "a mapping"),
        (suite_with("mistakes: []", keys="policy: {txt: x}\n    "), "HX203", 3, "did you mean `text`?"),
        (suite_with("mistakes: []", keys="policy: {text: x, files: {}}\n    "), "HX603", 3, "both `text` and `files`"),
        (suite_with("mistakes: []", keys="policy: {}\n    "), "HX603", 3, "neither `text` nor `files`"),
        (suite_with("mistakes: []", keys="policy: {files: {a.yaml: 3}}\n    "), "HX202", 3, "a text"),
        (suite_with("mistakes: []", keys="policy: {files: 3}\n    "), "HX202", 3, "a mapping"),
        (case_with("expect: {outcome: deny}"), "HX204", 5, "the case `c` has no `tool`"),
        (case_with("tool: t"), "HX204", 5, "has no `expect`"),
        (case_with("tool: t, expect: {}"), "HX204", 5, "`expect` has no `outcome`"),
        (case_with("tool: t, expect: 1"), "HX202", 5, "a mapping"),
        (case_with("tool: t, expect: {outcome: denny}"), "HX206", 5, "did you mean `deny`?"),
        (case_with("tool: t, expect: {outcome: deny, code: tool_denid}"), "HX206", 5, "did you mean `tool_denied`?"),
        (case_with("tool: t, expect: {outcome: deny, violation: []}"), "HX203", 5, "did you mean `violations`?"),
        (case_with("tool: t, expect: {outcome: deny, violations: [1]}"), "HX202", 5, "a text"),
        (case_with("tool: t, expect: {outcome: deny, monitor: soon}"), "HX206", 5, "must be a day"),
        (case_with("tool: t, expect: {outcome: deny, monitor: [1]}"), "HX206", 5, "must be a day"),
        (case_with("tool: t, expect: {outcome: deny, approvers: 1}"), "HX202", 5, "a mapping"),
        (case_with("tool: t, expect: {outcome: deny, approvers: {who: x}}"), "HX203", 5, "the keys here are"),
        (case_with("tool: t, role: a, roles: [b], expect: {outcome: deny}"), "HX603", 5, "both `role` and `roles`"),
        (
            case_with("tool: t, args: {}, args_json: '{}', expect: {outcome: deny}"),
            "HX603",
            5,
            "both `args` and `args_json`",
        ),
        (case_with("tool: t, args: [], expect: {outcome: deny}"), "HX202", 5, "use `args_json`"),
        (case_with("tool: t, args: {a: yes}, expect: {outcome: deny}"), "HX202", 5, "in quotes"),
        (case_with("tool: t, args: {a: 1, a: 2}, expect: {outcome: deny}"), "HX108", 5, "written twice"),
        (case_with("tool: t, ctx: 1, expect: {outcome: deny}"), "HX202", 5, "a mapping"),
        (case_with("tool: t, ctx: {a: -1e400}, expect: {outcome: deny}"), "HX604", 5, "nobody can call like this"),
        (
            case_with(f"tool: t, args: {{a: {'9' * 5000}}}, expect: {{outcome: deny}}"),
            "HX202",
            5,
            "no number that JSON",
        ),
        (case_with("tool: t, user: '', expect: {outcome: deny}"), "HX604", 5, "nobody can call like this"),
        (case_with("tool: t, roles: [1], expect: {outcome: deny}"), "HX202", 5, "a text"),
        (case_with("tool: 1, expect: {outcome: deny}"), "HX202", 5, "a text"),
        (case_with("tool: t, args_json: 1, expect: {outcome: deny}"), "HX202", 5, "a text"),
    ],
)
def test_a_mistake_has_a_code_a_place_and_a_way_out(text: str, code: str, line: int | None, words: str) -> None:
    found = mistakes_of(text)
    assert code in [mistake.code for mistake in found]
    mistake = next(mistake for mistake in found if mistake.code == code)
    assert words in mistake.render()
    assert (mistake.span.line if mistake.span else None) == line
    assert mistake.help


def test_two_cases_of_one_name_are_a_mistake_at_the_second() -> None:
    case = "{name: c, tool: t, expect: {outcome: deny}}"
    (mistake,) = mistakes_of(suite_with(f"cases:\n      - {case}\n      - {case}"))
    assert (mistake.code, mistake.span and mistake.span.line) == ("HX602", 6)
    assert mistake.help == "the first is in line 5: give each case a name of its own"


def test_cases_without_a_name_are_told_apart_from_cases_of_one_name() -> None:
    case = "{tool: t, expect: {outcome: deny}}"
    found = mistakes_of(suite_with(f"cases:\n      - {case}\n      - {case}"))
    assert [mistake.code for mistake in found] == ["HX204", "HX204"]


def test_all_mistakes_of_a_file_are_reported_at_once_in_the_order_of_the_text() -> None:
    found = mistakes_of(
        suite_with("cases:\n      - {name: c, tool: 1, expect: {outcome: deny}, x: 1}\n      - {nam: d}")
    )
    assert [(mistake.code, mistake.span and mistake.span.column) for mistake in found] == [
        ("HX202", 25),
        ("HX203", 53),
        ("HX204", 9),
        ("HX204", 9),
        ("HX204", 9),
        ("HX203", 10),
    ]


def test_the_codes_that_a_case_may_want_are_the_ones_that_answers_have() -> None:
    assert set(CODES) == set(ENGINE_MEANINGS)


def test_a_file_that_is_not_utf_8_is_a_mistake_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(b"suites:\n  - \xff")
    with pytest.raises(SuiteError) as raised:
        read_suites(tmp_path / "s.yaml")
    assert (raised.value.code, raised.value.span and raised.value.span.line) == ("HX102", 2)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"cannot be read: No such file") as raised:
        read_suites(tmp_path / "nowhere.yaml")
    assert raised.value.code == "HX110"
    with pytest.raises(SuiteError, match="null byte"):
        read_suites("a\0b")


def test_a_policy_path_is_relative_to_its_suite_file(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(suite_with("mistakes: []", keys="policy: sub/p.yaml\n    "))
    assert read_suites(tmp_path / "s.yaml").suites[0].origin.path == tmp_path / "sub/p.yaml"


def test_a_policy_called_by_a_dash_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"tools: {}")))
    monkeypatch.chdir(tmp_path)
    Path("-").write_text("tools: {a: {mode: allow}}")
    text = suite_with("cases: [{name: c, tool: a, role: default, expect: {outcome: allow}}]", keys='policy: "-"\n    ')
    assert not run_suites([suites_from_text(text)]).failures
    assert sys.stdin.buffer.read() == b"tools: {}"


def test_what_never_ends_is_too_large_and_not_read_to_its_end() -> None:
    with pytest.raises(SuiteError) as raised:
        read_suites("/dev/zero")
    assert raised.value.code == "HX103"


def test_standard_input_is_not_read_to_its_end_either(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/zero").open("rb") as endless:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=endless))
        with pytest.raises(SuiteError) as raised:
            read_suites("-")
    assert raised.value.code == "HX103"


def test_suites_are_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(WHOLE.encode())))
    file = read_suites("-")
    assert (file.name, len(file.suites)) == ("<stdin>", 2)


@pytest.mark.parametrize(
    "text", ["suites:\n", "# note\nsuites:", '"suites" : []', "{suites: []}", "\ufeffsuites:", "version: 1\nsuites: []"]
)
def test_a_top_level_key_makes_a_file_of_suites(text: str) -> None:
    assert looks_like_suites(text)


@pytest.mark.parametrize("text", ["tools: {}\n", "tools:\n  suites:\n", "x: suites:", "", "suitesx: 1"])
def test_anything_else_does_not(text: str) -> None:
    assert not looks_like_suites(text)


def test_the_suites_below_a_folder_are_found_in_order(tmp_path: Path) -> None:
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ("z.yaml", "b/deep/a.yml", "b/note.txt", ".hidden/s.yaml", ".s.yaml"):
        (tmp_path / name).write_text("suites: []")
    (tmp_path / "policy.yaml").write_text("tools: {}")
    (tmp_path / "folder.yaml").mkdir()
    assert [path.relative_to(tmp_path).as_posix() for path in find_suites(tmp_path)] == ["b/deep/a.yml", "z.yaml"]
