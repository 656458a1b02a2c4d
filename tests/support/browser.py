"""Pages of a Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from types import TracebackType
from typing import Any, Self

import aiohttp

_SECONDS = 120.0
"""No step of a page takes longer."""

_LOADED = """new Promise((done) => {
  if (document.readyState === "complete") done();
  else addEventListener("load", () => done());
})"""


class PageError(Exception):
    """JavaScript threw, or the browser refused."""


class Browser:
    """An async context manager around one connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(self._url, max_msg_size=0)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._socket.close()
        await self._reader
        await self._session.close()

    async def open(self, url: str) -> Page:
        """A page with cookies and storage of its own."""
        context = await self.send("Target.createBrowserContext", {})
        target = await self.send(
            "Target.createTarget",
            {"url": "about:blank", "browserContextId": context["browserContextId"]},
        )
        attached = await self.send(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        page = Page(self, attached["sessionId"])
        await page.visit(url)
        return page

    async def send(self, method: str, parameters: dict[str, Any], session: str = "") -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._waiting[number] = answer = asyncio.get_running_loop().create_future()
        await self._socket.send_json(message)
        async with asyncio.timeout(_SECONDS):
            return await answer

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            waiting = self._waiting.pop(told.get("id"), None)
            if waiting is None or waiting.done():
                continue
            if "error" in told:
                waiting.set_exception(PageError(told["error"]["message"]))
            else:
                waiting.set_result(told["result"])
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(PageError("the browser has ended"))


class Page:
    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    async def visit(self, url: str) -> None:
        """Open an address and wait until its scripts have run."""
        answer = await self._send("Page.navigate", {"url": url})
        if "errorText" in answer:
            raise PageError(f"{url}: {answer['errorText']}")
        await self.evaluate(_LOADED)

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression; a promise is waited for.

        Raises:
            PageError: with what JavaScript threw.
        """
        answer = await self._send(
            "Runtime.evaluate",
            {"expression": expression, "awaitPromise": True, "returnByValue": True},
        )
        if problem := answer.get("exceptionDetails"):
            thrown = problem.get("exception", {})
            raise PageError(thrown.get("description") or problem["text"])
        return answer["result"].get("value")

    async def call(self, function: str, *arguments: Any) -> Any:
        """What a function of the page returns for these values."""
        return await self.evaluate(f"{function}({', '.join(map(json.dumps, arguments))})")

    async def screenshot(self, *, width: int, height: int) -> bytes:
        """A PNG."""
        await self._send(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        picture = await self._send("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(picture["data"])

    async def _send(self, method: str, parameters: dict[str, Any]) -> Any:
        return await self._browser.send(method, parameters, self._session)
