from __future__ import annotations

import asyncio
import logging

import pytest

from supamanager_api import background


async def test_a_failed_task_is_started_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(background, "_FIRST_PAUSE", 0.001)
    starts = 0
    third = asyncio.Event()

    async def work() -> None:
        nonlocal starts
        starts += 1
        if starts == 1:
            raise RuntimeError("broken")
        if starts == 2:
            return
        third.set()
        await asyncio.Event().wait()

    tasks = background.Background()
    with caplog.at_level(logging.ERROR):
        tasks.start(background.Task("work", work))
        await asyncio.wait_for(third.wait(), 5)
    await tasks.stop()
    assert starts == 3
    assert [record.message for record in caplog.records] == ["a background task failed"]


async def test_stopping_cancels():
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    tasks = background.Background()
    tasks.start(background.Task("work", work))
    await asyncio.sleep(0)
    await tasks.stop()
    assert ended.is_set()
