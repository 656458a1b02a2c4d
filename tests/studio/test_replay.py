"""The requests of Studio's pages, from a real browser on another origin than the API's.

The sequences were written from what Studio does, not from what our routes answer.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
import yaml

from browser import Browser
from inbox import Inbox, text
from projectpods import ProjectPods
from replay import Generation, Outcome, Replay, StepFailed, screens
from supamanager_dev import studio_table
from supamanager_dev.product import Product

HERE = Path(__file__).parent
SEQUENCES = HERE / "sequences"
ANSWERS = yaml.safe_load((HERE / "answers.yaml").read_text(encoding="utf-8"))
MISSING = frozenset(row.name for row in studio_table.rows() if row.missing)
CREDENTIALS = {"2024": "same-origin", "2026": "include"}
"""What each generation's `fetch` says about cookies."""

SCREENS = [
    pytest.param(year, screen, id=f"{year}-{screen}")
    for year in CREDENTIALS
    for screen, _ in screens(SEQUENCES / year)
]


def _variables(origin: str) -> dict[str, object]:
    """What a person types, and what a page makes up."""
    tag = secrets.token_hex(4)
    now = datetime.now(UTC)
    return {
        "email": f"ada-{tag}@example.com",
        "guest_email": f"bob-{tag}@example.com",
        "username": f"ada-{tag}",
        "password": "Correct-Horse-7",
        "new_password": "Battery-Staple-8",
        "database_password": f"{secrets.token_urlsafe(18)}#aA1",
        "region": "eu-west-1",
        "region_name": "West EU (Ireland)",
        "studio": origin,
        "snippet": str(uuid4()),
        "session_id": str(uuid4()),
        "hour_ago": quote((now - timedelta(hours=1)).isoformat()),
        "hour_ahead": quote((now + timedelta(hours=1)).isoformat()),
    }


class Letters:
    """The inbox of everybody: each mail is read once."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._read: Counter[str] = Counter()

    def newest(self, address: str) -> str:
        self._read[address] += 1
        try:
            return text(self._inbox.wait(address, self._read[address]))
        except AssertionError as error:
            raise StepFailed(str(error)) from error


@pytest.fixture(scope="module")
def outcomes(
    product: Product,
    pods: ProjectPods,
    inbox: Inbox,
    studio_origin: str,
    browser_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[Outcome]]:
    """What became of every step, by generation."""
    folder = tmp_path_factory.mktemp("pictures")

    async def play() -> dict[str, list[Outcome]]:
        async with Browser(browser_url) as browser:
            return dict([await one(browser, year) for year in CREDENTIALS])

    async def one(browser: Browser, year: str) -> tuple[str, list[Outcome]]:
        generation = Generation(
            title=f"Studio of {year}",
            folder=SEQUENCES / year,
            credentials=CREDENTIALS[year],
            variables=_variables(studio_origin),
        )
        replay = Replay(
            browser,
            generation,
            origin=studio_origin,
            api=product.api_url,
            answers=ANSWERS,
            mailbox=Letters(inbox),
            missing=MISSING,
            kept=play_kubelet,
        )
        found = await replay.run()
        pictures[year] = await replay.screenshot()
        return year, found

    def play_kubelet(name: str, value: object) -> None:
        if name == "ref":
            pods.run(str(value))
        elif name == "asleep":
            pods.pause()
        elif name == "awake":
            pods.resume()

    pictures: dict[str, bytes] = {}
    found = asyncio.run(play())
    for year, picture in pictures.items():
        path = folder / f"{year}.png"
        path.write_bytes(picture)
        print(f"Studio of {year}: {path}")
    return found


@pytest.mark.parametrize(("year", "screen"), SCREENS)
def test_every_step_of_a_screen_is_answered_as_studio_reads_it(
    outcomes: dict[str, list[Outcome]], year: str, screen: str
) -> None:
    failed = [str(one) for one in outcomes[year] if one.screen == screen and one.problem]
    assert not failed, "\n".join(failed)


def test_the_count_of_steps(outcomes: dict[str, list[Outcome]]) -> None:
    for year, found in outcomes.items():
        count = Counter(bool(one.problem) for one in found)
        print(f"Studio of {year}: {count[False]} of {len(found)} steps")
        assert count[False] == len(found)
