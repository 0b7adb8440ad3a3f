"""A task sees the user of its own innermost scope, or none; never another task's."""

from __future__ import annotations

import asyncio
import contextvars
import random
import threading
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import contextmanager

import pytest

from hexgate.core import Hexgate, User, current_user
from hexgate.core.identity import user as module

ALICE = User("alice", "billing")
BOB = User("bob", "support")


class Clock:
    """A time that passes only when it is told to."""

    now = 1000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_outside_of_every_scope_nobody_is_calling() -> None:
    assert current_user() is None


def test_scopes_nest_and_restore() -> None:
    with ALICE.sync_scope() as inside:
        assert inside is current_user() is ALICE
        with BOB.sync_scope():
            assert current_user() is BOB
            with ALICE.sync_scope():
                assert current_user() is ALICE
            assert current_user() is BOB
        assert current_user() is ALICE
    assert current_user() is None


def test_the_same_user_may_be_entered_inside_of_itself() -> None:
    with ALICE.sync_scope(), ALICE.sync_scope():
        with ALICE.sync_scope():
            pass
        assert current_user() is ALICE
    assert current_user() is None


def test_an_exception_leaves_the_scope_as_it_passes() -> None:
    with ALICE.sync_scope():
        with pytest.raises(RuntimeError, match="tool"), BOB.sync_scope():
            raise RuntimeError("tool")
        assert current_user() is ALICE
    assert current_user() is None


def test_an_exception_leaves_the_async_scope_as_it_passes() -> None:
    async def main() -> User | None:
        async with ALICE:
            with pytest.raises(RuntimeError, match="tool"):
                async with BOB:
                    raise RuntimeError("tool")
            return current_user()

    assert asyncio.run(main()) is ALICE


def test_sync_and_async_scopes_nest_in_one_another() -> None:
    async def main() -> list[User | None]:
        seen: list[User | None] = []
        async with ALICE as inside:
            seen.append(inside)
            with BOB.sync_scope():
                seen.append(current_user())
                async with ALICE:
                    seen.append(current_user())
                seen.append(current_user())
            seen.append(current_user())
        seen.append(current_user())
        return seen

    assert asyncio.run(main()) == [ALICE, BOB, ALICE, BOB, ALICE, None]


def test_one_user_in_a_hundred_tasks_beside_others_is_never_mixed_up() -> None:
    others = [User(f"user{number}", f"role{number}") for number in range(10)]
    dice = random.Random(7)

    async def task(number: int) -> None:
        mine = ALICE if number % 2 else others[number % 10]
        for _ in range(5):
            async with mine:
                await asyncio.sleep(0)
                assert current_user() is mine
                inner = dice.choice([ALICE, *others])
                with inner.sync_scope():
                    await asyncio.sleep(0)
                    assert current_user() is inner
                await asyncio.sleep(0)
                assert current_user() is mine
            assert current_user() is None
            await asyncio.sleep(0)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(200):
                group.create_task(task(number))

    asyncio.run(main())


def test_a_task_starts_with_the_user_of_the_scope_in_which_it_was_made() -> None:
    async def child() -> User | None:
        before = current_user()
        async with BOB:
            await asyncio.sleep(0)
        return before

    async def main() -> tuple[User | None, User | None]:
        async with ALICE:
            task = asyncio.create_task(child())
        seen = await task
        return seen, current_user()

    assert asyncio.run(main()) == (ALICE, None)


def test_a_thread_knows_nobody_until_it_enters_a_scope_of_its_own() -> None:
    seen: list[object] = []

    def work() -> None:
        seen.append(current_user())
        with BOB.sync_scope():
            seen.append(current_user())
        seen.append(current_user())

    with ALICE.sync_scope():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert current_user() is ALICE
    assert seen == [None, BOB, None]


def test_threads_that_share_a_user_are_never_mixed_up() -> None:
    wrong: list[object] = []
    start = threading.Barrier(8)

    def work(mine: User) -> None:
        start.wait()
        for _ in range(200):
            with mine.sync_scope():
                if current_user() is not mine:
                    wrong.append(current_user())

    threads = [threading.Thread(target=work, args=(user,)) for user in [ALICE, BOB] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_asyncio_to_thread_carries_the_user_along() -> None:
    async def main() -> User | None:
        async with ALICE:
            return await asyncio.to_thread(current_user)

    assert asyncio.run(main()) is ALICE


def stream(user: User) -> Generator[User | None, None, None]:
    with user.sync_scope():
        yield current_user()
        yield current_user()


def test_a_generator_left_in_another_context_raises_nothing_and_changes_nobody() -> None:
    here, there = contextvars.copy_context(), contextvars.copy_context()
    generator = stream(ALICE)
    assert here.run(next, generator) is ALICE
    there.run(module.enter, BOB)
    there.run(generator.close)
    assert there.run(current_user) is BOB
    assert here.run(current_user) is ALICE


def test_a_generator_left_inside_of_another_scope_of_its_user_leaves_that_one_alone() -> None:
    generator = stream(ALICE)
    contextvars.copy_context().run(next, generator)

    def elsewhere() -> list[User | None]:
        with BOB.sync_scope():
            with ALICE.sync_scope():
                generator.close()
                seen = [current_user()]
            return [*seen, current_user()]

    assert contextvars.copy_context().run(elsewhere) == [ALICE, BOB]


def test_an_async_generator_that_is_closed_by_another_task_leaves_that_tasks_user_alone() -> None:
    async def events() -> AsyncGenerator[User | None, None]:
        async with ALICE:
            yield current_user()
            yield current_user()

    async def main() -> list[User | None]:
        generator = events()
        seen = [await asyncio.create_task(anext(generator))]
        async with BOB:
            await generator.aclose()
            seen.append(current_user())
        seen.append(current_user())
        return seen

    assert asyncio.run(main()) == [ALICE, BOB, None]


def test_generators_that_are_read_in_turns_leave_nobody_behind() -> None:
    context = contextvars.copy_context()

    def turns() -> User | None:
        first, second = stream(ALICE), stream(BOB)
        next(first)
        next(second)
        first.close()
        second.close()
        return current_user()

    assert context.run(turns) is None


def test_leaving_a_scope_closes_what_was_left_open_inside_of_it() -> None:
    def inside() -> tuple[User | None, User | None]:
        with ALICE.sync_scope():
            module.enter(BOB)
            seen = current_user()
        return seen, current_user()

    assert contextvars.copy_context().run(inside) == (BOB, None)


def test_a_scope_ends_when_its_time_is_over(clock: Clock) -> None:
    user = User("u", "billing", ttl_seconds=60)
    gate = Hexgate.from_policy({"roles": {"billing": {"default_policy": {"mode": "allow"}}}})
    with user.sync_scope() as inside:
        clock.now += 59.9
        assert gate.decide("t").allowed
        clock.now += 0.1
        assert inside.expired
        answer = gate.decide("t")
        assert (answer.outcome, answer.code, answer.roles) == ("deny", "user_expired", ("billing",))
        assert gate.explain("t").as_dict() == {"decision": answer.as_dict(), "roles": []}


def test_each_scope_of_a_user_has_its_own_time(clock: Clock) -> None:
    user = User("u", ttl_seconds=60)
    with user.sync_scope() as early:
        clock.now += 50
        with user.sync_scope() as late:
            clock.now += 20
            assert early.expired
            assert not late.expired
            assert current_user() is late
        assert current_user() is early
    # Without a scope its time began when it was made.
    assert user.expired


def test_entering_the_user_of_a_scope_again_does_not_renew_its_time(clock: Clock) -> None:
    with User("u", ttl_seconds=60).sync_scope() as inside:
        clock.now += 50
        with inside.sync_scope() as again:
            assert again is inside
            clock.now += 20
            assert again.expired
        assert current_user() is inside
    assert current_user() is None


def test_a_user_in_a_scope_with_a_time_cannot_be_changed_either(clock: Clock) -> None:
    with User("u", ttl_seconds=60).sync_scope() as inside:
        with pytest.raises(AttributeError, match="cannot be changed"):
            inside.expires_at = None
        assert inside.expires_at == clock.now + 60


@contextmanager
def left_early() -> Iterator[None]:
    with ALICE.sync_scope():
        yield


def test_a_scope_inside_of_another_context_manager_ends_with_it() -> None:
    with left_early():
        assert current_user() is ALICE
    assert current_user() is None
