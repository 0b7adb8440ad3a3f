"""Each wheel, built and installed alone: it can be imported, brings what is listed here, and owns no part of another."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.checks.layout import find_wheels_that_own_the_namespace
from tests.architecture.planting import CHECKOUT

UV = Path(sys.executable).parent / "uv"
CORE = {"google-re2", "hexgate-core", "orjson", "pyyaml"}
# All of it is typer's; since its 0.29 that is pydantic too, which it loads only for commands that ask for a model.
TERMINAL = {
    *("annotated-doc", "annotated-types", "markdown-it-py", "mdurl", "pydantic", "pydantic-core", "pygments", "rich"),
    *("shellingham", "typer", "typing-extensions", "typing-inspection"),
}
BROUGHT = {"hexgate-core": CORE, "hexgate-cli": {*CORE, "hexgate-cli", *TERMINAL}}
# What no import of core may load, wherever it comes from: frameworks, servers, clients and what is slow to start.
HEAVY = """
agents aiohttp anthropic fastapi google.adk google.genai http.client httpx langchain langchain_core langgraph mcp
openai pydantic pydantic_ai pydantic_core requests rich sqlalchemy starlette typer urllib.request urllib3 uvicorn
wasmtime websockets
"""
ASK = """
import importlib, importlib.metadata, json, sys
module = importlib.import_module(sys.argv[1])
names = [name for name in getattr(module, "__all__", []) if getattr(module, name) is None]
print(json.dumps({
    "file": module.__file__,
    "after_every_name": sorted(sys.modules),
    "distributions": sorted(found.name.lower().replace("_", "-") for found in importlib.metadata.distributions()),
}))
"""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the backend of the lock, so that no index is asked."""
    folder = tmp_path_factory.mktemp("wheels")
    run(
        UV,
        "build",
        "--all-packages",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        folder,
    )
    return folder


class Alone:
    """A clean environment that holds one wheel and what it asked for."""

    def __init__(self, name: str, python: Path) -> None:
        self.name = name
        self.python = python
        self.told = json.loads(run(python, "-I", "-W", "error", "-c", ASK, name.replace("-", ".")))


@pytest.fixture(scope="session", params=sorted(BROUGHT))
def alone(request: pytest.FixtureRequest, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    name: str = request.param
    folder = tmp_path_factory.mktemp(name)
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    python = folder / "venv" / "bin" / "python"
    install = [UV, "pip", "install", "--python", python, "--find-links", wheels, "-c", CHECKOUT / "requirements.lock"]
    # What set-up brought is in uv's cache; an index is asked only when that was emptied.
    if not succeeds(*install, "--offline", name):
        run(*install, name)
    return Alone(name, python)


def run(*command: object) -> str:
    result = subprocess.run([str(part) for part in command], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def succeeds(*command: object) -> bool:
    return (
        subprocess.run([str(part) for part in command], cwd=CHECKOUT, capture_output=True, check=False).returncode == 0
    )


def test_every_package_is_built_and_listed_here(wheels: Path) -> None:
    built = {path.name.split("-")[0].replace("_", "-") for path in wheels.glob("*.whl")}

    assert built == set(BROUGHT) == {path.name for path in CHECKOUT.glob("packages/*")}


def test_no_wheel_owns_the_namespace(wheels: Path) -> None:
    assert find_wheels_that_own_the_namespace(wheels) == []


def test_a_wheel_that_owns_the_namespace_is_caught(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hexgate_mcp-0.1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("hexgate/__init__.py", "")
        wheel.writestr("tests/test_x.py", "")

    found = find_wheels_that_own_the_namespace(tmp_path)

    assert [sentence.split("holds ")[1] for sentence in found] == ["hexgate/__init__.py", "tests"]


def test_every_wheel_carries_its_type_marker(wheels: Path) -> None:
    for wheel in wheels.glob("*.whl"):
        names = zipfile.ZipFile(wheel).namelist()

        assert [name for name in names if name.count("/") == 2 and name.endswith("/py.typed")], wheel.name


def test_a_wheel_alone_is_imported_from_its_own_environment(alone: Alone) -> None:
    assert Path(alone.told["file"]).is_relative_to(alone.python.parents[1])


def test_a_wheel_brings_what_is_listed_and_nothing_else(alone: Alone) -> None:
    assert set(alone.told["distributions"]) == BROUGHT[alone.name]


@pytest.mark.parametrize("alone", ["hexgate-core"], indirect=True)
def test_no_name_of_core_loads_a_framework_or_a_client(alone: Alone) -> None:
    assert set(alone.told["after_every_name"]) & set(HEAVY.split()) == set()


@pytest.mark.parametrize("alone", ["hexgate-cli"], indirect=True)
def test_the_command_starts_where_only_its_wheel_is_installed(alone: Alone) -> None:
    assert "policy" in run(alone.python.parent / "hexgate", "--help")
