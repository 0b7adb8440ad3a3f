"""`hexgate policy show-rego`: printed or written, and nothing else said that a program would have to take away."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hexgate.core import Policy, compile_policy
from hexgate.core.rego import rego_text

Hexgate = Callable[..., Any]


def wanted(folder: Path) -> str:
    return rego_text(compile_policy(Policy.load(folder / "policy.yaml")))


def test_the_rego_alone_is_printed(hexgate: Hexgate, folder: Path) -> None:
    run = hexgate("policy", "show-rego", "policy.yaml")
    assert (run.code, run.out, run.err) == (0, wanted(folder), "")


def test_it_is_written_to_a_file_that_others_may_read(hexgate: Hexgate, folder: Path) -> None:
    run = hexgate("policy", "show-rego", "policy.yaml", "-o", "policy.rego")
    path = folder / "policy.rego"
    assert path.read_text() == wanted(folder)
    assert run.out == f"✓ policy.rego · {wanted(folder).count(chr(10))} lines\n"
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    path.chmod(0o600)
    hexgate("policy", "show-rego", "policy.yaml", "-o", "policy.rego")
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in folder.iterdir()) == ["policy.rego", "policy.yaml", "suite.yaml"]


def test_a_pipe_is_written_to_and_stays_a_pipe(hexgate: Hexgate, folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert hexgate("policy", "show-rego", "policy.yaml", "-o", "pipe").code == 0
    assert os.read(reader, 1 << 20).decode() == wanted(folder)
    os.close(reader)
    assert pipe.is_fifo()


def test_a_folder_that_is_not_there_is_told(hexgate: Hexgate) -> None:
    run = hexgate("policy", "show-rego", "policy.yaml", "-o", "none/policy.rego")
    assert (run.code, run.out) == (2, "")
    assert "`none/policy.rego` cannot be written: No such file or directory [HX625]" in run.err


def test_as_json_it_stands_beside_the_digest_and_the_query(hexgate: Hexgate, folder: Path) -> None:
    program = compile_policy(Policy.load(folder / "policy.yaml"))
    told = hexgate("policy", "show-rego", "policy.yaml", "--json").json
    assert told == {"digest": program.digest, "query": "data.hexgate.policy.decision", "rego": rego_text(program)}
    told = hexgate("policy", "show-rego", "policy.yaml", "--json", "-o", "p.rego").json
    assert told == {"digest": program.digest, "query": "data.hexgate.policy.decision", "path": "p.rego"}


def test_standard_input_is_a_policy_too(hexgate: Hexgate) -> None:
    run = hexgate("policy", "show-rego", "-", stdin="tools: {t: {mode: allow}}\n")
    assert (run.code, 'name == "t"' in run.out) == (0, True)


def test_mistakes_of_the_policy_are_told_and_nothing_is_printed(hexgate: Hexgate, folder: Path) -> None:
    (folder / "wrong.yaml").write_text("tools: {t: {mode: maybe}}\n")
    run = hexgate("policy", "show-rego", "wrong.yaml", "-o", "wrong.rego")
    assert (run.code, run.out, "wrong.yaml:1" in run.err) == (1, "", True)
    assert not (folder / "wrong.rego").exists()
