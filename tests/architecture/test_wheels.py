"""Each wheel, built and installed alone: it can be imported, brings what is listed here, and owns no part of another."""

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.checks.layout import find_wheels_that_own_the_namespace
from tests.architecture.planting import CHECKOUT

UV = Path(sys.executable).parent / "uv"
CORE = {
    "annotated-types",
    "biscuit-python",
    "cffi",
    "cryptography",
    "google-re2",
    "hexgate-core",
    "orjson",
    "pycparser",
    "pydantic",
    "pydantic-core",
    "pyyaml",
    "typing-extensions",
    "typing-inspection",
    "wasmtime",
}
# All of it is typer's.
TERMINAL = {"annotated-doc", "markdown-it-py", "mdurl", "pygments", "rich", "shellingham", "typer"}
# All of it is openai-agents'.
OPENAI = {
    *(
        "anyio",
        "attrs",
        "certifi",
        "charset-normalizer",
        "click",
        "griffelib",
        "h11",
        "httpcore2",
        "httpx2",
        "idna",
        "jiter",
    ),
    *(
        "jsonschema",
        "jsonschema-specifications",
        "mcp",
        "mcp-types",
        "openai",
        "openai-agents",
        "opentelemetry-api",
        "pyjwt",
    ),
    *("python-multipart", "referencing", "requests", "rpds-py", "sniffio", "sse-starlette", "starlette", "truststore"),
    *("urllib3", "uvicorn", "websockets"),
}
# All of it is pydantic-ai-slim's.
PYDANTIC_AI = {
    *("anyio", "genai-prices", "griffelib", "h11", "httpcore2", "httpx2", "idna", "logfire-api", "opentelemetry-api"),
    *("pydantic-ai-slim", "pydantic-graph", "truststore"),
}
# All of it is langchain's and langgraph's.
LANGCHAIN = {
    *("anyio", "certifi", "charset-normalizer", "distro", "h11", "httpcore", "httpcore2", "httpx", "httpx2"),
    *("idna", "jsonpatch", "jsonpointer", "langchain", "langchain-core", "langchain-protocol", "langgraph"),
    *("langgraph-checkpoint", "langgraph-prebuilt", "langgraph-sdk", "langsmith", "ormsgpack", "packaging"),
    *("requests", "requests-toolbelt", "sniffio", "tenacity", "truststore", "urllib3", "uuid-utils"),
    *("websockets", "xxhash", "zstandard"),
}
# All of it is google-adk's.
GOOGLE = {
    *("aiosqlite", "annotated-doc", "anyio", "attrs", "authlib", "certifi", "charset-normalizer", "click"),
    *("distro", "fastapi", "google-adk", "google-auth", "google-genai", "graphviz", "h11", "httpcore"),
    *("httpx", "idna", "joserfc", "jsonschema", "jsonschema-specifications", "opentelemetry-api"),
    *("opentelemetry-sdk", "opentelemetry-semantic-conventions", "packaging", "pyasn1", "pyasn1-modules"),
    *("python-dotenv", "python-multipart", "referencing", "requests", "rpds-py", "sniffio", "starlette"),
    *("tenacity", "urllib3", "uvicorn", "watchdog", "websockets"),
}
# FastAPI with its server, the two databases, ClickHouse's client, and what they ask for; the embedded ClickHouse is an extra.
PLATFORM = {
    *("aiosqlite", "alembic", "annotated-doc", "anyio", "argon2-cffi", "argon2-cffi-bindings", "asyncpg"),
    *(
        "backports.zstd",
        "certifi",
        "click",
        "clickhouse-connect",
        "fastapi",
        "greenlet",
        "h11",
        "httpcore",
        "httptools",
        "httpx",
    ),
    *("idna", "lz4", "mako", "markupsafe", "opentelemetry-api", "prometheus-client", "sqlalchemy", "sqlmodel"),
    *("starlette", "urllib3", "uvicorn"),
}
BROUGHT = {
    "hexgate-core": CORE,
    "hexgate-cli": {*CORE, "hexgate-cli", *TERMINAL},
    "hexgate-google": {*CORE, "hexgate-google", *GOOGLE},
    "hexgate-langchain": {*CORE, "hexgate-langchain", *LANGCHAIN},
    "hexgate-openai": {*CORE, "hexgate-openai", *OPENAI},
    "hexgate-platform": {*CORE, "hexgate-platform", *PLATFORM},
    "hexgate-pydantic-ai": {*CORE, "hexgate-pydantic-ai", *PYDANTIC_AI},
}
# What no import of core may load, wherever it comes from: frameworks, servers, clients and what is slow to start. A manifest is a
# Pydantic model, and the two names of it are loaded by whoever needs one.
HEAVY = """
agents aiohttp anthropic cryptography fastapi google.adk google.genai http.client httpx langchain langchain_core langgraph mcp
openai pydantic pydantic_ai pydantic_core requests rich sqlalchemy starlette typer urllib.request urllib3 uvicorn
wasmtime websockets
"""
# What a door loads when a gate is made, and not before: most of what an import of it would cost.
AT_A_GATE = {
    "hexgate.core.audit",
    "hexgate.core.engine",
    "hexgate.core.hexgate",
    "hexgate.core.policy",
    "hexgate.core.program",
}
ASK = """
import importlib, importlib.metadata, json, sys
module = importlib.import_module(sys.argv[1])
late = {"AgentManifest", "create_manifest"}
names = [name for name in getattr(module, "__all__", []) if name not in late and getattr(module, name) is None]
print(json.dumps({
    "file": module.__file__,
    "modules": sorted(sys.modules),
    "distributions": sorted(found.name.lower().replace("_", "-") for found in importlib.metadata.distributions()),
}))
"""


DOOR = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "hexgate-mcp"
version = "0.1.0"
dependencies = ["hexgate-cli"]

[tool.hatch.build.targets.wheel]
packages = ["src/hexgate"]
"""


@dataclass(frozen=True)
class Alone:
    """A clean environment into which one wheel was installed, with whatever it asked for."""

    name: str
    python: Path
    told: dict[str, Any]


def build(source: Path, into: Path) -> Path:
    """With the backend of the lock, so that no index is asked."""
    every = ["--all-packages"] if (source / "packages").exists() else []
    run(UV, "build", *every, "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", into, source)
    return into


def install(name: str, wheels: Path, folder: Path) -> Alone:
    run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    command = [
        UV,
        "pip",
        "install",
        "--python",
        python,
        "--find-links",
        wheels,
        "-c",
        CHECKOUT / "requirements.lock",
        name,
    ]
    # What set-up brought is in uv's cache; an index is asked only when that was emptied.
    if not succeeds(*command, "--offline"):
        run(*command)
    return Alone(name, python, tell(python, name.replace("hexgate-", "hexgate.", 1).replace("-", "_")))


def tell(python: Path, module: str) -> dict[str, Any]:
    """What Python says there after the package and every public name of it were loaded, with all warnings as errors."""
    command = [str(python), "-I", "-W", "error", "-c", ASK, module]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return dict(json.loads(asked.stdout)) if asked.returncode == 0 else {"fault": asked.stderr}


def run(*command: object) -> str:
    result = subprocess.run([str(part) for part in command], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def succeeds(*command: object) -> bool:
    return (
        subprocess.run([str(part) for part in command], cwd=CHECKOUT, capture_output=True, check=False).returncode == 0
    )


def find_faults_of_a_wheel_alone(alone: Alone, brought: set[str]) -> list[str]:
    """It cannot be imported, is not imported from where it was installed, or brings more or less than is listed."""
    if "fault" in alone.told:
        return [f"{alone.name}: cannot be imported alone: {alone.told['fault']}"]
    found = []
    if not Path(alone.told["file"]).is_relative_to(alone.python.parents[1]):
        found.append(f"{alone.name}: was imported from {alone.told['file']}")
    there = set(alone.told["distributions"])
    found += [f"{alone.name}: brings {name}, which is not listed" for name in sorted(there - brought)]
    found += [f"{alone.name}: brings no {name}" for name in sorted(brought - there)]
    if alone.name not in {"hexgate-core", "hexgate-cli", "hexgate-platform"}:
        found += [f"{alone.name}: loads {name} too early" for name in sorted({*alone.told["modules"]} & AT_A_GATE)]
    if not any(name.startswith("hexgate-") and name not in CORE for name in there):
        found += [f"{alone.name}: loads {name}" for name in sorted({*alone.told["modules"]} & {*HEAVY.split()})]
    return found


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(CHECKOUT, tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session", params=sorted(BROUGHT))
def alone(request: pytest.FixtureRequest, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    return install(request.param, wheels, tmp_path_factory.mktemp(request.param))


def test_every_package_is_built_and_listed_here(wheels: Path) -> None:
    built = {path.name.split("-")[0].replace("_", "-") for path in wheels.glob("*.whl")}

    assert built == set(BROUGHT) == {*(path.name for path in CHECKOUT.glob("packages/*")), "hexgate-platform"}


def test_no_wheel_owns_the_namespace(wheels: Path) -> None:
    assert find_wheels_that_own_the_namespace(wheels) == []


def test_every_wheel_carries_its_type_marker(wheels: Path) -> None:
    for wheel in wheels.glob("*.whl"):
        names = zipfile.ZipFile(wheel).namelist()

        assert [name for name in names if name.count("/") == 2 and name.endswith("/py.typed")], wheel.name


def test_a_wheel_alone_is_imported_and_brings_what_is_listed(alone: Alone) -> None:
    assert find_faults_of_a_wheel_alone(alone, BROUGHT[alone.name]) == []


@pytest.mark.parametrize("alone", ["hexgate-cli"], indirect=True)
def test_the_command_starts_where_only_its_wheel_is_installed(alone: Alone) -> None:
    assert "policy" in run(alone.python.parent / "hexgate", "--help")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("", "hexgate-mcp: brings hexgate-cli, which is not listed"),
        ("import tests_of_ours\n", "hexgate-mcp: cannot be imported alone"),
    ],
    ids=["a wheel that drags another in", "a wheel that imports what it does not ask for"],
)
def test_a_planted_wheel_is_caught(module: str, said: str, wheels: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "src/hexgate/mcp").mkdir(parents=True)
    (source / "src/hexgate/mcp/__init__.py").write_text(module)
    (source / "pyproject.toml").write_text(DOOR)
    together = build(source, shutil.copytree(wheels, tmp_path / "wheels"))

    found = find_faults_of_a_wheel_alone(install("hexgate-mcp", together, tmp_path / "venv"), {"hexgate-mcp"})

    assert any(said in sentence for sentence in found), found


def test_a_wheel_that_owns_the_namespace_is_caught(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hexgate_mcp-0.1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("hexgate/__init__.py", "")
        wheel.writestr("tests/test_x.py", "")

    found = find_wheels_that_own_the_namespace(tmp_path)

    assert [sentence.split("holds ")[1] for sentence in found] == ["hexgate/__init__.py", "tests"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"modules": ["pydantic"]}, "hexgate-core: loads pydantic"),
        ({"file": "/elsewhere/hexgate/core/__init__.py"}, "hexgate-core: was imported from /elsewhere"),
        ({"distributions": []}, "hexgate-core: brings no orjson"),
    ],
    ids=["a core that loads a framework", "a core from somewhere else", "a core without its dependencies"],
)
def test_a_planted_answer_is_caught(told: dict[str, Any], said: str, tmp_path: Path) -> None:
    sound = {"file": str(tmp_path / "x.py"), "modules": [], "distributions": sorted(CORE)}
    alone = Alone("hexgate-core", tmp_path / "bin" / "python", {**sound, **told})

    found = find_faults_of_a_wheel_alone(alone, CORE)

    assert any(said in sentence for sentence in found), found
