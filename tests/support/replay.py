"""Plays sequences of requests, written as data, from pages of a browser.

A step is a mapping:

    row         what it proves: an id of the contract's table, or several
    call        method and path, sent by `fetch` with the session of the page; or
    auth        a method of auth-js with `args`; or
    decode      a JWT whose claims are the answer; or
    mail        the address whose newest mail is the answer
    browser     another browser than the user's, with a session of its own
    headers, body, anonymous (without a session)
    status      the expected one (200), or several
    answer      the shape of the body; not read without it
    until       a shape: asked again and again until the answer has it
    never       a text that must not stand in the answer
    may         an answer that says "there is no such thing" is right as well
    keep        names of variables and where in the answer their values are

`${name}` stands for a variable, `${name:8}` for its first eight characters, and `${totp:name}` for
the code of the secret in `name`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import yaml

import shapes
from browser import Browser, Page, PageError

_VARIABLE: Final = re.compile(r"\$\{(totp:)?(\w+)(?::(\d+))?\}")
_PLACE: Final = re.compile(r"\.?(\w+)|\[(\w+)=([^\]]*)\]")
_PATIENCE: Final = 150.0
_EVERY: Final = 0.15
_USER: Final = "user"


class Mailbox(Protocol):
    def newest(self, address: str) -> str:
        """The text of the newest mail to the address; waits for one.

        Raises:
            StepFailed: none came.
        """


Kept = Callable[[str, Any], None]
"""Told of each variable that a step gives."""


class StepFailed(Exception):
    """Says what is not as the step says."""


class Unknown(StepFailed):
    """A variable that no step gave."""


@dataclass(frozen=True, kw_only=True)
class Generation:
    """How pages of one generation of Studio talk."""

    title: str
    folder: Path
    credentials: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    screen: str
    number: int
    rows: tuple[str, ...]
    label: str
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.screen} {self.number} [{', '.join(self.rows)}] {self.label}: {self.problem}"


def rows(step: Mapping[str, Any]) -> tuple[str, ...]:
    named = step["row"]
    return tuple(named) if isinstance(named, list) else (named,)


def screens(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The screens in their order, each with its steps."""
    for path in sorted(folder.glob("*.yaml")):
        screen = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield screen["screen"], screen["steps"]


@dataclass
class Replay:
    browser: Browser
    generation: Generation
    origin: str
    api: str
    answers: Mapping[str, Any]
    mailbox: Mailbox
    kept: Kept
    missing: frozenset[str] = frozenset()
    """Rows that the API does not have: their steps must be answered by a 404 that says so."""
    variables: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    async def run(self) -> list[Outcome]:
        """Every step, those after a failure as well."""
        self.variables.update(self.generation.variables)
        outcomes = []
        for screen, steps in screens(self.generation.folder):
            for number, step in enumerate(steps, 1):
                problem = ""
                try:
                    await self._play(self._expected(step))
                except Unknown as error:
                    problem = "" if self.missing.issuperset(rows(step)) else str(error)
                except (StepFailed, PageError) as error:
                    problem = str(error)
                outcome = Outcome(screen, number, rows(step), _label(step), problem)
                outcomes.append(outcome)
                page = await self._page(_USER)
                await page.call("studio.show", screen, outcome.label, bool(problem))
        return outcomes

    def _expected(self, step: dict[str, Any]) -> dict[str, Any]:
        if not self.missing.issuperset(rows(step)):
            return step
        kept = {key: step[key] for key in step.keys() & {"row", "call", "headers", "body"}}
        return {**kept, "status": 404, "answer": "@message"}

    async def screenshot(self) -> bytes:
        """A PNG of the page, which lists the steps."""
        page = await self._page(_USER)
        height = await page.evaluate("document.documentElement.scrollHeight")
        return await page.screenshot(width=1400, height=int(height) + 40)

    async def _play(self, step: dict[str, Any]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not await self._ask(self._filled(step)):
            if time.monotonic() > deadline:
                raise StepFailed(f"waited {_PATIENCE:.0f} s in vain for {step['until']}")
            await asyncio.sleep(_EVERY)

    async def _ask(self, step: dict[str, Any]) -> bool:
        """Whether it is done; a step with `until` may have to be asked again."""
        page = await self._page(step.get("browser", _USER))
        if "call" in step:
            answer = await self._call(page, step)
            if answer is None:
                return True
        elif "auth" in step:
            answer = await page.call("studio.auth", step["auth"], step.get("args", []))
        elif "mail" in step:
            answer = await asyncio.to_thread(self.mailbox.newest, step["mail"])
        else:
            answer = shapes.claims(step["decode"])
        self._compare(answer, step)
        if "until" in step and shapes.problems(answer, step["until"], self.answers):
            return False
        for name, place in step.get("keep", {}).items():
            value = _search(answer, place) if "mail" in step else _at(answer, place)
            self.variables[name] = value
            await asyncio.to_thread(self.kept, name, value)
        return True

    async def _call(self, page: Page, step: dict[str, Any]) -> Any:
        """The body; None if nothing of it is to be looked at."""
        method, path = step["call"].split(" ", 1)
        request = {"method": method, "path": path, "headers": step.get("headers", {})}
        request["anonymous"] = step.get("anonymous", False)
        if "body" in step:
            request["body"] = step["body"]
        answer = await page.call("studio.request", request)
        status, text = answer["status"], answer["text"]
        expected = step.get("status", 200)
        if step.get("may") and status == 404:
            missing = shapes.problems(_json(text), self.answers["message"], self.answers)
            if missing and method != "HEAD":
                raise StepFailed(f"404, but {missing[0]}")
            return None
        if status not in (expected if isinstance(expected, list) else [expected]):
            raise StepFailed(f"{status}, not {expected}: {text[:300]}")
        if (secret := step.get("never")) and secret in text:
            raise StepFailed("tells what it must not")
        return _json(text) if step.keys() & {"answer", "until", "keep"} else None

    def _compare(self, answer: Any, step: dict[str, Any]) -> None:
        if "answer" in step:
            found = shapes.problems(answer, step["answer"], self.answers)
            if found:
                raise StepFailed("; ".join(found[:6]))

    async def _page(self, name: str) -> Page:
        if name not in self.pages:
            page = await self.browser.open(f"{self.origin}/")
            await page.call(
                "studio.start",
                {
                    "title": self.generation.title,
                    "api": self.api,
                    "gotrue": f"{self.api}/auth/v1",
                    "credentials": self.generation.credentials,
                },
            )
            self.pages[name] = page
        return self.pages[name]

    def _filled(self, value: Any) -> Any:
        match value:
            case str():
                whole = _VARIABLE.fullmatch(value)
                if whole and not whole[1] and not whole[3]:
                    return self._variable(whole[2])
                return _VARIABLE.sub(lambda found: self._text(found), value)
            case dict():
                return {self._filled(key): self._filled(inner) for key, inner in value.items()}
            case list():
                return [self._filled(inner) for inner in value]
        return value

    def _text(self, found: re.Match[str]) -> str:
        text = str(self._variable(found[2]))
        if found[1]:
            return _totp(text)
        return text[: int(found[3])] if found[3] else text

    def _variable(self, name: str) -> Any:
        if name not in self.variables:
            raise Unknown(f"no step before it gave {name}")
        return self.variables[name]


def _label(step: Mapping[str, Any]) -> str:
    for kind in ("call", "auth", "mail", "decode"):
        if kind in step:
            return str(step[kind]) if kind == "call" else f"{kind} {step[kind]}"
    raise ValueError(f"a step without anything to do: {step}")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise StepFailed(f"the answer is no JSON: {text[:200]!r}") from None


def _search(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise StepFailed(f"the mail has no {pattern}")
    return found[1]


def _at(value: Any, place: str) -> Any:
    """What stands there: `data.id`, or `list[name=anon].api_key`."""
    for found in _PLACE.finditer(place):
        key, name, wanted = found.groups()
        try:
            if key is not None:
                value = value[key]
            else:
                value = next(item for item in value if str(item[name]) == wanted)
        except (KeyError, TypeError, StopIteration):
            raise StepFailed(f"nothing to keep at {place}") from None
    return value


def _totp(secret: str) -> str:
    """The code of now: RFC 6238 with its defaults."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
