from __future__ import annotations

import asyncio
import time

from supamanager_operator.inventory import ProjectKey
from supamanager_operator.runner import Runner
from supamanager_operator.workqueue import WorkQueue


async def forever() -> None:
    await asyncio.Event().wait()


async def stopped(reconcile_seconds: float) -> tuple[float, list[str]]:
    """How long it takes to stop it during a reconcile, and what became of that."""
    queue: WorkQueue[ProjectKey] = WorkQueue()
    running = asyncio.Event()
    seen: list[str] = []

    async def reconcile(_: ProjectKey) -> None:
        running.set()
        try:
            await asyncio.sleep(reconcile_seconds)
        except asyncio.CancelledError:
            seen.append("cut off")
            raise
        seen.append("answered")

    runner = Runner(queue=queue, reconcile=reconcile, workers=2, fail=lambda: None)
    runner.start(forever())
    queue.add(("team", "demo"))
    await running.wait()
    began = time.monotonic()
    await runner.stop()
    return time.monotonic() - began, seen


async def test_a_request_that_was_sent_gets_its_answer() -> None:
    took, seen = await stopped(0.2)
    assert seen == ["answered"]
    assert took < 0.9


async def test_one_that_gets_no_answer_is_cut_off_in_time_for_the_next_leader() -> None:
    took, seen = await stopped(60)
    assert seen == ["cut off"]
    assert took < 1.5
