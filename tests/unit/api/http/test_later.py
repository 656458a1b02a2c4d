"""What is listed as not offered yet is not offered, and has no field."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import crd
from supamanager_api.http.permissions import ROUTES
from supamanager_api.projects import authconfig, authdefaults, later

FIELDS = sorted({*later.ROUTES.values(), *later.AUTH_NAMES.values()})


@pytest.mark.parametrize("field", FIELDS)
def test_the_field_is_not_there(field: str):
    node: dict[str, Any] = crd.schema()["properties"]["spec"]
    for name in field.split("."):
        node = node.get("properties", {}).get(name, {})
    assert not node, f"spec.{field} is there: offer it, and delete its line in later.py"


async def test_the_routes_answer_that(application: FastAPI):
    assert not later.ROUTES.keys() & ROUTES.keys()
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        for (method, template), field in later.ROUTES.items():
            path = template.format(ref="a" * 20, id="7")
            for asked in {path, path.removeprefix("/platform")}:
                answer = await client.request(method, asked)
                assert answer.status_code == 404, asked
                assert answer.json()["message"].endswith(f"spec.{field}")
        other = await client.request("PATCH", f"/v1/projects/{'a' * 20}/nothing")
        assert other.json()["message"] == "Not Found"


def test_every_name_is_told_once():
    assert not authdefaults.DEFAULTS.keys() & authconfig.FIELDS.keys()
    for name in authdefaults.DEFAULTS:
        assert name in later.name(name)
