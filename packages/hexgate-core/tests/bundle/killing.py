"""Builders that are killed, in a process of its own: `python killing.py random|everywhere exchange|move FOLDER`.

`random` lets one builder after the other replace the bundle as fast as it can, each until it is killed at some moment: every
other one soon after it was born, the rest after at least one bundle of theirs stands. `everywhere` kills the builder once before
each single thing that it asks of the system, and says what stands there then.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from itertools import cycle
from pathlib import Path
from types import FrameType
from typing import Any

from hexgate.core.bundle.files import read_parts
from hexgate.core.bundle.place import exchanged, put
from hexgate.core.errors import BundleError

KILLS = 120
ASKED = {
    "open",
    "write",
    "flush",
    "fsync",
    "close",
    "flock",
    "mkdir",
    "rename",
    "unlink",
    "rmdir",
    "listdir",
    "stat",
    "CDLL",
    "fsencode",
    "getattr",
    "token_hex",
}
SUFFIXES = (".yaml", ".rego", ".wasm", ".bundle.json", ".bundle.json.sig")


def generation(number: int) -> dict[str, bytes]:
    """The files of a bundle, in each of which stands which bundle it belongs to; large enough to be written in several steps."""
    return {f"policy{suffix}": b"%03d" % number * (20_000 if suffix == ".wasm" else 20) for suffix in SUFFIXES}


def seen(folder: Path) -> str:
    """What a reader finds: `absent`, the one number in all files, or what is wrong."""
    try:
        parts = read_parts(folder)
    except BundleError as error:
        return "absent" if error.message.endswith("No such file or directory") else f"{error.code} {error.message}"
    numbers = {data[:3].decode() for data in parts.data.values()}
    lengths = {suffix: len(data) for suffix, data in parts.data.items()}
    whole = len(numbers) == 1 and lengths == {suffix: 60_000 if suffix == ".wasm" else 60 for suffix in SUFFIXES}
    return numbers.pop() if whole else f"half: {numbers} {lengths}"


def cannot(first: Path, second: Path) -> bool:
    return False


def build_for_ever(folder: Path, exchange: Any, stands: int) -> None:
    for number in cycle(range(100)):
        put(generation(number), folder, exchange=exchange)
        os.write(stands, b".")


def killed_at_random(folder: Path, exchange: Any) -> int:
    """How many builders were killed."""
    chance = random.Random(7)
    for kill in range(KILLS):
        heard, stands = os.pipe()
        child = os.fork()
        if not child:
            build_for_ever(folder, exchange, stands)
        # On a busy machine a builder may not get a turn before its time is up: without this, none might ever come to its end.
        if kill % 2:
            os.read(heard, 1)
        for _ in range(chance.randrange(100_000)):
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(heard)
        os.close(stands)
    return KILLS


def killed_everywhere(folder: Path, exchange: Any) -> list[str]:
    """What stands there after each of the builders was killed, one step further on each time."""
    found: list[str] = []
    while True:
        put(generation(1), folder, exchange=exchange)
        child = os.fork()
        if not child:
            left = [len(found)]

            def step(frame: FrameType, event: str, called: Any, left: list[int] = left) -> None:
                if event == "c_call" and called.__name__ in ASKED:
                    left[0] -= 1
                    if left[0] < 0:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.setprofile(step)
            put(generation(2), folder, exchange=exchange)
            sys.setprofile(None)
            os.kill(os.getpid(), signal.SIGTERM)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM:
            return found
        found.append(seen(folder))


if __name__ == "__main__":
    how, by, folder = sys.argv[1:]
    run = {"random": killed_at_random, "everywhere": killed_everywhere}[how]
    sys.stdout.write(json.dumps(run(Path(folder), exchanged if by == "exchange" else cannot)))
