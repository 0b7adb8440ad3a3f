"""Asks modules through an SDK of PyPI, with the SDK's own memory and the wasmtime that it wants.

    python python_driver.py FOLDER SDK QUESTIONS ANSWERS

FOLDER comes first on the path, so this must be a process of its own. QUESTIONS has a line of JSON for each module: its path, and
the inputs as texts of JSON. ANSWERS gets a line for each module: the texts that the module answered with, as the SDK read them.
Inputs reach a module as they are written, for an SDK that takes only values of Python would round their numbers.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["main"]


class Written(str):
    """A text of JSON that is an input already."""

    __slots__ = ()


dumps, loads = json.dumps, json.loads
read: list[str] = []


def dump(value: Any, *args: Any, **kwargs: Any) -> str:
    return str(value) if isinstance(value, Written) else dumps(value, *args, **kwargs)


def load(text: Any, *args: Any, **kwargs: Any) -> Any:
    read[:] = [text if isinstance(text, str) else bytes(text).decode()]
    return loads(text, *args, **kwargs)


@contextmanager
def opa_py_wasm(module: Path) -> Iterator[Callable[[str], Any]]:
    policy = importlib.import_module("opapywasm").OpaWasmPolicy.from_wasm_file(module)
    try:
        yield lambda text: policy.evaluate_raw(text, "hexgate/policy/decision")
    finally:
        policy.close()


@contextmanager
def opa_wasmtime(module: Path) -> Iterator[Callable[[str], Any]]:
    policy = importlib.import_module("opa_wasmtime").OPAPolicy(str(module))
    yield lambda text: policy.evaluate(Written(text), "hexgate/policy/decision")


SDKS = {"opa-py-wasm": opa_py_wasm, "opa-wasmtime": opa_wasmtime}


def main(sdk: str, questions: Path, answers: Path) -> None:
    """Answers every question of a file."""
    vars(json).update(dumps=dump, loads=load)
    with answers.open("w", encoding="utf-8") as file:
        for line in questions.read_text(encoding="utf-8").splitlines():
            asked = loads(line)
            texts = []
            with SDKS[sdk](Path(asked["module"])) as evaluate:
                for text in asked["inputs"]:
                    evaluate(text)
                    texts += read
            file.write(dumps({"module": asked["module"], "way": sdk, "texts": texts}) + "\n")


if __name__ == "__main__":
    folder, name, *paths = sys.argv[1:]
    sys.path.insert(0, folder)
    main(name, *map(Path, paths))
