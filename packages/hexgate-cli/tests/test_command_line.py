"""The command line itself: help that teaches, usage, colours, standard streams, and what is loaded when."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from hexgate.cli.main import USAGE_ERROR, app, guarded, wants_json
from hexgate.cli.output import Output, counted

Hexgate = Callable[..., Any]

COMMANDS = ["validate", "test", "explain", "fmt", "schema", "show-rego", "build", "keygen", "verify", "inspect"]


def test_the_version_is_told(hexgate: Hexgate) -> None:
    run = hexgate("--version")
    assert (run.code, run.out) == (0, "hexgate 0.1.0\n")


@pytest.mark.parametrize("arguments", [(), ("policy",), *(("policy", name) for name in COMMANDS)])
def test_every_help_teaches_with_an_example(hexgate: Hexgate, arguments: tuple[str, ...]) -> None:
    run = hexgate(*arguments, "--help")
    assert run.code == 0
    assert "\n    hexgate policy " in run.out
    assert hexgate(*arguments, "-h").out == run.out


def test_the_help_of_a_group_lists_what_is_there_and_no_more(hexgate: Hexgate) -> None:
    told = hexgate("policy", "--help").out.split("Commands:")[1]
    listed = [line.split()[0] for line in told.splitlines() if line.startswith("  ") and line[2:3].strip()]
    assert listed == COMMANDS
    assert not {"chat", "serve", "register"} & set(listed)
    assert "--install-completion" in hexgate("--help").out


@pytest.mark.parametrize("arguments", [(), ("policy",)])
def test_no_command_at_all_shows_the_help_and_is_no_success(hexgate: Hexgate, arguments: tuple[str, ...]) -> None:
    run = hexgate(*arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("Usage: hexgate ") or run.err.startswith("Usage: ")


def test_a_mistyped_command_is_told_the_nearest(hexgate: Hexgate) -> None:
    run = hexgate("policy", "valdate", "x")
    assert (run.code, run.out) == (2, "")
    assert "validate" in run.err.splitlines()[0]
    assert "policy --help` says what it takes" in run.err
    assert hexgate("police", "--json").json["error"]["code"] == "HX620"


def test_a_command_without_its_group_is_told_the_group(hexgate: Hexgate) -> None:
    run = hexgate("validate", "policy.yaml")
    assert (run.code, run.err.splitlines()[-1]) == (2, "help: did you mean `hexgate policy validate`?")


def test_the_schemas_are_schemas_of_what_they_say(hexgate: Hexgate, folder: Path, suite_text: str) -> None:
    policy = (folder / "policy.yaml").read_text().replace("2099-12-31", "'2099-12-31'")
    policies, suites = hexgate("policy", "schema").json, hexgate("policy", "schema", "--suite", "--json").json
    jsonschema.validate(yaml.safe_load(policy), policies)
    jsonschema.validate(yaml.safe_load(suite_text), suites)
    assert policies["title"] != suites["title"]


def test_colour_is_for_terminals_and_for_those_who_force_it(hexgate: Hexgate, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("policy", "validate", "policy.yaml", "--no-lint")
    assert "\x1b" not in hexgate(*command).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[32;1m✓\x1b[0m" in hexgate(*command).out
    assert "\x1b[31m" in hexgate("policy", "validate", "--manifest", "x", "policy.yaml").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in hexgate(*command).out


def test_a_dumb_terminal_gets_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert Output().colour
    monkeypatch.setenv("TERM", "dumb")
    assert not Output().colour


def test_a_stream_that_knows_no_check_mark_gets_a_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    Output().line("✓ done → Ω")
    assert raw.getvalue() == b"+ done -> \\u03a9\n"


def test_progress_replaces_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output().progress("half")
    assert capsys.readouterr().err == "\r\x1b[Khalf"


def test_words_are_counted_as_people_do() -> None:
    assert [counted(number, "rule") for number in (0, 1, 2)] == ["0 rules", "1 rule", "2 rules"]


def fail() -> None:
    raise ZeroDivisionError("\x1b[2J")


TOLD = "internal error: ZeroDivisionError; please report it; HEXGATE_DEBUG=1 shows where it happened"


def test_a_fault_of_ours_is_told_on_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEXGATE_DEBUG", raising=False)
    assert guarded(fail, Output()) == 1
    assert capsys.readouterr() == ("", f"{TOLD}\n")
    assert guarded(fail, Output(as_json=True)) == 1
    told = capsys.readouterr()
    assert (json.loads(told.out)["error"]["code"], told.err) == ("internal_error", "")


def test_whoever_looks_for_a_fault_sees_where_it_happened(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEXGATE_DEBUG", "1")
    assert guarded(fail, Output()) == 1
    first, *_, cause, last = capsys.readouterr().err.splitlines()
    assert (first, cause, last) == ("Traceback (most recent call last):", "ZeroDivisionError: ·[2J", TOLD)


def test_the_class_of_mistakes_of_usage_is_the_one_that_typer_raises() -> None:
    assert (USAGE_ERROR.__name__, USAGE_ERROR.__mro__[1].__name__) == ("UsageError", "ClickException")
    assert not issubclass(ZeroDivisionError, USAGE_ERROR)
    for words in (["nope"], ["policy", "fmt"], ["policy", "fmt", "--nope"], ["policy", "schema", "--suite=3"], []):
        with pytest.raises(USAGE_ERROR):
            TyperGroup.main(get_command(app), words, standalone_mode=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["policy", "test", "x", "--json"], True),
        (["policy", "--json", "test"], True),
        (["police", "--json"], True),
        (["policy", "test", "x", "--coverage", "--json"], True),
        (["policy", "test", "x", "--nope", "--json"], True),
        (["policy", "test", "x", "--tool=t", "--json"], True),
        (["policy", "validate", "-", "--no-lint", "--json"], True),
        (["policy", "test", "x", "--args", "--json", "--json"], True),
        (["policy", "test", "x", "--args", "--json"], False),
        (["policy", "test", "x", "-k", "--json"], False),
        (["policy", "test", "x", "--tool=--json"], False),
        (["policy", "fmt", "--", "--json"], False),
        (["policy", "test", "x", "--args"], False),
    ],
)
def test_a_word_is_a_flag_where_the_parser_reads_one(words: list[str], wanted: bool) -> None:
    assert wants_json(get_command(app), words) is wanted


def test_a_value_that_looks_like_the_flag_asks_for_no_json(hexgate: Hexgate) -> None:
    run = hexgate("policy", "test", "policy.yaml", "--tool", "a", "--args", "--json")
    assert (run.code, run.out, "this is not JSON" in run.err) == (2, "", True)


def test_an_interrupt_ends_quietly(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "is_dir", interrupt)
    code = get_command(app).main(["policy", "test", "suite.yaml"], standalone_mode=False)
    assert code == 130


def test_a_command_that_was_given_up_ends_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    def give_up() -> None:
        raise typer.Abort

    assert guarded(give_up, Output()) == 130
    assert capsys.readouterr().err == "stopped\n"


def loaded(*arguments: str) -> set[str]:
    """The modules that a command leaves behind."""
    code = (
        "import sys; from hexgate.cli.main import app; from typer.main import get_command\n"
        f"get_command(app).main({list(arguments)!r}, standalone_mode=False)\nprint('LOADED', *sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split("LOADED")[1].split())


def test_a_command_loads_what_it_needs_and_no_more(folder: Path) -> None:
    version = loaded("--version")
    assert "hexgate.core" in version
    assert not {"hexgate.core.policy", "hexgate.core.engine", "yaml", "rich"} & version
    assert "hexgate.core.engine" not in loaded("policy", "validate", "policy.yaml", "--no-lint")
    assert "hexgate.core.engine" not in loaded("policy", "fmt", "policy.yaml")
    assert not {"rich", "pydantic", "urllib.request"} & loaded("policy", "test", "policy.yaml", "--tool", "a")
