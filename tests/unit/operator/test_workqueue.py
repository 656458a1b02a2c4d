from __future__ import annotations

import asyncio

import pytest

from supamanager_operator.workqueue import BACKOFF_CAP, WorkQueue


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def next_key(queue: WorkQueue[str]) -> str | None:
    """The next key if one can be had now."""
    try:
        async with asyncio.timeout(0.02):
            return await queue.get()
    except TimeoutError:
        return None


async def test_a_key_is_queued_once() -> None:
    queue: WorkQueue[str] = WorkQueue()
    for _ in range(3):
        queue.add("a")
    assert len(queue) == 1
    assert await next_key(queue) == "a"
    assert await next_key(queue) is None


async def test_a_key_never_runs_twice_at_once_but_once_more_afterwards() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert await next_key(queue) == "a"
    queue.add("a")
    queue.add("a")
    assert await next_key(queue) is None
    queue.done("a")
    assert await next_key(queue) == "a"
    queue.done("a")
    assert await next_key(queue) is None


async def test_a_running_key_does_not_hold_up_others() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert await next_key(queue) == "a"
    queue.add("a")
    queue.add("b")
    assert await next_key(queue) == "b"


async def test_the_earliest_of_several_times_wins() -> None:
    clock = Clock()
    queue: WorkQueue[str] = WorkQueue(clock=clock)
    queue.add("a", after=60)
    queue.add("a", after=5)
    queue.add("a", after=600)
    assert await next_key(queue) is None
    clock.now += 5
    assert await next_key(queue) == "a"
    queue.done("a")
    clock.now += 600
    assert await next_key(queue) is None


async def test_a_waiting_worker_wakes_for_an_earlier_key() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("late", after=30)
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("now")
    assert await asyncio.wait_for(waiting, 1) == "now"


def test_failures_back_off_to_a_cap_and_success_starts_anew() -> None:
    queue: WorkQueue[str] = WorkQueue()
    pauses = [queue.failed("a") for _ in range(14)]
    assert 0.4 <= pauses[0] <= 0.6
    assert 0.8 <= pauses[1] <= 1.2
    assert BACKOFF_CAP * 0.8 <= pauses[-1] <= BACKOFF_CAP * 1.2
    queue.succeeded("a")
    assert queue.failed("a") <= 0.6


def test_the_oldest_age_counts_keys_that_are_due() -> None:
    clock = Clock()
    queue: WorkQueue[str] = WorkQueue(clock=clock)
    queue.add("a", after=10)
    assert queue.oldest_age() <= 0
    clock.now += 25
    assert queue.oldest_age() == pytest.approx(15)
    queue.forget("a")
    assert queue.oldest_age() == 0


async def test_a_thousand_adds_over_fifty_keys_run_each_key_alone() -> None:
    queue: WorkQueue[int] = WorkQueue()
    running: set[int] = set()
    idle = asyncio.Event()
    runs = 0

    async def work() -> None:
        nonlocal runs
        while True:
            key = await queue.get()
            assert key not in running
            running.add(key)
            await asyncio.sleep(0.001)
            running.remove(key)
            runs += 1
            queue.done(key)
            if not len(queue) and not queue.running:
                idle.set()

    workers = [asyncio.create_task(work()) for _ in range(8)]
    for number in range(1000):
        queue.add(number % 50)
        if number % 20 == 0:
            await asyncio.sleep(0)
    idle.clear()
    queue.add(0)
    await asyncio.wait_for(idle.wait(), 10)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    assert 50 <= runs < 1000
