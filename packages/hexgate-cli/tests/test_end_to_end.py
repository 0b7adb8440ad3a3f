"""The real `hexgate`: its own process, real pipes, a real terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

HEXGATE = Path(sys.executable).parent / "hexgate"
DENIED = ["policy", "test", "policy.yaml", "--role", "billing", "--tool", "refund_order", "--args", '{"amount": 700}']


def run(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(HEXGATE), *arguments]
    env = {
        **{name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}},
        **environment,
    }
    return subprocess.run(command, input=stdin, capture_output=True, text=True, env=env, check=False, timeout=60)


def test_the_executable_answers_with_its_exit_code(folder: Path) -> None:
    denied = run(*DENIED)
    assert (denied.returncode, denied.stderr) == (1, "")
    assert denied.stdout.startswith('✗ DENY · billing → refund_order({"amount": 700})\n')
    assert run("policy", "test", "policy.yaml", "--role", "support", "--tool", "wire").returncode == 3
    assert run("policy", "test", "suite.yaml").returncode == 0
    assert run("policy", "nope").returncode == 2


def test_the_module_is_the_same_command(folder: Path) -> None:
    command = [sys.executable, "-m", "hexgate.cli", *DENIED, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (1, "deny")


def test_a_policy_can_be_piped_in(folder: Path) -> None:
    done = run("policy", "validate", "-", "--json", stdin="tools: {a: {mode: allow}}")
    assert (done.returncode, json.loads(done.stdout)["valid"]) == (0, True)


def test_a_reader_who_goes_away_is_no_fault(folder: Path) -> None:
    script = f"'{HEXGATE}' policy schema | head -c 5"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ('{\n  "', "")


def test_a_full_disk_is_told(folder: Path) -> None:
    script = f"'{HEXGATE}' policy schema > /dev/full; echo $?"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr.splitlines()[0]) == (
        "2\n",
        "the output cannot be written: No space left on device [HX625]",
    )


def test_a_failure_that_cannot_be_told_where_it_was_to_be_is_told_elsewhere(folder: Path) -> None:
    script = f"'{HEXGATE}' policy test nowhere.yaml --tool a --json > /dev/full; echo $?"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, "[HX625]" in done.stderr, "Traceback" in done.stderr) == ("2\n", True, False)


@pytest.mark.parametrize(
    ("command", "code"), [("validate - <&-", 1), ("fmt - <&-", 1), ("schema >&-", 0), ("nope 2>&-", 2)]
)
def test_a_stream_that_is_closed_is_an_empty_one(folder: Path, command: str, code: int) -> None:
    done = subprocess.run(["bash", "-c", f"'{HEXGATE}' policy {command}"], capture_output=True, text=True, check=False)
    assert (done.returncode, "internal error" in done.stderr, "Traceback" in done.stderr) == (code, False, False)


def test_a_closed_pipe_keeps_the_exit_code_of_the_answer(folder: Path) -> None:
    words = " ".join(f"'{word}'" for word in DENIED)
    script = f"'{HEXGATE}' {words} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_stream_of_another_encoding_gets_what_it_can_hold(folder: Path) -> None:
    done = run(*DENIED, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout.startswith("x DENY | billing -> refund_order")) == (1, True)


def at_a_terminal(*arguments: str, **environment: str) -> str:
    """What a person at a terminal sees."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(str(HEXGATE), ["hexgate", *arguments], {**os.environ, "TERM": "xterm", **environment})
    seen = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.waitpid(child, 0)
    os.close(terminal)
    return seen.decode()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_terminal_is_shown_colours_unless_it_wants_none(folder: Path) -> None:
    assert "\x1b[31;1m✗ DENY\x1b[0m" in at_a_terminal(*DENIED)
    assert "\x1b" not in at_a_terminal(*DENIED, NO_COLOR="1")


def test_completion_offers_the_commands(folder: Path) -> None:
    done = run(_HEXGATE_COMPLETE="complete_bash", COMP_WORDS="hexgate policy ", COMP_CWORD="2")
    offered = ["validate", "test", "explain", "fmt", "schema", "show-rego", "build", "keygen", "verify", "inspect"]
    assert done.stdout.split() == offered
    assert "_HEXGATE_COMPLETE" in run("--show-completion", "bash", SHELL="/bin/bash").stdout
