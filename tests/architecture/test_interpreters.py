"""Set-up finds a Python that Hexgate runs on, or says in one sentence what to install."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.planting import CHECKOUT

TOOLS = ("bash", "env", "sort", "dirname")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine on whose PATH there is no Python yet."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def add_python(path: Path, version: str, *, answers: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version} {path}\n" if answers else "#!/bin/sh\nexit 127\n")
    path.chmod(0o755)
    return path


def find(machine: Path, *wanted: str) -> tuple[str, str]:
    environment = {"PATH": str(machine / "bin"), "PYENV_ROOT": str(machine / "pyenv"), "HOME": str(machine)}
    command = [str(CHECKOUT / ".ci/find-python"), *wanted]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode == 0) == bool(run.stdout)
    return run.stdout.strip(), run.stderr.strip()


def test_the_python_on_the_path_is_taken(machine: Path) -> None:
    python = add_python(machine / "bin/python3", "3.12")

    assert find(machine) == (str(python), "")


def test_an_old_python_is_passed_over_for_a_newer_one(machine: Path) -> None:
    add_python(machine / "bin/python3", "3.9")
    python = add_python(machine / "bin/python3.11", "3.11")

    assert find(machine) == (str(python), "")


def test_a_shim_that_does_not_answer_leads_to_the_versions_of_pyenv(machine: Path) -> None:
    add_python(machine / "bin/python3.12", "3.12", answers=False)
    python = add_python(machine / "pyenv/versions/3.12.1/bin/python3", "3.12")

    assert find(machine, "3.12") == find(machine, "python3.12") == (str(python), "")


def test_without_any_python_one_sentence_says_what_to_install(machine: Path) -> None:
    add_python(machine / "bin/python3", "3.10")

    assert find(machine)[1].startswith("Hexgate needs Python 3.11 or newer and found none: install python3.11")


def test_a_version_that_is_missing_is_said_and_never_replaced(machine: Path) -> None:
    add_python(machine / "bin/python3", "3.11")

    assert find(machine, "3.13")[1].startswith("No Python 3.13 answers on PATH")


def test_a_named_interpreter_that_is_too_old_is_refused(machine: Path) -> None:
    old = add_python(machine / "old/python", "3.10")
    add_python(machine / "bin/python3", "3.12")

    assert find(machine, str(old))[1].startswith(f"PYTHON={old} is no Python 3.11 or newer")
