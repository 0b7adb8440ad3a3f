"""Servers that fork their workers, and pools that spawn them: each process has a record of its own, and none is lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import dedent

import pytest

from hexgate.core import Audit, Hexgate, Spool, User
from hexgate.core.audit import verify
from hexgate.core.audit.report import Report
from tests.end_to_end.pages import ROOT

POLICY = {"roles": {"staff": {"tools": {"work": {"mode": "allow"}}}}}
ALICE = User("alice", "staff")
PREFORK = """
    import asyncio, os, sys
    from hexgate.core import Hexgate, User

    POLICY = {"roles": {"staff": {"tools": {"work": {"mode": "allow"}}}}}
    hexgate = Hexgate.from_policy(POLICY)
    alice = User("alice", "staff")
    # The master has made calls before it forks, as one that checks its policy at the start.
    hexgate.call("work", {}, lambda: None, user=alice)

    async def serve():
        async with alice:
            await asyncio.gather(*(hexgate.acall("work", {}, os.getpid) for _ in range(20)))

    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            asyncio.run(serve())
            hexgate.call("work", {}, os.getpid, user=alice)
            sys.exit(0)
        children.append(child)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    hexgate.call("work", {}, lambda: None, user=alice)
    """


def run(code: str, folder: Path) -> Report:
    """Runs a program; the check of the record that it leaves."""
    environment = {**os.environ, "HEXGATE_AUDIT_DIR": str(folder)}
    command = [sys.executable, "-c", dedent(code)]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (made.returncode, made.stderr) == (0, "")
    return verify(folder)


def test_workers_that_a_server_has_forked_have_streams_of_their_own(tmp_path: Path) -> None:
    report = run(PREFORK, tmp_path)
    assert report.findings == []
    assert sorted(stream.decided for stream in report.streams) == [2, 21, 21, 21, 21]
    assert {stream.without_outcome for stream in report.streams} == {0}
    assert {str(stream.state) for stream in report.streams} == {"ended"}


def worker(folder: str, count: int) -> int:
    """What a worker of a pool does."""
    hexgate = Hexgate.from_policy(POLICY, audit=Audit(Spool(folder)))
    return sum(hexgate.call("work", {}, int, user=ALICE).ran for _ in range(count))


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_a_pool_of_processes_leaves_every_record(tmp_path: Path, method: str) -> None:
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.starmap(worker, [(str(tmp_path), 5)] * 4) == [5] * 4
    Spool(tmp_path).check()
    report = verify(tmp_path)
    assert report.clean, report.findings
    assert sum(stream.decided for stream in report.streams) == 20


def test_a_process_that_ends_by_itself_seals_its_record(tmp_path: Path) -> None:
    code = """
        from hexgate.core import Hexgate, User
        hexgate = Hexgate.from_policy({"roles": {"staff": {"tools": {"work": {"mode": "allow"}}}}})
        hexgate.call("work", {}, int, user=User("alice", "staff"))
        """
    assert [str(stream.state) for stream in run(code, tmp_path).streams] == ["ended"]


def test_a_process_that_is_terminated_loses_nothing(tmp_path: Path) -> None:
    code = """
        import os, signal
        from hexgate.core import Hexgate, User
        hexgate = Hexgate.from_policy({"roles": {"staff": {"tools": {"work": {"mode": "allow"}}}}})
        hexgate.call("work", {}, int, user=User("alice", "staff"))
        hexgate.call("work", {}, lambda: os.kill(os.getpid(), signal.SIGTERM), user=User("alice", "staff"))
        """
    environment = {**os.environ, "HEXGATE_AUDIT_DIR": str(tmp_path)}
    made = subprocess.run([sys.executable, "-c", dedent(code)], cwd=ROOT, env=environment, check=False)
    assert made.returncode == -signal.SIGTERM
    report = verify(tmp_path)
    assert report.clean
    [stream] = report.streams
    assert (str(stream.state), stream.decided, stream.without_outcome) == ("abandoned", 2, 1)


READ_ONLY = """
    import os, sys
    from hexgate.core import Audit, Hexgate, Spool, User

    # What root may not write is root's to write all the same.
    folder = os.environ["HEXGATE_AUDIT_DIR"]
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    os.chmod(folder, 0o500)
    hexgate = Hexgate.from_policy(
        {"roles": {"staff": {"tools": {"work": {"mode": "allow"}}}}}, audit=Audit(Spool(folder), mode=sys.argv[1])
    )
    print(hexgate.call("work", {}, int, user=User("alice", "staff")).decision.code)
    """
FULL = """
    import os, resource, sys
    from hexgate.core import Audit, Hexgate, Spool, User

    folder = os.environ["HEXGATE_AUDIT_DIR"]
    hexgate = Hexgate.from_policy(
        {"roles": {"staff": {"tools": {"work": {"mode": "allow"}}}}}, audit=Audit(Spool(folder), mode=sys.argv[1])
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
    ran = []
    codes = [hexgate.call("work", {}, lambda: ran.append(1), user=User("alice", "staff")).decision.code for _ in range(20)]
    print(codes.count("allowed"), codes.count("not_recorded"), len(ran))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(hexgate.call("work", {}, int, user=User("alice", "staff")).decision.code)
    """


def told(code: str, mode: str, folder: Path) -> list[str]:
    """What a program prints whose record is kept in this mode."""
    environment = {**os.environ, "HEXGATE_AUDIT_DIR": str(folder)}
    command = [sys.executable, "-c", dedent(code), mode]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stderr
    assert "cannot be written" in made.stderr
    return made.stdout.splitlines()


@pytest.mark.parametrize(("mode", "code"), [("required", "not_recorded"), ("best_effort", "allowed")])
def test_a_directory_that_may_not_be_written_denies_only_where_the_record_is_required(mode: str, code: str) -> None:
    # Under the temporary folder of the system, which everybody may enter.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        record = Path(folder) / "record"
        record.mkdir()
        assert told(READ_ONLY, mode, record) == [code]
        record.chmod(0o700)


def test_a_disk_that_takes_half_of_a_record_denies_where_it_is_required_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    counts, afterwards = told(FULL, "required", tmp_path)
    allowed, refused, ran = map(int, counts.split())
    assert (allowed, afterwards) == (ran, "allowed")
    assert 0 < allowed < 20
    assert allowed + refused == 20
    report = verify(tmp_path)
    assert report.clean
    assert report.streams[0].decided == allowed + 1
    assert report.streams[0].lost > 0


def test_a_disk_that_takes_no_more_stops_nothing_where_the_record_is_kept_at_best_effort(tmp_path: Path) -> None:
    assert told(FULL, "best_effort", tmp_path) == ["20 0 20", "allowed"]
    report = verify(tmp_path)
    assert report.clean
    assert report.streams[0].decided + report.streams[0].settled + report.streams[0].lost == 42
