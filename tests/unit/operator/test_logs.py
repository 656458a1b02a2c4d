"""What is logged of a reconcile is without the values of the project's Secrets."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from builders import project
from supamanager_kube import secrets as layout
from supamanager_kube.errors import Invalid
from supamanager_operator import logs
from supamanager_operator.convergence import Pass
from supamanager_operator.inventory import ProjectKey
from supamanager_operator.runner import Runner
from supamanager_operator.secretdocument import encode
from supamanager_operator.secretstore import Secrets
from supamanager_operator.workqueue import WorkQueue

PASSWORD = 'p@ss "word"/ü'
FORMS = (
    PASSWORD,
    quote(PASSWORD, safe=""),
    json.dumps(PASSWORD)[1:-1],
    json.dumps(PASSWORD, ensure_ascii=False)[1:-1],
    base64.b64encode(PASSWORD.encode()).decode(),
)
KEY = ("team", "demo")
logger = logging.getLogger("supamanager_operator.test")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("INFO")
    stream = io.StringIO()
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def learn() -> None:
    body = {"data": encode({"password": PASSWORD})}
    Pass(project(), {}).learn(Secrets({layout.DATABASE: body}))


async def reconciled(
    written: io.StringIO,
    reconcile: Callable[[ProjectKey], Awaitable[float | None]],
    *keys: ProjectKey,
) -> list[dict[str, Any]]:
    """The log of one worker that has had these keys."""
    queue: WorkQueue[ProjectKey] = WorkQueue()
    left = set(keys)
    all_begun = asyncio.Event()

    async def watched(key: ProjectKey) -> float | None:
        left.discard(key)
        if not left:
            all_begun.set()
        return await reconcile(key)

    runner = Runner(queue=queue, reconcile=watched, workers=1, fail=lambda: None)
    for key in keys:
        queue.add(key)
    runner.start(asyncio.Event().wait())
    async with asyncio.timeout(10):
        await all_begun.wait()
    await runner.stop()
    return [json.loads(line) for line in written.getvalue().splitlines()]


async def test_a_traceback_of_a_reconcile_has_no_secret(written: io.StringIO) -> None:
    async def reconcile(key: ProjectKey) -> float | None:
        learn()
        try:
            raise ValueError(f"login with {PASSWORD}")
        except ValueError as error:
            raise RuntimeError(
                f"postgresql://u:{quote(PASSWORD, safe='')}@db {[PASSWORD]}"
            ) from error

    (line,) = await reconciled(written, reconcile, KEY)
    assert line["message"] == "failed"
    assert "ValueError: login with [redacted]\n" in line["exception"]
    assert "RuntimeError: postgresql://u:[redacted]@db ['[redacted]']" in line["exception"]
    assert "in reconcile" in line["exception"]
    assert not [form for form in FORMS if form in written.getvalue()]


async def test_fields_and_messages_of_a_reconcile_have_no_secret(written: io.StringIO) -> None:
    async def one(number: int) -> None:
        logger.info("stage %d says %s", number, PASSWORD, extra={"seen": {"a": [PASSWORD, 1]}})

    async def reconcile(key: ProjectKey) -> float | None:
        learn()
        await asyncio.gather(one(1), one(2))
        encoded = base64.b64encode(PASSWORD.encode()).decode()
        raise Invalid(f"Secret is bad: {json.dumps({'password': PASSWORD})}, {encoded}", status=422)

    first, second, refused = await reconciled(written, reconcile, KEY)
    assert first["message"] == "stage 1 says [redacted]"
    assert second["message"] == "stage 2 says [redacted]"
    assert first["seen"] == {"a": ["[redacted]", 1]}
    assert refused["error"] == 'Secret is bad: {"password": "[redacted]"}, [redacted]'
    assert (refused["status"], refused["project"]) == (422, "demo")
    assert not [form for form in FORMS if form in written.getvalue()]


async def test_a_worker_forgets_one_project_with_the_next(written: io.StringIO) -> None:
    async def reconcile(key: ProjectKey) -> float | None:
        if key == KEY:
            learn()
        raise Invalid(f"of {key[1]}: {PASSWORD}")

    first, second = await reconciled(written, reconcile, KEY, ("team", "other"))
    assert first["error"] == "of demo: [redacted]"
    assert second["error"] == f"of other: {PASSWORD}"
