"""Every case of the conformance suites, answered by `hexgate policy test`: all of them as suites, and each that a shell can
express as one call. The commands run in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hexgate.cli.main import app
from hexgate.core.testing import Case, Suite, find_suites, read_suites
from hexgate.core.testing.suite import Origin

CASES = Path(__file__).parent / "cases"
EXIT_CODES = {"allow": 0, "deny": 1, "approval_required": 3}
RUNNER = CliRunner()


def options_of(case: Case) -> list[str] | None:
    """The case as options of one call; None when no shell could say it."""
    arguments, user = case.arguments, case.user
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
    commas = any("," in role or role != role.strip() for role in user.roles)
    if not case.tool or not is_json(raw) or user.user_id is None or (commas and len(user.roles) > 1):
        return None
    options = [f"--tool={case.tool}", f"--args={raw}", f"--ctx={json.dumps(user.attributes)}", f"--user={user.user_id}"]
    if user.session_id is not None:
        options.append(f"--session={user.session_id}")
    if len(user.roles) == 1:
        options.append(f"--role={user.roles[0]}")
    elif user.roles:
        options.append(f"--roles={','.join(user.roles)}")
    return options


def is_json(text: str) -> bool:
    """Whether a command takes the text: what is no JSON at all is a mistake of usage there."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    except (ValueError, RecursionError):
        pass
    return not text.startswith("@")


def one_by_one() -> Iterator[Any]:
    for path in find_suites(CASES):
        for suite in read_suites(path).suites:
            for case in suite.cases:
                options = options_of(case)
                if options is not None:
                    name = f"{path.stem}/{suite.name}/{case.name}"
                    yield pytest.param(suite, case, options, id=name)


ALL = list(one_by_one())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[Origin, Path]:
    """Where each policy was written to."""
    folder = tmp_path_factory.mktemp("policies")
    origins = dict.fromkeys(parameter.values[0].origin for parameter in ALL)
    return {origin: write(origin, folder / str(number)) for number, origin in enumerate(origins)}


def write(origin: Origin, path: Path) -> Path:
    if origin.text is not None:
        path.write_text(origin.text, encoding="utf-8")
        return path
    path.mkdir()
    for name, text in origin.files:
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_the_command_line_passes_all_suites() -> None:
    run = RUNNER.invoke(app, ["policy", "test", str(CASES), "--json"])
    told = json.loads(run.stdout)
    failed = [case for suite in told["results"] for case in suite["cases"] if not case["passed"]]
    assert failed == []
    assert (run.exit_code, told["passed"] >= 250) == (0, True)


def test_nearly_every_case_can_be_said_as_one_call() -> None:
    every = sum(len(suite.cases) for path in find_suites(CASES) for suite in read_suites(path).suites)
    assert len(ALL) > 0.9 * every


@pytest.mark.parametrize(("suite", "case", "options"), ALL)
def test_one_call_is_answered_as_the_case_wants(
    suite: Suite, case: Case, options: list[str], written: dict[Origin, Path]
) -> None:
    run = RUNNER.invoke(app, ["policy", "test", str(written[suite.origin]), "--json", *options])
    told = json.loads(run.stdout)
    got = {**told, "line": told["rule"]["line"] if told["rule"] else None}
    assert {key: got[key] for key in case.wanted} == dict(case.wanted)
    assert run.exit_code == EXIT_CODES[case.wanted["outcome"]]
