"""Passwords: what is accepted, and Argon2id in a bounded pool of threads.

One hash needs 64 MiB for a tenth of a second, so few run at once and the others wait; when too
many wait, more are refused.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import argon2
from argon2 import exceptions

from supamanager_api import errors

SHORTEST: Final = 8
LONGEST: Final = 72

MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 2
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32

THREADS: Final = 2
"""Hashes that run at once: the memory of the process stays below 300 MiB."""
_WAITING: Final = 256

_Result = TypeVar("_Result")


def check(password: str) -> None:
    """
    Raises:
        Invalid: the password is too short, too long or too simple; the message lists the rules.
    """
    tests: tuple[Callable[[str], bool], ...] = (
        str.islower,
        str.isupper,
        str.isdigit,
        lambda character: not character.isalnum(),
    )
    varied = all(any(map(test, password)) for test in tests)
    if not (SHORTEST <= len(password) <= LONGEST and varied):
        raise errors.Invalid(
            f"The password must have {SHORTEST} to {LONGEST} characters, among them a lower-case "
            "letter, an upper-case letter, a digit and a symbol",
            code="weak_password",
        )


class Passwords:
    def __init__(self) -> None:
        self._hasher = argon2.PasswordHasher(
            time_cost=PASSES,
            memory_cost=MEMORY_KIB,
            parallelism=LANES,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
        )
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._pending = 0

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """A new hash as PHC text.

        Raises:
            TooManyRequests: too many passwords wait.
        """
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the hash is of this password. None, for nobody, costs the same and is False.

        Raises:
            TooManyRequests: too many passwords wait.
        """
        return await self._run(lambda: self._verify(password, stored or _NOBODY))

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than the present ones."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except exceptions.VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        if self._pending >= _WAITING:
            raise errors.TooManyRequests("Too many people sign in at this moment; try again")
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._pending -= 1


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


_NOBODY: Final = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}"
    f"${_base64(bytes(SALT_BYTES))}${_base64(bytes(HASH_BYTES))}"
)
"""A hash of no known password: checking against it costs as much as against a real one."""
