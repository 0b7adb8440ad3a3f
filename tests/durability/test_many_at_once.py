"""A thousand tasks of fifty users at once, in loops, threads and generators: no decision and no record has another's user."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson

from hexgate.core import Audit, Hexgate, Spool, User, current_user
from hexgate.core.audit import verify

TASKS, USERS, STEPS = 1000, 50, 6
POLICY = {"roles": {"staff": {"tools": {"whoami": {"mode": "allow", "constraints": ["user.id == args.user"]}}}}}
PEOPLE = [User(f"user-{number}", "staff") for number in range(USERS)]


class Office:
    """A gate, and the ways in which its tool is called. Each says who it thinks is calling."""

    def __init__(self, folder: Path) -> None:
        self.spool = Spool(folder, segment_bytes=200_000)
        self.hexgate = Hexgate.from_policy(POLICY, audit=Audit(self.spool))
        self.wrapped = self.hexgate.wrap(self.whoami, name="whoami")
        self.awrapped = self.hexgate.wrap(self.awhoami, name="whoami")

    def whoami(self, user: str) -> str:
        """Who calls, as the tool sees it."""
        caller = current_user()
        return f"{caller.user_id if caller else None}={user}"

    async def awhoami(self, user: str) -> str:
        """The same with a pause in the middle."""
        await asyncio.sleep(0)
        return self.whoami(user)

    async def agenerator(self, user: str) -> AsyncIterator[str]:
        """Calls made from a generator that somebody else iterates."""
        for _ in range(2):
            yield await self.awrapped(user)

    def generator(self, user: str) -> Iterator[str]:
        """The same in sync code."""
        for _ in range(2):
            yield self.wrapped(user)

    async def task(self, number: int) -> list[str]:
        """Every way in one task; users lie in each other and come back."""
        me, other = PEOPLE[number % USERS], PEOPLE[(number * 7 + 1) % USERS]
        name = str(me.user_id)
        found = []
        async with me:
            found.append(await self.awrapped(name))
            found.append((await self.hexgate.acall("whoami", {"user": name}, self.whoami)).value)
            async with other:
                found.append(await self.awrapped(str(other.user_id)))
            found += [told async for told in self.agenerator(name)]
            found.append(await asyncio.to_thread(self.wrapped, name))
        assert current_user() is None
        return found

    def thread(self, number: int) -> list[str]:
        """The same in a thread without a loop."""
        me = PEOPLE[number % USERS]
        name = str(me.user_id)
        with me.sync_scope():
            found = [self.wrapped(name), *self.generator(name)]
            result = self.hexgate.call("whoami", {"user": name}, self.whoami)
            return [*found, result.value]


def check(told: list[str]) -> None:
    """The tool saw the user that the caller meant."""
    assert all(one.split("=")[0] == one.split("=")[1] for one in told), told


def records(folder: Path) -> list[dict[str, Any]]:
    """All decisions of a record that is whole."""
    report = verify(folder)
    assert report.findings == []
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_bytes().splitlines()]
    return [record for record in map(orjson.loads, lines) if record["kind"] == "decided"]


def test_a_thousand_tasks_and_threads_of_fifty_users_keep_their_users_apart(tmp_path: Path) -> None:
    office = Office(tmp_path)

    async def all_tasks() -> list[list[str]]:
        return await asyncio.gather(*(office.task(number) for number in range(TASKS)))

    with ThreadPoolExecutor(8) as pool:
        threads = [pool.submit(office.thread, number) for number in range(200)]
        for told in asyncio.run(all_tasks()):
            check(told)
            assert len(told) == STEPS
        for thread in threads:
            check(thread.result())
    office.spool.close()
    found = records(tmp_path)
    assert len(found) == TASKS * STEPS + 200 * 4
    assert {record["outcome"] for record in found} == {"allow"}
    assert all(record["user_id"] == record["arguments"]["user"] for record in found)
    assert len({record["user_id"] for record in found}) == USERS


def test_a_generator_that_is_iterated_elsewhere_has_the_user_of_whoever_iterates_it(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with PEOPLE[1].sync_scope():
        begun = office.generator("user-1")
        assert next(begun) == "user-1=user-1"
    with PEOPLE[2].sync_scope():
        refused = office.hexgate.call("whoami", {"user": "user-1"}, office.whoami)
        assert not refused.ran
    told: list[Any] = []

    def elsewhere() -> None:
        with PEOPLE[1].sync_scope():
            told.extend(begun)

    thread = threading.Thread(target=contextvars.Context().run, args=(elsewhere,))
    thread.start()
    thread.join()
    assert told == ["user-1=user-1"]
    office.spool.close()


def test_several_loops_in_several_threads_share_one_gate(tmp_path: Path) -> None:
    office = Office(tmp_path)

    def loop(start: int) -> list[list[str]]:
        async def tasks() -> list[list[str]]:
            return await asyncio.gather(*(office.task(number) for number in range(start, start + 30)))

        return [told for _ in range(2) for told in asyncio.run(tasks())]

    with ThreadPoolExecutor(4) as pool:
        for told in pool.map(loop, range(0, 120, 30)):
            for one in told:
                check(one)
    office.spool.close()
    assert len(records(tmp_path)) == 4 * 2 * 30 * STEPS
