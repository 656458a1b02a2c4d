"""The audit log: every change is in it, with who made it, and nothing of it can be taken back."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from supamanager_api.audit.chain import Broken, Link, Verifier
from supamanager_dev.plainhttp import NO_TLS

NOT_FOLLOWED = {
    "audit_head": "is the audit log's own",
    "audit_log": "is the audit log",
    "dns_record": "is what the DNS hook was told",
    "factor_challenge": "lives for minutes; factor and session are followed",
    "idempotency_key": "is what was answered",
    "mail": "tells of what is in the log",
    "migrations": "is written before anybody is served",
    "notification": "tells of what is in the log",
    "mirror_epoch": "is the mirror's lock",
    "project_component": "is what was observed",
    "project_condition": "is what was observed",
    "project_manager": "has a trigger of its own",
    "project_ref": "is followed where the ref is used",
    "project_spec": "is what was observed",
    "rate_limit": "is what was used up",
    "refresh_tokens": "rotates with every refresh; the session is followed",
}
"""Tables whose changes nobody makes; each with why."""


@pytest.fixture
def audited(module_api):
    """Its database may be spoilt."""
    return module_api


@pytest.fixture
def url(audited) -> str:
    return str(audited.environment["DATABASE_URL"])


async def entries(url: str, where: str = "true") -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            f"SELECT entry FROM audit_log WHERE {where} ORDER BY position"
        )
    finally:
        await connection.close()
    return [json.loads(row["entry"]) for row in rows]


async def execute(url: str, text: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(text)
    finally:
        await connection.close()


def audit(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as an administrator runs it: it knows nothing but the database."""
    return subprocess.run(
        [sys.executable, "-m", "supamanager_api.audit", *arguments],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )


async def test_every_table_is_followed_or_has_a_reason_not_to_be(api):
    connection = await asyncpg.connect(api.environment["DATABASE_URL"])
    try:
        tables = await connection.fetch(
            "SELECT c.relname, count(t.tgname) AS triggers FROM pg_class AS c "
            "LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid "
            "AND t.tgname IN ('audit_insert', 'audit_update', 'audit_delete') "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1"
        )
    finally:
        await connection.close()
    followed = {row["relname"] for row in tables if row["triggers"] == 3}
    rest = {row["relname"] for row in tables} - followed
    assert rest == set(NOT_FOLLOWED)


async def test_who_changed_what(audited, url: str):
    account = audited.new_account()
    user = account.session["user"]
    with audited.client(account.token) as client:
        client.headers["X-Request-Id"] = "the-request"
        organization = client.post("/platform/organizations", json={"name": "Hers"}).json()
        assert client.post("/profile").status_code == 201
    signed_up, signed_in, made, joined, profile = (await entries(url))[-5:]
    assert signed_up["action"] == "accounts.created"
    assert signed_up["actor"] == {"kind": "anonymous", "address": "127.0.0.1"}
    assert signed_up["request"]["route"] == "/platform/signup"
    assert signed_up["before"] is None
    assert signed_up["after"]["email"] == account.email
    assert signed_up["after"]["password_hash"] == "hidden"
    assert signed_in["action"] == "sessions.created"
    assert signed_in["account_id"] == signed_up["account_id"] == signed_up["key"]["id"]
    person = {
        "kind": "account",
        "account_id": signed_up["account_id"],
        "gotrue_id": user["id"],
        "email": account.email,
        "address": "127.0.0.1",
        "token": "session",
    }
    assert [each["actor"] for each in (made, joined, profile)] == [person] * 3
    assert made["action"] == "organizations.created"
    hers = {
        "slug": organization["slug"],
        "name": "Hers",
        "billing_email": None,
        "opt_in_tags": [],
        "requires_mfa": False,
    }
    assert made["after"] == hers
    assert made["request"] == {
        "request_id": "the-request",
        "method": "POST",
        "route": "/platform/organizations",
        "status": 201,
    }
    assert joined["action"] == "organization_membership.created"
    for entry in (made, joined):
        assert entry["organization_id"] == organization["id"]
        assert entry["organization_slug"] == organization["slug"]
    assert joined["after"]["role"] == "Owner"
    assert profile["action"] == "accounts.changed"
    assert list(profile["before"].items()) == [("profile_created_at", None)]
    assert list(profile["after"]) == ["profile_created_at"]


async def test_changes_past_the_api_are_told_apart(audited, url: str):
    account = audited.new_account()
    with audited.client(account.token) as client:
        made = client.post("/platform/organizations", json={"name": "Hers"}).json()
    her = f"WHERE id = {made['id']}"
    await execute(url, f"UPDATE organizations SET name = 'Mine', updated_at = now() {her}")
    await execute(url, f"UPDATE organizations SET updated_at = now() {her}")
    await execute(url, f"DELETE FROM organizations {her}")
    changed, removed, left = (await entries(url))[-3:]
    assert changed["actor"] == {"kind": "database", "role": "postgres"}
    assert (changed["before"], changed["after"]) == ({"name": "Hers"}, {"name": "Mine"})
    assert (removed["action"], removed["after"]) == ("organizations.removed", None)
    assert removed["organization_slug"] == made["slug"]
    assert left["action"] == "organization_membership.removed"
    assert left["organization_id"] == made["id"]


async def test_what_moves_is_told_to_both(audited, url: str):
    account = audited.new_account()
    with audited.client(account.token) as client:
        one, two = (
            client.post("/platform/organizations", json={"name": name}).json() for name in "AB"
        )
        body = {"name": "Mars", "organization_slug": one["slug"], "cloud_provider": "K8S"}
        password = "Not-To-Be-Told-1"
        made = client.post("/platform/projects", json={**body, "db_pass": password})
        assert made.status_code == 201, made.text
        ref = made.json()["ref"]
        await execute(
            url, f"UPDATE project SET organization_id = {two['id']} WHERE project_ref = '{ref}'"
        )
        for organization, wanted in ((one, {"created", "changed"}), (two, {"changed"})):
            path = f"/platform/organizations/{organization['slug']}/audit"
            found = client.get(path).json()["result"]
            of_project = [each for each in found if each["action"]["name"].startswith("project.")]
            assert {each["action"]["name"].partition(".")[2] for each in of_project} == wanted
            assert {each["target"]["metadata"]["project_ref"] for each in of_project} == {ref}
    everything = str(await entries(url))
    assert "project_input.created" in everything
    assert password not in everything
    assert "argon2" not in everything


def test_what_is_shown(api):
    ann, bob = api.new_account(), api.new_account()
    before = datetime.now(UTC)
    with api.client(ann.token) as client:
        organization = client.post("/platform/organizations", json={"name": "Hers"}).json()
        path = f"/platform/organizations/{organization['slug']}/audit"
        shown = client.get(path, params={"iso_timestamp_start": "", "iso_timestamp_end": ""}).json()
        assert shown["retention_period"] >= 1
        joined, made = shown["result"]
        assert made["action"]["name"] == "organizations.created"
        assert made["action"]["metadata"][0]["method"] == "POST"
        assert made["action"]["metadata"][0]["route"] == "/platform/organizations"
        assert made["action"]["metadata"][0]["status"] == 201
        assert made["actor"] == {
            "id": ann.session["user"]["id"],
            "type": "user",
            "metadata": [{"email": ann.email, "ip": "127.0.0.1", "tokenType": "session"}],
        }
        assert made["target"]["metadata"]["org_slug"] == organization["slug"]
        assert made["target"]["metadata"]["after"]["name"] == "Hers"
        assert made["occurred_at"] <= joined["occurred_at"]
        early = {"iso_timestamp_end": (before - timedelta(seconds=1)).isoformat()}
        assert client.get(path, params=early).json()["result"] == []
        late = {"iso_timestamp_start": before.isoformat()}
        assert len(client.get(path, params=late).json()["result"]) == 2
        assert client.get(path, params={"iso_timestamp_end": "soon"}).status_code == 400
        own = client.get("/platform/profile/audit").json()["result"]
        assert {each["action"]["name"] for each in own} == {
            "accounts.created",
            "sessions.created",
            "organizations.created",
            "organization_membership.created",
        }
    with api.client(bob.token) as client:
        assert client.get(path).status_code == 404
        assert ann.email not in client.get("/platform/profile/audit").text


REFUSED = (
    "UPDATE audit_log SET entry = '{}'",
    "DELETE FROM audit_log WHERE position = 1",
    "TRUNCATE audit_log",
    "DELETE FROM audit_head",
    "UPDATE audit_head SET position = 0",
    "UPDATE audit_head SET hash = ''",
    "TRUNCATE audit_head",
)


async def test_nothing_is_taken_back(audited, url: str):
    """Not even by a superuser who forgets about the triggers."""
    audited.new_account()
    for text in REFUSED:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only grows"):
            await execute(url, text)
    assert audit(url, "verify").returncode == 0


TAMPERED = {
    'UPDATE audit_log SET entry = entry || \'{"action": "x"}\' WHERE position = 2': 2,
    "UPDATE audit_log SET occurred_at = occurred_at + interval '1us' WHERE position = 3": 3,
    "DELETE FROM audit_log WHERE position = 3": 3,
    "DELETE FROM audit_log WHERE position = (SELECT max(position) FROM audit_log)": 0,
    "UPDATE audit_log AS a SET entry = b.entry, occurred_at = b.occurred_at, "
    "hash = b.hash, previous_hash = b.previous_hash "
    "FROM audit_log AS b WHERE a.position + b.position = 5 AND a.position IN (2, 3)": 2,
    "UPDATE audit_head SET hash = sha256('')": 1,
}
"""What a superuser does past the triggers, and the entry that is named; 0 is the last one, and 1
would be the next."""


async def test_what_was_done_past_the_triggers_is_found(audited, url: str):
    audited.new_account()
    audited.new_account()
    whole = audit(url, "verify")
    last = int(whole.stdout.split()[1])
    saved = "CREATE TABLE kept_{0} AS TABLE {0}"
    back = "TRUNCATE {0}; INSERT INTO {0} ({1}) SELECT {1} FROM kept_{0}"
    columns = {
        "audit_log": "position, occurred_at, entry, previous_hash, hash",
        "audit_head": "position, hash",
    }
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for table in columns:
            await connection.execute(saved.format(table))
        for text, found in TAMPERED.items():
            await connection.execute(text)
            verified = audit(url, "verify")
            assert verified.returncode == 1, (text, verified.stderr)
            named = found if found > 1 else last + found
            assert f"entry {named} " in verified.stderr, text
            for table, names in columns.items():
                await connection.execute(back.format(table, names))
        await connection.execute("DROP TABLE kept_audit_log, kept_audit_head")
    finally:
        await connection.close()
    assert audit(url, "verify").returncode == 0


async def test_a_log_that_was_written_anew_is_found_by_what_was_known_before(
    audited, url: str, tmp_path: Path
):
    audited.new_account()
    known = audit(url, "verify").stdout.split()[-1]
    export = tmp_path / "audit.jsonl"
    export.write_text(audit(url, "export").stdout)
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    assert [line["position"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["entry"] for line in lines] == await entries(url)
    assert audit(url, "verify", str(export)).stdout.split()[-1] == known
    rest = audit(url, "export", "--after", str(len(lines) - 1)).stdout
    assert [json.loads(line) for line in rest.splitlines()] == lines[-1:]
    audited.new_account()
    assert audit(url, "verify", "--expect", known).returncode == 0
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "CREATE TEMP TABLE kept AS SELECT entry FROM audit_log ORDER BY position; "
            "SET session_replication_role = replica; "
            "TRUNCATE audit_log; "
            "UPDATE audit_head SET position = 0, hash = decode(repeat('00', 32), 'hex'); "
            "SET session_replication_role = origin; "
            "INSERT INTO audit_log (entry) SELECT entry || '{\"forged\": true}' FROM kept"
        )
    finally:
        await connection.close()
    assert audit(url, "verify").returncode == 0
    forged = audit(url, "verify", "--expect", known)
    assert (forged.returncode, forged.stderr) == (
        1,
        f"broken: entry {len(lines)} is not the one that was expected\n",
    )
    far = audit(url, "verify", "--expect", f"999999:{'0' * 64}")
    assert (far.returncode, far.stderr) == (1, "broken: entry 999999 is expected and missing\n")
    changed = export.read_text().replace("accounts.created", "accounts.removed")
    export.write_text(changed)
    assert audit(url, "verify", str(export)).stderr == "broken: entry 1 was changed\n"
    export.write_text("rubbish\n")
    assert audit(url, "verify", str(export)).returncode == 1


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("", ["verify"]),
        ("mysql://nobody", ["export"]),
        ("postgresql://postgres:Secret-1@127.0.0.1:9/none", ["verify"]),
        ("", ["verify", "/nowhere/audit.jsonl"]),
        ("", ["verify", "--expect", "1:2"]),
        ("", []),
    ],
)
def test_what_cannot_be_read_is_not_called_broken(url: str, arguments: list[str]):
    result = audit(url, *arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "Secret-1" not in result.stderr


async def test_two_processes_write_one_chain_though_one_is_killed(api_process, database_url: str):
    """No change is without its entry, and no entry without its change."""
    processes = [api_process(ORGANIZATIONS_PER_ACCOUNT="0") for _ in range(2)]
    account = processes[0].new_account()
    stop = asyncio.Event()

    async def write(url: str) -> None:
        async with httpx.AsyncClient(
            base_url=url, headers=account.headers, verify=NO_TLS
        ) as client:
            while not stop.is_set():
                try:
                    await client.post("/platform/organizations", json={"name": "Hers"})
                except httpx.HTTPError:
                    await asyncio.sleep(0.01)

    counted = "SELECT count(*) FROM organizations"
    told = "SELECT count(*) FROM audit_log WHERE entry ->> 'action' = 'organizations.created'"
    connection = await asyncpg.connect(database_url)
    writers = [asyncio.create_task(write(each.url)) for each in processes * 4]
    try:
        for kill in (True, False):
            before = await connection.fetchval(counted)
            async with asyncio.timeout(60):
                while await connection.fetchval(counted) < before + 40:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            if kill:
                await asyncio.to_thread(processes[0].kill)
        stop.set()
        await asyncio.gather(*writers)
        assert await connection.fetchval(counted) == await connection.fetchval(told)
    finally:
        for writer in writers:
            writer.cancel()
        await connection.close()
    assert audit(database_url, "verify").returncode == 0


def test_lines_and_links_are_the_same():
    link = Link(1, "2026-01-01T00:00:00.000000Z", '{"a": "ü\\n"}', bytes(32), b"")
    link = Link(link.position, link.occurred_at, link.text, link.previous_hash, link.computed())
    assert Link.parse(link.line()) == link
    assert json.loads(link.line())["entry"] == {"a": "ü\n"}
    verifier = Verifier()
    verifier.add(link)
    with pytest.raises(Broken, match="entry 1 is out of order"):
        verifier.add(link)
