"""The runtime that the package carries is what its source gives, with the compiler that is pinned."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[5]
WASM = ROOT / "packages/hexgate-core/src/hexgate/core/wasm"


def test_the_runtime_is_built_from_its_source_byte_by_byte(tmp_path: Path) -> None:
    made = tmp_path / "runtime.wasm"
    built = subprocess.run([ROOT / ".ci/runtime", made], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert made.read_bytes() == (WASM / "runtime.wasm").read_bytes(), "run `.ci/runtime` and commit what it makes"


def test_a_file_of_the_runtime_stays_small_enough_to_be_read() -> None:
    sizes = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in WASM.glob("runtime/*.[ch]")}
    assert len(sizes) > 20
    assert {name: size for name, size in sizes.items() if size > 400} == {}
