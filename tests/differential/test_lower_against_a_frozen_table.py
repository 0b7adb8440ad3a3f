"""`lower()` is Unicode's simple lower case, one code point at a time, the same on every interpreter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hexgate.core.engine.native import NativeEngine
from hexgate.core.policy.policy import Policy
from hexgate.core.program import compile_policy
from tests.differential.contest import native_answer
from tests.differential.reference import Question
from tests.differential.reference_text import lower

LINES = (Path(__file__).parent / "lowercase.txt").read_text(encoding="ascii").splitlines()
TABLE = {
    int(before, 16): int(after, 16) for before, after in (line.split() for line in LINES if not line.startswith("#"))
}
ENGINE = NativeEngine(
    compile_policy(
        Policy.model_validate({"tools": {"t": {"mode": "allow", "constraints": ["lower(args.before) == args.after"]}}})
    )
)


def is_lowered(before: str, after: str) -> bool:
    return native_answer(ENGINE, Question("t", {"before": before, "after": after})).outcome == "allow"


def every_code_point() -> Iterator[str]:
    """All code points but the surrogates, which no text holds, in texts of a thousand."""
    for first in range(0, 0x110000, 1024):
        if not 0xD800 <= first <= 0xDFFF:
            yield "".join(map(chr, range(first, first + 1024)))


def test_the_engine_lowers_every_code_point_as_the_frozen_table_says() -> None:
    for text in every_code_point():
        assert is_lowered(text, text.translate(TABLE)), f"in the thousand after U+{ord(text[0]):04X}"


def test_a_text_that_is_lowered_otherwise_is_told_apart() -> None:
    for code, lowered in TABLE.items():
        assert is_lowered(chr(code), chr(lowered))
        assert not is_lowered(chr(code), chr(code))


def test_the_reference_and_this_interpreter_know_every_pair_of_the_table() -> None:
    for code, lowered in TABLE.items():
        assert lower(chr(code)) == chr(lowered)


def test_neighbours_change_no_code_point() -> None:
    assert is_lowered("\u0130\u03a3 \u03a3\u0391\u03a3", "i\u03c3 \u03c3\u03b1\u03c3")
    assert not is_lowered("\u03a3\u0391\u03a3", "\u03c3\u03b1\u03c2")
    assert is_lowered("STRA\u1e9eE", "stra\u00dfe")
