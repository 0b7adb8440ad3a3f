"""A look counts only when nothing moved while it was taken, and is believed only where every later change would look different."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hexgate.core import Hexgate, PolicyError
from hexgate.core.sources.snapshot import take

Write = Callable[..., Path]
Limit = Callable[[Hexgate], "int | None"]
Patch = pytest.MonkeyPatch
LATER = 10_000_000_000


def opened(monkeypatch: Patch) -> list[str]:
    """The paths that are opened from now on."""
    seen: list[str] = []
    real = os.open

    def counting(path: str, *rest: int) -> int:
        seen.append(path)
        return real(path, *rest)

    monkeypatch.setattr(os, "open", counting)
    return seen


def as_if_later(monkeypatch: Patch) -> None:
    """What was written just now looks ten seconds old."""
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + LATER)


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_what_is_older_than_any_clock_is_coarse_is_not_read_again(kind: str, write: Write, monkeypatch: Patch) -> None:
    path = write(3, "roles/default.yaml")
    as_if_later(monkeypatch)
    gate = Hexgate.from_policy(path if kind == "file" else path.parent)
    seen = opened(monkeypatch)
    assert [gate.refresh() for _ in range(5)] == [False] * 5
    assert seen == []


def test_what_is_not_is_read_again(write: Write, monkeypatch: Patch) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    seen = opened(monkeypatch)
    assert [gate.refresh() for _ in range(5)] == [False] * 5
    assert seen == [str(path)] * 5


def test_a_change_that_hides_its_time_and_size_is_seen_even_where_nothing_is_read_again(
    write: Write, limit: Limit, monkeypatch: Patch
) -> None:
    path = write(3)
    as_if_later(monkeypatch)
    gate = Hexgate.from_policy(path)
    before = path.stat()
    write(5)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert gate.refresh()
    assert limit(gate) == 5


def test_where_a_change_can_leave_no_trace_everything_is_read_again(write: Write, monkeypatch: Patch) -> None:
    path = write(3)
    as_if_later(monkeypatch)
    monkeypatch.setattr("hexgate.core.sources.snapshot.LEAVES_TRACES", False)
    gate = Hexgate.from_policy(path)
    seen = opened(monkeypatch)
    gate.refresh()
    assert seen == [str(path)]


def test_a_broken_file_is_not_read_again_either(write: Write, monkeypatch: Patch) -> None:
    gate = Hexgate.from_policy(write(3))
    write("tols: {}\n")
    as_if_later(monkeypatch)
    gate.refresh()
    seen = opened(monkeypatch)
    assert not gate.refresh()
    assert seen == []


def writing(path: Path, parts: list[str], monkeypatch: Patch) -> None:
    """Somebody writes the next part each time that they are waited for."""
    rest = iter(parts)
    path.write_text("", encoding="utf-8")

    def go_on(_: float) -> None:
        part = next(rest, "")
        if part:
            with path.open("a", encoding="utf-8") as file:
                file.write(part)

    monkeypatch.setattr(time, "sleep", go_on)


def test_a_file_that_is_being_written_is_waited_for(write: Write, limit: Limit, monkeypatch: Patch) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    writing(path, ["tools: {refund: {mode: allow", ", constraints: [args.amount", " <= 5]}}\n"], monkeypatch)
    assert gate.refresh()
    assert limit(gate) == 5


def test_half_a_file_that_would_allow_more_is_never_taken(write: Write, limit: Limit, monkeypatch: Patch) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    writing(path, ["tools:\n  refund:\n    mode: allow\n", "    constraints:\n      - args.amount <= 5\n"], monkeypatch)
    assert gate.refresh()
    assert limit(gate) == 5


def test_a_file_that_is_written_for_ever_is_not_waited_for_so_long(
    write: Write, limit: Limit, monkeypatch: Patch
) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    writing(path, ["# more\n"] * 1000, monkeypatch)
    assert not gate.refresh()
    assert limit(gate) == 3
    with pytest.raises(PolicyError, match="it keeps changing"):
        Hexgate.from_policy(path)


def test_a_first_look_waits_too(write: Write, limit: Limit, monkeypatch: Patch) -> None:
    path = write(3)
    writing(path, ["tools: {refund: {mode: allow", ", constraints: [args.amount <= 5]}}\n"], monkeypatch)
    assert limit(Hexgate.from_policy(path)) == 5


def test_a_time_that_lies_ahead_is_waited_for_once(write: Write, monkeypatch: Patch) -> None:
    path = write(3)
    os.utime(path, (2**33, 2**33))
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    gate = Hexgate.from_policy(path)
    for _ in range(5):
        gate.refresh()
    assert len(waits) == 1


def test_what_changes_before_it_is_opened_is_looked_at_again(write: Write, limit: Limit, monkeypatch: Patch) -> None:
    path, left = write(3), [5]
    real = os.open

    def changing(name: str, *rest: int) -> int:
        if left:
            write(left.pop())
        return real(name, *rest)

    monkeypatch.setattr(os, "open", changing)
    assert limit(Hexgate.from_policy(path)) == 5


def test_what_changes_while_it_is_read_is_looked_at_again(write: Write, limit: Limit, monkeypatch: Patch) -> None:
    path, looks, left = write(3), [], [5]
    real = os.fstat

    def changing(descriptor: int) -> os.stat_result:
        looks.append(descriptor)
        if len(looks) == 2:
            # After the content was read, before it is looked whether the file is still the same.
            write(left.pop())
        return real(descriptor)

    monkeypatch.setattr(os, "fstat", changing)
    assert limit(Hexgate.from_policy(path)) == 5
    assert not left


def test_a_directory_is_never_a_mix_of_two_states(write: Write, tmp_path: Path, monkeypatch: Patch) -> None:
    """Between two files that are read, the directory is swapped."""
    for name in ("a", "b"):
        write(3, f"roles/{name}.yaml")
        write(5, f"next/{name}.yaml")
    real = os.open
    swapped: list[str] = []

    def swap_at_the_second(path: str, *rest: int) -> int:
        if path.endswith("b.yaml") and not swapped:
            swapped.append(path)
            (tmp_path / "roles").rename(tmp_path / "old")
            (tmp_path / "next").rename(tmp_path / "roles")
        return real(path, *rest)

    monkeypatch.setattr(os, "open", swap_at_the_second)
    taken = take(str(tmp_path / "roles"))
    assert [b"<= 5" in content for _, content in taken.contents if isinstance(content, bytes)] == [True, True]
    assert swapped


def test_content_has_a_digest_of_its_own_whatever_stands_where(write: Write, tmp_path: Path) -> None:
    paths = [write("a", "one/x.yaml"), write("b", "one/y.yaml"), write("ab", "two/x.yaml"), write("", "two/y.yaml")]
    digests = {take(str(path)).digest for path in (*paths, tmp_path / "one", tmp_path / "two", tmp_path / "nowhere")}
    assert len(digests) == 7
    assert take(str(tmp_path / "one")).digest == take(str(tmp_path / "one")).digest
