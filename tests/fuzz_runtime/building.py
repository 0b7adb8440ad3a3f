"""The runtime built for this machine, and policies and questions for it: what the fuzzer is given."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import orjson

from hexgate.core.call import ToolCall
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from hexgate.core.wasm.assemble import PolicyWriter
from tests.differential.choices import RandomChoices
from tests.differential.strategies import document, question

__all__ = ["CORPUS", "built", "corpus_of_questions", "policies"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RUNTIME = ROOT / "packages/hexgate-core/src/hexgate/core/wasm/runtime"
CORPUS = HERE / "corpus"
# Where the native build has its policy, as native.h says.
POLICY_AT = 65536
# The second byte of an input that asks for a decision.
DECIDE = 2
COMMON = ["-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{RUNTIME}", f"-I{HERE}"]
ZIG = [sys.executable, "-m", "ziglang", "cc"]
COMPILERS = {
    # The machine's own compiler has both sanitizers; the one that is always here has the one for undefined arithmetic.
    "address": ([os.environ.get("CC", "cc")], ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]),
    "undefined": (ZIG, ["-fsanitize=undefined", "-fsanitize-trap=undefined"]),
}


def built(folder: Path, kind: str) -> Path:
    """The fuzzer with the runtime in it, under one kind of sanitizer."""
    compiler, sanitizer = COMPILERS[kind]
    traced = [*RUNTIME.glob("*.c"), HERE / "target.c"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / ".tools/zig"),
        "ZIG_GLOBAL_CACHE_DIR": str(ROOT / ".tools/zig-cache"),
    }
    flags: list[str | Path] = [*COMMON, *sanitizer, "-c"]
    commands = [[*flags, "-fsanitize-coverage=trace-pc", source] for source in traced]
    commands.append([*flags, HERE / "driver.c"])
    commands.append([*sanitizer, "driver.o", *(f"{source.stem}.o" for source in traced), "-o", "fuzzer"])
    for command in commands:
        made = subprocess.run(
            [*compiler, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
    return folder / "fuzzer"


def policies(path: Path, count: int) -> None:
    """Writes generated policies into one file, each behind its size."""
    with path.open("wb") as file:
        for number in range(count):
            found = compile_policy(Policy.model_validate(document(RandomChoices(f"fuzz/{number}"))))
            policy = PolicyWriter(POLICY_AT).policy(found)
            file.write(struct.pack("<I", len(policy)) + policy)


def corpus_of_questions(folder: Path, count: int) -> None:
    """Writes a question to each of the first policies into a folder."""
    for number in range(count):
        choose = RandomChoices(f"fuzz/{number}")
        asked = question(choose, document(choose))
        args, ctx = (ToolCall("t", dict(found)).encoded for found in (asked.args, asked.ctx))
        tool, roles = orjson.dumps(asked.tool), orjson.dumps(asked.roles)
        content = b'{"args":%s,"ctx":%s,"roles":%s,"tool":%s}' % (args, ctx, roles, tool)
        (folder / f"question-{number:03}").write_bytes(struct.pack(">H", number << 2 | DECIDE) + content)
