"""An edit is seen at the next refresh, whole, by its content; what did not change is the same object."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hexgate.core import Hexgate

Write = Callable[..., Path]
Limit = Callable[[Hexgate], "int | None"]


def test_an_edit_is_seen_at_the_next_refresh_and_not_before(write: Write, limit: Limit) -> None:
    gate = Hexgate.from_policy(write(3))
    write(5)
    assert limit(gate) == 3
    assert gate.refresh()
    assert limit(gate) == 5


def test_what_did_not_change_is_the_same_object(write: Write) -> None:
    gate = Hexgate.from_policy(write(3))
    program, engine, live = gate.program, gate.engine, gate.live
    for _ in range(3):
        assert not gate.refresh()
        write(3)
    assert (gate.program is program, gate.engine is engine, gate.live is live) == (True, True, True)


def test_an_edit_of_the_same_size_and_time_is_seen(write: Write, limit: Limit) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    before = path.stat()
    write(5)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert gate.refresh()
    assert limit(gate) == 5


def test_edits_faster_than_the_clock_of_the_file_system_are_all_seen(write: Write, limit: Limit) -> None:
    gate = Hexgate.from_policy(write(1))
    for number in range(200):
        write(1 + number % 2)
        gate.refresh()
        assert limit(gate) == 1 + number % 2


def test_a_file_that_was_renamed_over_the_old_one_is_seen(write: Write, limit: Limit) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    write(5, "policy.yaml.tmp").replace(path)
    assert gate.refresh()
    assert limit(gate) == 5


def test_a_link_that_leads_elsewhere_now_is_seen(write: Write, limit: Limit, tmp_path: Path) -> None:
    link, new = tmp_path / "link.yaml", tmp_path / "new"
    link.symlink_to(write(3))
    gate = Hexgate.from_policy(link)
    new.symlink_to(write(5, "other.yaml"))
    new.replace(link)
    assert gate.refresh()
    assert limit(gate) == 5


def test_roles_of_a_directory_come_change_and_go(write: Write, limit: Limit) -> None:
    path = write(3, "roles/default.yaml")
    gate = Hexgate.from_policy(path.parent)
    write(5, "roles/default.yaml")
    assert gate.refresh()
    assert limit(gate) == 5
    write(1, "roles/billing.yml")
    assert gate.refresh()
    assert set(gate.program.roles) == {"default", "billing"}
    (path.parent / "billing.yml").rename(path.parent / "support.yml")
    assert gate.refresh()
    assert set(gate.program.roles) == {"default", "support"}
    (path.parent / "support.yml").unlink()
    assert gate.refresh()
    assert set(gate.program.roles) == {"default"}


@pytest.mark.parametrize("name", ["notes.txt", ".default.yaml.swp", ".hidden.yaml", "default.yaml~"])
def test_what_is_no_role_changes_nothing(name: str, write: Write) -> None:
    directory = write(3, "roles/default.yaml").parent
    gate = Hexgate.from_policy(directory)
    write("tols: {}", f"roles/{name}")
    live = gate.live
    assert not gate.refresh()
    assert gate.live is live


def test_a_directory_that_was_swapped_by_renames_is_seen_whole(write: Write, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(3, f"roles/{name}.yaml")
    for name in ("c", "d"):
        write(5, f"next/{name}.yaml")
    gate = Hexgate.from_policy(tmp_path / "roles")
    (tmp_path / "roles").rename(tmp_path / "old")
    (tmp_path / "next").rename(tmp_path / "roles")
    assert gate.refresh()
    assert set(gate.program.roles) == {"c", "d"}


def test_a_config_map_is_seen_whole_when_its_link_is_swapped(write: Write, limit: Limit, tmp_path: Path) -> None:
    """Kubernetes keeps the files in a folder with a date, a link `..data` to it, and links to the files behind that link."""
    mount = tmp_path / "mount"
    for moment, number in (("..2026_01", 3), ("..2026_02", 5)):
        for role in ("default", "billing"):
            write(number, f"mount/{moment}/{role}.yaml")
    (mount / "..data").symlink_to("..2026_01")
    for role in ("default", "billing"):
        (mount / f"{role}.yaml").symlink_to(f"..data/{role}.yaml")
    gates = [Hexgate.from_policy(mount), Hexgate.from_policy(mount / "default.yaml")]
    assert [limit(gate) for gate in gates] == [3, 3]
    (mount / "..data_tmp").symlink_to("..2026_02")
    (mount / "..data_tmp").replace(mount / "..data")
    assert [gate.refresh() for gate in gates] == [True, True]
    assert [limit(gate) for gate in gates] == [5, 5]


def test_a_file_that_becomes_a_directory_is_read_as_one_and_back(write: Write, limit: Limit) -> None:
    path = write(3)
    gate = Hexgate.from_policy(path)
    path.unlink()
    write(5, "policy.yaml/default.yaml")
    assert gate.refresh()
    assert limit(gate) == 5
    (path / "default.yaml").unlink()
    path.rmdir()
    write(3)
    assert gate.refresh()
    assert limit(gate) == 3


def test_an_event_loop_refreshes_without_reading_itself(write: Write, limit: Limit) -> None:
    path = write(3)
    # What was written lately is read again at each look; this was not.
    gate = Hexgate.from_policy(path)

    async def main() -> list[bool]:
        first = await gate.arefresh()
        write(5)
        return [first, *await asyncio.gather(*(gate.arefresh() for _ in range(5)))]

    first, *others = asyncio.run(main())
    assert (first, others.count(True), limit(gate)) == (False, 1, 5)


def test_data_never_changes() -> None:
    gate = Hexgate.from_policy({"tools": {"refund": {"mode": "allow"}}})
    assert not gate.refresh()
    assert not asyncio.run(gate.arefresh())
    assert gate.kept.source.content == gate.program.digest
