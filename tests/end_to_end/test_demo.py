"""The demo, as `make demo` runs it: offline, in 80 columns, with colours only where they are wanted."""

import os
import pty
import subprocess
import sys

import pytest

from tests.end_to_end.blocks import AGENT, DEMO, demo, environment
from tests.end_to_end.pages import ROOT


def at_a_terminal(**more: str) -> str:
    """What the demo writes to a terminal."""
    ours, theirs = pty.openpty()
    settings = {**environment(), "TERM": "xterm", **more}
    del settings["NO_COLOR"]
    subprocess.run([sys.executable, DEMO], stdout=theirs, env={**settings, **more}, check=True)
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            piece = b""
        if not piece:
            os.close(ours)
            return said.decode()
        said += piece


def piped(**more: str) -> str:
    run = subprocess.run(
        [sys.executable, "-I", DEMO], capture_output=True, encoding="utf-8", env={**environment(), **more}, check=True
    )
    assert run.stderr == ""
    return run.stdout


def test_make_demo_runs_the_demo() -> None:
    for half in (DEMO, AGENT):
        assert f"@$(BIN)/python {half.relative_to(ROOT)}" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_policy_has_twelve_lines_and_all_of_them_are_shown() -> None:
    lines = DEMO.with_name("policy.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 12
    assert piped().splitlines()[1:13] == [f"{number:>4} │ {line}" for number, line in enumerate(lines, 1)]


def test_the_refund_is_denied_for_one_role_and_allowed_for_the_other() -> None:
    said = piped()
    assert '✗ DENY · support → refund_order({"amount": 400})' in said
    assert '✓ ALLOW · billing → refund_order({"amount": 400})' in said
    assert "policy.yaml:6 " in said
    assert "policy.yaml:10 " in said


def test_every_line_fits_into_80_columns() -> None:
    assert max(map(len, demo().splitlines())) <= 80


def test_an_agent_works_for_two_users_recovers_from_a_denial_and_asks_a_person() -> None:
    alice, bob = demo().split("\nalice, support\n")[1].split("bob, billing\n")
    assert "[policy_denied] Tool 'refund_order'" in alice
    assert "a person is asked: give_credit" in alice
    assert alice.index("[policy_denied]") < alice.index("refunded 100 EUR")
    assert "refunded 400 EUR" in bob
    assert "denied" not in bob


def test_colours_are_shown_at_a_terminal_only_and_never_against_no_color() -> None:
    assert "\x1b[" in at_a_terminal()
    assert "\x1b" not in at_a_terminal(NO_COLOR="1")
    assert "\x1b" not in at_a_terminal(TERM="dumb")
    assert "\x1b" not in piped()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_an_arrow_shows_something_else(encoding: str) -> None:
    run = subprocess.run(
        [sys.executable, DEMO], capture_output=True, env={**environment(), "PYTHONIOENCODING": encoding}, check=True
    )
    assert b"refund_order" in run.stdout
