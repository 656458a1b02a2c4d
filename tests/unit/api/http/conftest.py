from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from supamanager_api import app, settings

STUDIO = "https://studio.example.com"


@pytest.fixture(scope="module")
def application() -> FastAPI:
    """The application without a start: what asks for its database fails."""
    made = app.create_app(
        settings.read(
            {
                "DATABASE_URL": "postgresql://nowhere/db",
                "JWT_SECRET": "b1Zk8s0Qe7LxV3mJw9Tg5HnYc2Rd6PuA",
                "ENCRYPTION_SECRET": "Xq4Nf7Wt0Kz9Gy2Ls5Bv8Dm1Cj6Hr3Ep",
                "DOMAIN_BASE": "example.com",
                "DOMAIN_STUDIO_URL": f"{STUDIO}/",
            }
        )
    )
    made.state.context = None
    return made


@pytest.fixture
async def client(application: FastAPI):
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as made:
        yield made
