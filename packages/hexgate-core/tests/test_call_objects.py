"""Objects that fight back when they are looked at are refused like all others that JSON does not know."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from hexgate.core import ToolCall


class Raising:
    """Every way in which an object is usually asked something raises."""

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__

    def __len__(self) -> int:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = object.__hash__

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


class RaisingText(str):
    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


class RaisingBytes(bytes):
    def __len__(self) -> int:
        raise RuntimeError


class Nameless(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError


class Unnamed(metaclass=Nameless):
    pass


HOSTILE: dict[str, Callable[[], Any]] = {
    "raising": Raising,
    "text": lambda: RaisingText("{}"),
    "bytes": lambda: RaisingBytes(b"{}"),
    "nameless": Unnamed,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_an_object_that_raises_when_it_is_asked_anything_is_refused_as_arguments(kind: str) -> None:
    assert ToolCall("t", HOSTILE[kind]()).refusal
    assert ToolCall("t", {"a": HOSTILE[kind]()}).refusal
    assert ToolCall("t", {"a": [HOSTILE[kind]()]}).refusal


@pytest.mark.parametrize("kind", HOSTILE)
def test_an_object_that_raises_when_it_is_asked_anything_is_refused_as_a_tool(kind: str) -> None:
    assert ToolCall(HOSTILE[kind](), {}).refusal == "the tool has no usable name"


def test_a_number_that_python_does_not_write_is_refused_as_a_tool() -> None:
    assert ToolCall(10**5000, {}).refusal == "the tool has no usable name"  # type: ignore[arg-type]


MANY = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
from hexgate.core import ToolCall
for arguments in ({"a": ["x" * 1_000_000] * 100_000}, dict.fromkeys(map(str, range(50_000)), "x" * 1_000_000)):
    print(ToolCall("t", arguments).refusal)
"""


def test_one_text_in_many_places_is_counted_as_often_as_it_stands_there() -> None:
    found = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=False)
    assert found.returncode == 0
    assert found.stdout == "the arguments are larger than 1,048,576 bytes\n" * 2
