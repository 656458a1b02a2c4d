"""How `python -m supamanager_api` starts its server."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
import uvicorn

from supamanager_api import __main__ as program
from supamanager_api import logs
from supamanager_api.http import connections

ENVIRONMENT = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1/nowhere",
    "JWT_SECRET": secrets.token_urlsafe(48),
    "ENCRYPTION_SECRET": secrets.token_urlsafe(48),
    "DOMAIN_BASE": "example.com",
    "DOMAIN_STUDIO_URL": "https://studio.example.com",
}


def test_connections_are_limited_and_kept_longer_than_proxies_keep_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: started.update(options))
    monkeypatch.setattr(logs, "configure", lambda: None)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert program.main() == 0
    assert started["http"] is connections.Connection
    assert 60 < started["timeout_keep_alive"] < connections.Connection.head_seconds
