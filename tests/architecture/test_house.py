"""The house is as HOUSE says, and each checker catches the fault it is there for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.checks import docs, face, imports, layout, parts, surface, versions
from tests.architecture.planting import CHECKOUT, CLI, CORE, plant

Checker = Callable[[Path], list[str]]
CHECKERS: list[Checker] = [
    docs.find_dead_commands,
    docs.find_dead_links,
    docs.find_dead_make_targets,
    docs.find_dead_paths,
    docs.find_test_commands_that_ci_does_not_run,
    docs.find_unverified_decisions,
    face.find_faces_that_disagree,
    imports.find_broken_contracts,
    imports.find_dynamic_imports,
    imports.find_foreign_imports,
    imports.find_hidden_imports,
    imports.find_imports_of_the_face,
    imports.find_private_reaches,
    layout.find_index_hosts,
    layout.find_missing_type_markers,
    layout.find_namespace_owners,
    layout.find_private_modules,
    layout.find_strangers_at_the_top,
    parts.find_parts_that_lead_astray,
    surface.find_names_missing_from_all,
    surface.find_names_missing_from_the_reference,
    versions.find_disagreeing_versions,
    versions.find_open_ranges,
]
ENGINE = f"{CORE}/engine/native.py"
FAST = f"{CORE}/wasm/fast.py"
DECIDE = '__all__ = ["decide"]\n\n\ndef decide():\n    return None\n'
HOST = "py" + "pi.org"
PARTS = f"{CORE}/sources/parts.py"

FAULTS: list[tuple[str, Checker, dict[str, str], str]] = [
    (
        "a storey that imports what lies above it",
        imports.find_broken_contracts,
        {f"{CORE}/text.py": "import hexgate.core.errors\n"},
        "hexgate.core.text -> hexgate.core.errors",
    ),
    (
        "a storey that skips to one far above it",
        imports.find_broken_contracts,
        {f"{CORE}/call.py": "from hexgate.core import testing\n"},
        "hexgate.core.call -> hexgate.core.testing",
    ),
    (
        "a module that has no storey",
        imports.find_broken_contracts,
        {f"{CORE}/helpers.py": ""},
        "BROKEN",
    ),
    (
        "siblings that import each other",
        imports.find_broken_contracts,
        {
            ENGINE: f"from hexgate.core.engine import explain\n\n{DECIDE}",
            f"{CORE}/engine/explain.py": "from hexgate.core.engine.native import decide\n",
        },
        "BROKEN",
    ),
    (
        "core that stands on the command line",
        imports.find_broken_contracts,
        {f"{CORE}/testing.py": "import hexgate.cli\n"},
        "hexgate.core.testing -> hexgate.cli",
    ),
    (
        "core with a framework",
        imports.find_broken_contracts,
        {ENGINE: f"import langchain_core\n\n{DECIDE}"},
        "hexgate.core.engine.native -> langchain_core",
    ),
    (
        "core with FastAPI",
        imports.find_broken_contracts,
        {ENGINE: f"import fastapi\n\n{DECIDE}"},
        "hexgate.core.engine.native -> fastapi",
    ),
    (
        "core with an HTTP client hidden in a function",
        imports.find_broken_contracts,
        {ENGINE: f"{DECIDE}\n\ndef fetch():\n    import httpx\n    return httpx\n"},
        "hexgate.core.engine.native -> httpx",
    ),
    (
        "an import of ours inside a function",
        imports.find_hidden_imports,
        {ENGINE: "def decide():\n    from hexgate.core import text\n    return text\n"},
        "native.py:2: imports `hexgate.core` inside `decide`",
    ),
    (
        "an import of ours under TYPE_CHECKING",
        imports.find_hidden_imports,
        {ENGINE: "import typing\n\nif typing.TYPE_CHECKING:\n    import hexgate.core.text\n"},
        "native.py:4: imports `hexgate.core.text` under TYPE_CHECKING",
    ),
    (
        "a module loaded by its name",
        imports.find_dynamic_imports,
        {ENGINE: f'import importlib\n\n{DECIDE}\nTEXT = importlib.import_module("hexgate.core.text")\n'},
        "native.py:9: loads a module by its name",
    ),
    (
        "a fourth dependency of core",
        imports.find_foreign_imports,
        {ENGINE: f"import numpy\n\n{DECIDE}"},
        "core does not know `numpy`",
    ),
    (
        "a storey that takes a name from the face",
        imports.find_imports_of_the_face,
        {f"{CORE}/testing.py": "from hexgate.core import decide\n"},
        "takes `decide` from the face",
    ),
    (
        "a storey that imports the face whole",
        imports.find_imports_of_the_face,
        {f"{CORE}/testing.py": "import hexgate.core\n"},
        "imports the face",
    ),
    (
        "a private name of ours imported",
        imports.find_private_reaches,
        {f"{CLI}/main.py": "from hexgate.core.engine.native import _walk\n"},
        "`hexgate.core.engine.native._walk`",
    ),
    (
        "a private name of theirs read off an imported class",
        imports.find_private_reaches,
        {f"{CLI}/main.py": "from enum import Enum\n\nNAMES = Enum._member_names_\n"},
        "`Enum._member_names_`",
    ),
    (
        "a private module of theirs, far down",
        imports.find_private_reaches,
        {"tests/test_x.py": "import re2\n\nre2._re2.Set()\n"},
        "tests/test_x.py:3",
    ),
    (
        "a private module of theirs imported",
        imports.find_private_reaches,
        {f"{CORE}/text.py": "import yaml._yaml\n"},
        "`yaml._yaml`",
    ),
    (
        "another private name in the file that may take one",
        imports.find_private_reaches,
        {FAST: "import wasmtime\n\nwasmtime._ffi.dll\nwasmtime._bindings\n"},
        "fast.py:4: reaches for the private name `wasmtime._bindings`",
    ),
    (
        "the private name that one file may take in another",
        imports.find_private_reaches,
        {ENGINE: "import wasmtime\n\nwasmtime._ffi.dll\n"},
        "`wasmtime._ffi`",
    ),
    (
        "a private name that is exempt and not taken",
        imports.find_private_reaches,
        {FAST: "import wasmtime\n"},
        "needs no exemption for `wasmtime._ffi` any more",
    ),
    (
        "an index host in prose",
        layout.find_index_hosts,
        {"docs/guide.md": f"Get it from {HOST}.\n"},
        f"docs/guide.md: names the index host {HOST}",
    ),
    (
        "an address in a lock",
        layout.find_index_hosts,
        {"requirements.lock": "a @ https://mirror.example/a.whl\n"},
        "requirements.lock: a lock holds no addresses",
    ),
    (
        "an index of one's own",
        layout.find_index_hosts,
        {".ci/run": f"pip install --index-{'url'} https://mirror.example/simple x\n"},
        ".ci/run: sets an index",
    ),
    (
        "a package without py.typed",
        layout.find_missing_type_markers,
        {"packages/hexgate-mcp/src/hexgate/mcp/__init__.py": ""},
        "hexgate/mcp: has no py.typed",
    ),
    (
        "a wheel that owns the namespace",
        layout.find_namespace_owners,
        {"packages/hexgate-cli/src/hexgate/__init__.py": ""},
        "belongs to no wheel",
    ),
    (
        "a module with an underscore",
        layout.find_private_modules,
        {f"{CORE}/engine/_fast.py": ""},
        "_fast.py",
    ),
    (
        "a new thing at the top",
        layout.find_strangers_at_the_top,
        {"scripts/run.sh": ""},
        "scripts: the top level has no place for it",
    ),
    (
        "a module without `__all__`",
        surface.find_names_missing_from_all,
        {ENGINE: "def decide():\n    return None\n"},
        "native.py: has no `__all__`",
    ),
    (
        "a name that others take although `__all__` lacks it",
        surface.find_names_missing_from_all,
        {ENGINE: "__all__ = []\n\n\ndef decide():\n    return None\n"},
        "takes `decide` from `hexgate.core.engine.native`",
    ),
    (
        "a name in `__all__` that is not there",
        surface.find_names_missing_from_all,
        {ENGINE: DECIDE.replace('"]', '", "explain"]')},
        "`__all__` lists `explain`",
    ),
    (
        "a name of the face that types do not know",
        face.find_faces_that_disagree,
        {f"{CORE}/__init__.pyi": "__all__ = []\n"},
        "the stub lacks `decide`",
    ),
    (
        "a stub that leads elsewhere",
        face.find_faces_that_disagree,
        {f"{CORE}/__init__.pyi": 'from hexgate.core.engine.native import decide\n\n__all__ = ["decide"]\n'},
        "the table and the stub differ on `decide`",
    ),
    (
        "a name of the face that leads nowhere",
        face.find_faces_that_disagree,
        {f"{CORE}/engine/__init__.py": "__all__ = []\n"},
        "`decide` is not public at `hexgate.core.engine.decide`",
    ),
    (
        "a late part that leads upwards",
        parts.find_parts_that_lead_astray,
        {PARTS: 'PARTS = {"gate": ("hexgate.core.testing", "run")}\n'},
        "`gate` leads to `hexgate.core.testing`, which is not below `sources`",
    ),
    (
        "a late part that leads out of core",
        parts.find_parts_that_lead_astray,
        {PARTS: 'PARTS = {"get": ("httpx", "get")}\n'},
        "`get` leads to `httpx`",
    ),
    (
        "a late part that is not there",
        parts.find_parts_that_lead_astray,
        {PARTS: 'PARTS = {"wasm": ("hexgate.core.wasm", "Engine")}\n'},
        "`wasm` is not public at `hexgate.core.wasm.Engine`",
    ),
    (
        "a table of late parts that nobody can read",
        parts.find_parts_that_lead_astray,
        {PARTS: "PARTS = dict(wasm=1)\n"},
        "has no table of parts",
    ),
    (
        "a public name without reference",
        surface.find_names_missing_from_the_reference,
        {"docs/reference/python.md": "# Python\n\nWe decide.\n"},
        "does not mention `decide`",
    ),
    (
        "a make target that is gone",
        docs.find_dead_make_targets,
        {"README.md": "```\nmake test bake\n```\n"},
        "README.md:2: `make bake`",
    ),
    (
        "a path that is gone",
        docs.find_dead_paths,
        {"docs/guide.md": "See `docs/reference/gone.md`.\n"},
        "`docs/reference/gone.md`",
    ),
    (
        "a link that leads nowhere",
        docs.find_dead_links,
        {"docs/guide.md": "See [there](reference/gone.md).\n"},
        "reference/gone.md leads nowhere",
    ),
    (
        "a command that is gone",
        docs.find_dead_commands,
        {"README.md": "`hexgate policy bake`\n"},
        "`hexgate policy bake`",
    ),
    (
        "a README whose test command CI does not run",
        docs.find_test_commands_that_ci_does_not_run,
        {"README.md": "```\nmake test WORKERS=8\n```\n"},
        "README.md: .ci/run does not run `make test WORKERS=8`",
    ),
    (
        "a decision that nobody can verify",
        docs.find_unverified_decisions,
        {"docs/decisions/0009-x.md": "# 9. X\n\n```\nmake test\n```\n\nTrust us.\n"},
        "0009-x.md: ends with no command",
    ),
    (
        "a wheel of another version",
        versions.find_disagreeing_versions,
        {"packages/hexgate-core/pyproject.toml": '[project]\nname = "hexgate-core"\nversion = "0.2.0"\n'},
        "packages/hexgate-core: version is 0.2.0",
    ),
    (
        "a package that says another version",
        versions.find_disagreeing_versions,
        {f"{CORE}/__init__.py": '__version__ = "0.0.9"\n'},
        "__version__ is 0.0.9",
    ),
    (
        "a pin on another version",
        versions.find_disagreeing_versions,
        {
            "packages/hexgate-cli/pyproject.toml": (
                '[project]\nname = "hexgate-cli"\nversion = "0.1.0"\ndependencies = ["hexgate-core>=0.1.0"]\n'
            )
        },
        "it must be hexgate-core==0.1.0",
    ),
    (
        "a dependency without a ceiling",
        versions.find_open_ranges,
        {
            "packages/hexgate-core/pyproject.toml": (
                '[project]\nname = "hexgate-core"\nversion = "0.1.0"\ndependencies = ["orjson>=3"]\n'
            )
        },
        "orjson>=3 has no floor or no ceiling",
    ),
]


@pytest.mark.parametrize("find", CHECKERS, ids=lambda find: find.__name__)
def test_the_checkout_has_no_fault(find: Checker) -> None:
    assert find(CHECKOUT) == []


@pytest.mark.parametrize("find", CHECKERS, ids=lambda find: find.__name__)
def test_a_sound_tree_has_no_fault(find: Checker, tmp_path: Path) -> None:
    assert find(plant(tmp_path)) == []


@pytest.mark.parametrize(("find", "fault", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_planted_fault_is_caught(find: Checker, fault: dict[str, str], said: str, tmp_path: Path) -> None:
    found = find(plant(tmp_path, fault))

    assert any(said in sentence for sentence in found), found


def test_every_checker_is_tried_with_a_fault() -> None:
    assert {find for _, find, _, _ in FAULTS} == set(CHECKERS)
