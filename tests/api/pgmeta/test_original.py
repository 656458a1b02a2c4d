"""Every route of the original product is here, and says what is so: also of tables, which the
original said to have made. Logs, whose service is not here, are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import shapes

_LINE = re.compile(r"(\w+) +(\S+) +(\d+) (.+?)(?: (\{\".*\}))?")

_PLACE = re.compile(r"\{(slug|ref|table|email|password)\}")


@dataclass(frozen=True)
class Line:
    method: str
    path: str
    status: int
    shape: str
    body: str | None


def _read() -> Iterator[Line]:
    for text in Path(__file__).with_name("original.txt").read_text().splitlines():
        if text and not text.startswith("#"):
            match = _LINE.fullmatch(text)
            assert match, text
            yield Line(match[1], match[2], int(match[3]), match[4], match[5])


LINES = list(_read())


def test_there_are_55() -> None:
    assert len(LINES) == 55


@pytest.fixture(scope="module")
def values(place) -> Iterator[dict[str, Any]]:
    account = place.api.new_account()
    # Whatever other files of tests have made of the project.
    place.cluster.activate(place.ref)
    place.owner.await_word(place.ref, "ACTIVE_HEALTHY")
    place.owner.client.post("/platform/profile")
    place.rows("CREATE TABLE original_first (id int PRIMARY KEY)")
    place.rows("CREATE TYPE original_kind AS ENUM ('one')")
    yield {
        "client": place.owner.client,
        "slug": place.owner.slug,
        "id": place.owner.organization["id"],
        "ref": place.ref,
        "table": place.rows("SELECT 'original_first'::regclass::oid::int AS id")[0]["id"],
        "email": account.email,
        "password": account.password,
    }
    left = "DROP TABLE IF EXISTS original_first, original_second; DROP TYPE original_kind"
    assert place.query(left).status_code == 200


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.method} {line.path}")
def test_it_is_here(values: dict[str, Any], line: Line) -> None:
    def filled(text: str) -> str:
        text = re.sub(r'"\{(id|table)\}"', lambda match: str(values[match[1]]), text)
        return re.sub(_PLACE, lambda match: str(values[match[1]]), text)

    body = None if line.body is None else json.loads(filled(line.body))
    answer = values["client"].request(line.method, filled(line.path), json=body)
    assert answer.status_code == line.status, answer.text
    shape = yaml.safe_load(filled(line.shape))
    told = answer.json() if answer.content else None
    assert told is None if shape is None else not shapes.problems(told, shape, {}), told
