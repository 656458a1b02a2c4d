"""Knowing that the process is asked to end while the server still waits for its requests."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def calls(callback: Callable[[], None]) -> Iterator[None]:
    """Call it on the loop when the process is asked to end, before what the server does then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    former = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(callback)
        before = former[signal.Signals(number)]
        if callable(before):
            before(number, frame)

    # A signal that is ignored or kills at once is left alone.
    taken = [number for number, handler in former.items() if callable(handler)]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, former[number])
