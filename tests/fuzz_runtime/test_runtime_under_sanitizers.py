"""The C of the runtime, built for this machine and asked the strangest things, reads and writes nothing that is not its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.fuzz_runtime.building import CORPUS, built, corpus_of_questions, policies

RUNS = 5_000
FUZZ_RUNS = int(os.environ.get("HEXGATE_FUZZ_RUNS", "2000000"))
POLICIES = 60
REACHED = 1_000


def searched(folder: Path, kind: str, runs: int, seed: int) -> int:
    """Runs the fuzzer; how many places of the runtime were reached."""
    corpus = folder / "corpus"
    shutil.copytree(CORPUS, corpus)
    corpus_of_questions(corpus, POLICIES)
    policies(folder / "policies", POLICIES)
    fuzzer = built(folder, kind)
    found = subprocess.run(
        [fuzzer, "policies", "corpus", str(runs), str(seed)],
        cwd=folder,
        env={**os.environ, "ASAN_OPTIONS": "abort_on_error=1", "UBSAN_OPTIONS": "print_stacktrace=1"},
        capture_output=True,
        text=True,
        check=False,
    )
    crash = folder / "crash"
    assert found.returncode == 0, f"seed {seed}: {found.stderr}\n{crash.read_bytes() if crash.exists() else b''!r}"
    said = re.fullmatch(r"(\d+) runs, \d+ inputs, (\d+) places\n", found.stdout)
    assert said is not None
    assert int(said[1]) == runs
    return int(said[2])


def test_no_arithmetic_is_undefined_and_every_answer_can_be_read_again(tmp_path: Path) -> None:
    assert searched(tmp_path, "undefined", RUNS, seed=1) > REACHED


@pytest.mark.fuzz
def test_two_million_inputs_touch_no_byte_that_was_not_given_out(tmp_path: Path) -> None:
    # A seed that no run had before; a failure names it.
    assert searched(tmp_path, "address", FUZZ_RUNS, seed=time.time_ns() % 2**32) > REACHED
