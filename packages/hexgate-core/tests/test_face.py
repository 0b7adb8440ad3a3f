"""The face of hexgate.core says the same in its table, its `__all__` and its stub, and loads nothing before it is asked."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

face: Any = importlib.import_module("hexgate.core")
STUB = ast.parse(Path(face.__file__).with_suffix(".pyi").read_text())


def test_the_table_is_what_all_says() -> None:
    assert list(face.TABLE) == face.__all__ == sorted(face.__all__, key=str)


def test_the_stub_imports_every_name_from_where_the_table_says() -> None:
    imports = {
        alias.asname: (node.module, alias.name)
        for node in STUB.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imports == face.TABLE


def test_the_stub_lists_the_same_names() -> None:
    listed = [
        ast.literal_eval(node.value)
        for node in STUB.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    assert listed == [face.__all__]


@pytest.mark.parametrize("name", face.__all__)
def test_every_name_is_the_one_of_its_storey(name: str) -> None:
    module, attribute = face.TABLE[name]
    assert getattr(face, name) is getattr(importlib.import_module(module), attribute)


def test_a_name_is_loaded_once() -> None:
    vars(face).pop("Outcome", None)
    first = face.Outcome
    assert vars(face)["Outcome"] is first is face.Outcome


@pytest.mark.parametrize("name", ["Polcy", "TABLES", "_private", "policies"])
def test_a_name_that_is_not_there_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'hexgate.core' has no attribute '{name}'"):
        getattr(face, name)


def test_dir_shows_the_public_names_loaded_or_not() -> None:
    assert dir(face) == sorted([*face.__all__, "__version__"])


def loaded(code: str) -> set[str]:
    script = f"import sys; before = set(sys.modules); {code}; print(*sorted(set(sys.modules) - before))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


def test_importing_the_face_loads_no_storey() -> None:
    assert {name for name in loaded("import hexgate.core") if name.startswith("hexgate")} == {"hexgate", "hexgate.core"}


def test_importing_the_face_loads_no_dependency() -> None:
    assert not {"yaml", "orjson", "re2", "json"} & loaded("import hexgate.core")


def test_who_decides_natively_loads_no_module_and_no_key(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("tools: {t: {mode: allow}}")
    make = f"from hexgate.core import Hexgate, User; gate = Hexgate.from_policy({str(path)!r})"
    code = f"{make}; gate.refresh(); gate.decide('t', user=User('u'))"
    assert not {"wasmtime", "cryptography", "hexgate.core.bundle", "hexgate.core.wasm"} & loaded(code)


def test_a_call_needs_no_policy_and_a_policy_no_engine() -> None:
    assert not any(name.startswith("hexgate.core.policy") for name in loaded("from hexgate.core import ToolCall"))
    assert not any(name.startswith("hexgate.core.engine") for name in loaded("from hexgate.core import Policy"))


def test_no_name_but_the_one_that_reads_tokens_loads_their_library() -> None:
    others = [name for name in face.__all__ if name != "verify_caller"]

    assert "biscuit_auth" not in loaded(f"from hexgate.core import {', '.join(others)}")
    assert "biscuit_auth" not in loaded("import hexgate.core.identity, hexgate.core.hexgate")
    assert "biscuit_auth" in loaded("from hexgate.core import verify_caller")
    assert "cryptography" not in loaded("from hexgate.core import verify_caller")
