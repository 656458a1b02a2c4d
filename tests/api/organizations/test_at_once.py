"""What members lose while a request of theirs is under way."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from asking import WAIT_SECONDS
from teams import Team


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("DELETE FROM organization_membership", 404),
        ("UPDATE organization_membership SET role = 'Read-only'", 403),
    ],
)
async def test_who_is_removed_meanwhile_makes_no_project(
    own_api, database_url: str, change: str, status: int
):
    """The request has passed the check of the route, and waits for the organization, which the one
    who removes the member holds."""
    team = Team.found(own_api)
    admin = team.join("Administrator")
    wish = {"name": "Mars", "organization_slug": team.slug}
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM organizations FOR NO KEY UPDATE")
            asked = asyncio.create_task(
                asyncio.to_thread(admin.client.post, "/platform/projects", json=wish)
            )
            async with asyncio.timeout(WAIT_SECONDS):
                while not await connection.fetchval(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                ):
                    assert not asked.done(), asked.result().text
            await connection.execute(
                f"{change} WHERE account_id = (SELECT id FROM accounts WHERE email = $1)",
                admin.email,
            )
        answer = await asked
        made = await connection.fetchval("SELECT count(*) FROM project")
    finally:
        await connection.close()
    assert (answer.status_code, made) == (status, 0), answer.text
    assert team.project()
