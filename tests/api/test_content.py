"""Snippets, reports and folders: whose they are, who sees them, and in which order."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest


@dataclass
class Team:
    """Members of one organization, one for each role, and their project."""

    ref: str
    slug: str
    clients: dict[str, httpx.Client]
    ids: dict[str, int] = field(default_factory=dict)

    def path(self, rest: str = "") -> str:
        return f"/platform/projects/{self.ref}/content{rest}"

    def save(self, who: str = "Owner", **body: Any) -> dict[str, Any]:
        whole = {"id": str(uuid.uuid4()), "name": "Query", "type": "sql", **body}
        answer = self.clients[who].put(self.path(), json=whole)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def list(self, who: str = "Owner", **params: Any) -> Any:
        answer = self.clients[who].get(self.path(), params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


ROLES = ("Owner", "Administrator", "Developer", "Read-only")


def new_team(api: Any, stack: ExitStack) -> Team:
    accounts = {role: api.new_account() for role in ROLES}
    clients = {
        role: stack.enter_context(api.client(account.token)) for role, account in accounts.items()
    }
    made = clients["Owner"].post("/platform/organizations", json={"name": "Hers"}).json()
    body = {"name": "Mars", "organization_slug": made["slug"], "cloud_provider": "K8S"}
    project = clients["Owner"].post("/platform/projects", json=body)
    assert project.status_code == 201, project.text
    return Team(project.json()["ref"], made["slug"], clients)


@pytest.fixture(scope="module")
def execute(api) -> Callable[..., Any]:
    """SQL on the management database, in a loop of its own."""
    import asyncio

    async def run(text: str, *values: Any) -> Any:
        connection = await asyncpg.connect(api.environment["DATABASE_URL"])
        try:
            return await connection.fetch(text, *values)
        finally:
            await connection.close()

    def call(text: str, *values: Any) -> Any:
        return asyncio.run(run(text, *values))

    return call


@pytest.fixture(scope="module")
def team(api, execute) -> Iterator[Team]:
    with ExitStack() as stack:
        made = new_team(api, stack)
        for role, client in made.clients.items():
            profile = client.post("/platform/profile").json()
            made.ids[role] = profile["id"]
            if role != "Owner":
                execute(
                    "INSERT INTO organization_membership (organization_id, account_id, role) "
                    "SELECT id, $2, $3 FROM organizations WHERE slug = $1",
                    made.slug,
                    profile["id"],
                    role,
                )
        yield made


@pytest.fixture(scope="module")
def strangers(api) -> Iterator[Team]:
    with ExitStack() as stack:
        yield new_team(api, stack)


def names(page: Any) -> list[str]:
    return [each["name"] for each in page["data"]]


def test_a_snippet(team: Team):
    given = str(uuid.uuid4())
    content = {"content_id": given, "sql": "select 'ü'", "schema_version": "1.0"}
    made = team.save(id=given, name="  First ", content=content, description="why", owner_id=7)
    assert made["id"] == given
    assert made["name"] == "First"
    assert (made["type"], made["visibility"], made["favorite"]) == ("sql", "user", False)
    assert made["owner_id"] == made["owner"]["id"] == team.ids["Owner"]
    assert made["updated_by"]["username"]
    assert made["content"] == content
    for path in (team.path(f"/item/{given}"), f"/projects/{team.ref}/content/item/{given}"):
        assert team.clients["Owner"].get(path).json() == made
    again = team.save(id=given, name="Second", favorite=True)
    assert (again["name"], again["favorite"]) == ("Second", True)
    assert (again["content"], again["description"]) == (content, "why")
    assert again["inserted_at"] == made["inserted_at"] < again["updated_at"]
    patched = team.clients["Owner"].patch(
        f"/projects/{team.ref}/content", params={"id": given}, json={"description": None}
    )
    assert patched.status_code == 200, patched.text
    assert (patched.json()["name"], patched.json()["description"]) == ("Second", None)
    gone = team.clients["Owner"].delete(team.path(), params={"ids": given})
    assert gone.json() == [{"id": given}]
    assert team.clients["Owner"].get(team.path(f"/item/{given}")).status_code == 404


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(depth - 2):
        inner = {"a": inner}
    return inner


def test_what_is_nested_deep_is_refused_and_told_where_it_is_stored(team: Team, execute):
    """The depths are of bodies, in which the content lies."""
    item = team.save("Read-only", name="Deep", visibility="project", content=nested(100))
    assert item["content"] == nested(100)
    for depth in (101, 260, 5000):
        body = f'{{"id": "{item["id"]}", "content": {"[" * (depth - 1)}{"]" * (depth - 1)}}}'
        answer = team.clients["Read-only"].put(
            team.path(), content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400, answer.text
        assert "nested deeper than 100" in answer.json()["message"]
    stored = '{"a": ' * 500 + '"ü"' + "}" * 500
    execute("UPDATE content SET content = $2::jsonb WHERE id = $1", item["id"], stored)
    for path in (team.path("?name=Deep"), team.path(f"/item/{item['id']}")):
        found = team.clients["Owner"].get(path)
        assert (found.status_code, stored in found.text) == (200, True)
    assert stored in team.clients["Owner"].get(f"/v1/snippets/{item['id']}").text
    named = {"id": item["id"], "name": "Still"}
    assert team.clients["Administrator"].put(team.path(), json=named).status_code == 200
    team.clients["Owner"].delete(team.path(), params={"ids": item["id"]})


def test_what_is_private_is_nobody_elses(team: Team, strangers: Team):
    item = team.save("Developer", name="Private")
    for who in set(ROLES) - {"Developer"}:
        client = team.clients[who]
        assert item["id"] not in client.get(team.path()).text
        assert client.get(team.path(f"/item/{item['id']}")).status_code == 404
        body = {**item, "name": "Taken"}
        assert client.put(team.path(), json=body).status_code == 404
        assert client.patch(team.path(), json=body).status_code == 404
        assert client.delete(team.path(), params={"ids": item["id"]}).status_code == 404
        assert client.get(f"/v1/snippets/{item['id']}").status_code == 404
    stranger = strangers.clients["Owner"]
    for path in (team.path(), strangers.path()):
        assert stranger.put(path, json={**item, "name": "Taken"}).status_code == 404
        assert stranger.delete(path, params={"ids": item["id"]}).status_code == 404
    assert team.clients["Developer"].get(team.path(f"/item/{item['id']}")).json() == item


def test_what_is_shared(team: Team, strangers: Team):
    item = team.save("Developer", name="Shared", visibility="project")
    for who in ROLES:
        found = team.clients[who].get(team.path(f"/item/{item['id']}")).json()
        assert {**found, "favorite": False} == {**item, "favorite": False}
    body = {"id": item["id"], "name": "Changed"}
    assert team.clients["Read-only"].put(team.path(), json=body).status_code == 403
    removal = {"ids": item["id"]}
    assert team.clients["Read-only"].delete(team.path(), params=removal).status_code == 403
    changed = team.clients["Administrator"].put(team.path(), json=body).json()
    assert changed["owner_id"] == team.ids["Developer"]
    assert changed["updated_by"]["id"] == team.ids["Administrator"]
    taken = team.clients["Administrator"].put(team.path(), json={**body, "visibility": "user"})
    assert taken.status_code == 404
    assert team.list("Developer", name="changed")["data"][0]["visibility"] == "project"
    stranger = strangers.clients["Owner"]
    assert stranger.put(strangers.path(), json={**body, "type": "sql"}).status_code == 404
    assert stranger.get(f"/v1/snippets/{item['id']}").status_code == 404
    assert team.clients["Administrator"].delete(team.path(), params=removal).status_code == 200


def test_a_favourite_is_one_persons(team: Team):
    item = team.save(name="Loved", visibility="project", type="report", favorite=True)
    assert names(team.list(type="report", favorite=True)) == ["Loved"]
    assert names(team.list("Developer", type="report", favorite=True)) == []
    assert names(team.list("Developer", type="report", favorite=False)) == ["Loved"]
    counted = [
        team.clients[who].get(team.path("/count"), params={"type": "report", "name": "lov"}).json()
        for who in ("Owner", "Developer")
    ]
    assert counted == [
        {"favorites": 1, "private": 0, "shared": 1},
        {"favorites": 0, "private": 0, "shared": 1},
    ]
    team.save(id=item["id"], favorite=False)
    assert names(team.list(type="report", favorite=True)) == []


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("by", ["name", "inserted_at"])
def test_pages_in_order(team: Team, by: str, order: str):
    mark = uuid.uuid4().hex[:8]
    made = [f"{mark} {letter}" for letter in ("b", "a", "C", "b", "d", "É", "a")]
    for name in made:
        team.save(name=name, type="log_sql", content={"sql": name})
    found, cursor, pages = [], "", 0
    while True:
        page = team.list(
            type="log_sql", name=mark.upper(), sort_by=by, sort_order=order, limit=3, cursor=cursor
        )
        found += names(page)
        pages += 1
        cursor = page.get("cursor", "")
        if not cursor:
            break
        wrong = {
            "cursor": cursor,
            "sort_by": by,
            "sort_order": {"asc": "desc", "desc": "asc"}[order],
        }
        assert team.clients["Owner"].get(team.path(), params=wrong).status_code == 400
    assert pages == 3
    if by == "inserted_at":
        assert found == (made if order == "asc" else made[::-1])
    else:
        assert sorted(found) == sorted(made)
        plain = [name.lower() for name in found if "É" not in name]
        assert plain == sorted(plain, reverse=order == "desc")


def test_folders(team: Team):
    client = team.clients["Owner"]
    top, other = (
        client.post(team.path("/folders"), json={"name": name}) for name in ("Top", "Other")
    )
    assert top.status_code == 201
    assert set(top.json()) == {"id", "name", "owner_id", "parent_id", "project_id"}
    top_id, other_id = top.json()["id"], other.json()["id"]
    inner = client.post(team.path("/folders"), json={"name": "In", "parent_id": top_id}).json()
    item = team.save(name="Filed", folder_id=inner["id"], visibility="user")
    loose = team.save(name="Loose of folders")
    root = client.get(team.path("/folders"), params={"type": "sql", "name": ""}).json()
    assert {each["name"] for each in root["data"]["folders"]} >= {"Top", "Other"}
    assert loose["id"] in {each["id"] for each in root["data"]["contents"]}
    assert item["id"] not in {each["id"] for each in root["data"]["contents"]}
    assert "content" not in root["data"]["contents"][0]
    within = client.get(team.path(f"/folders/{inner['id']}")).json()["data"]
    assert [each["name"] for each in within["contents"]] == ["Filed"]
    below = client.get(team.path(f"/folders/{top_id}")).json()["data"]
    assert [each["name"] for each in below["folders"]] == ["In"]
    renamed = client.patch(team.path(f"/folders/{top_id}"), json={"name": "Peak"}).json()
    assert (renamed["name"], renamed["parent_id"]) == ("Peak", None)
    for target in (top_id, inner["id"]):
        looped = client.patch(team.path(f"/folders/{top_id}"), json={"parent_id": target})
        assert looped.status_code == 400, looped.text
    moved = client.patch(team.path(f"/folders/{inner['id']}"), json={"parent_id": other_id})
    assert moved.json()["parent_id"] == other_id
    # Of others' folders nothing is seen, and nothing can be put into them.
    stranger = team.clients["Administrator"]
    assert stranger.get(team.path("/folders")).json()["data"]["folders"] == []
    assert stranger.get(team.path(f"/folders/{top_id}")).status_code == 404
    assert stranger.patch(team.path(f"/folders/{top_id}"), json={"name": "x"}).status_code == 404
    assert stranger.delete(team.path("/folders"), params={"ids": top_id}).status_code == 404
    filed = {"id": str(uuid.uuid4()), "name": "x", "type": "sql", "folder_id": top_id}
    assert stranger.put(team.path(), json=filed).status_code == 404
    # A removal takes what is inside.
    both = {"ids": f"{top_id},{other_id}"}
    assert client.delete(team.path("/folders"), params=both).json() == [
        {"id": top_id},
        {"id": other_id},
    ]
    assert client.get(team.path(f"/item/{item['id']}")).status_code == 404
    assert client.get(team.path(f"/item/{loose['id']}")).status_code == 200


def test_of_several_all_are_removed_or_none(team: Team):
    mine, hers = team.save(), team.save("Developer", visibility="project")
    ids = {"ids": f"{mine['id']},{hers['id']}"}
    assert team.clients["Developer"].delete(team.path(), params=ids).status_code == 404
    assert team.clients["Developer"].get(team.path(f"/item/{hers['id']}")).status_code == 200
    assert team.clients["Owner"].delete(team.path(), params=ids).status_code == 200


def test_one_id_stored_at_once_is_one_item(team: Team):
    given = str(uuid.uuid4())

    def put(number: int) -> int:
        who = ROLES[number % 2]
        body = {"id": given, "name": f"From {who}", "type": "sql"}
        return team.clients[who].put(team.path(), json=body).status_code

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(put, range(16)))
    assert sorted(set(codes)) == [200, 404]
    assert codes.count(200) == 8


def test_the_command_line_reads_snippets(team: Team, strangers: Team):
    item = team.save(name="For the shell", content={"sql": "select 1"}, visibility="project")
    client = team.clients["Developer"]
    listed = client.get("/v1/snippets", params={"project_ref": team.ref, "limit": 1}).json()
    assert names(listed) == ["For the shell"]
    assert listed["cursor"]
    assert set(listed["data"][0]) == {
        *("id", "name", "type", "visibility", "description", "project", "owner", "updated_by"),
        *("favorite", "inserted_at", "updated_at"),
    }
    one = client.get(f"/v1/snippets/{item['id']}").json()
    assert one["content"] == {"sql": "select 1"}
    assert one["project"]["name"] == "Mars"
    assert client.get("/v1/snippets").status_code == 400
    stranger = strangers.clients["Owner"]
    assert stranger.get("/v1/snippets", params={"project_ref": team.ref}).status_code == 404


def test_what_was_shared_outlives_its_owner(api, team: Team, execute):
    with api.client(api.new_account().token) as client:
        account = client.post("/platform/profile").json()["id"]
        execute(
            "INSERT INTO organization_membership (organization_id, account_id, role) "
            "SELECT id, $2, 'Developer' FROM organizations WHERE slug = $1",
            team.slug,
            account,
        )
        made = [
            client.put(
                team.path(),
                json={
                    "id": str(uuid.uuid4()),
                    "name": "Left",
                    "type": "sql",
                    "visibility": visibility,
                },
            ).json()["id"]
            for visibility in ("user", "project")
        ]
    execute("DELETE FROM accounts WHERE id = $1", account)
    rows = execute("SELECT id FROM content WHERE id = ANY ($1::uuid[])", made)
    assert [str(row["id"]) for row in rows] == made[1:]
    left = team.clients["Owner"].get(team.path(f"/item/{made[1]}")).json()
    assert left["owner"] == {"id": 0, "username": ""}


@pytest.mark.parametrize(
    "body",
    [
        {"id": "1", "name": "x", "type": "sql"},
        {"name": "x", "type": "sql"},
        {"id": "NEW", "type": "sql"},
        {"id": "NEW", "name": "x"},
        {"id": "NEW", "name": " ", "type": "sql"},
        {"id": "NEW", "name": "x" * 300, "type": "sql"},
        {"id": "NEW", "name": "x", "type": "image"},
        {"id": "NEW", "name": "x", "type": "sql", "visibility": "public"},
        {"id": "NEW", "name": "x", "type": "sql", "content": ["select 1"]},
        {"id": "NEW", "name": "x", "type": "sql", "content": {"sql": "\0"}},
        {"id": "NEW", "name": "x\0", "type": "sql"},
        [],
    ],
)
def test_what_is_refused(team: Team, body: Any):
    if isinstance(body, dict) and body.get("id") == "NEW":
        body = {**body, "id": str(uuid.uuid4())}
    answer = team.clients["Owner"].put(team.path(), json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=e30=", "cursor=%00", "limit=0", "limit=x", "sort_by=id", "type=x"],
)
def test_rubbish_in_a_query(team: Team, query: str):
    assert team.clients["Owner"].get(f"{team.path()}?{query}").status_code == 400


def test_what_is_kept_about_a_change_holds_no_text_of_it(team: Team, execute):
    secret = f"secret-{uuid.uuid4().hex}"
    item = team.save(name=secret, description=secret, content={"sql": secret})
    team.save(id=item["id"], content={"sql": secret + "2"})
    team.clients["Owner"].delete(team.path(), params={"ids": item["id"]})
    (entries,) = execute(
        "SELECT count(*), count(*) FILTER (WHERE entry::text LIKE '%' || $2 || '%') AS told "
        "FROM audit_log WHERE entry #>> '{key,id}' = $1",
        item["id"],
        secret,
    )
    assert (entries["count"], entries["told"]) == (3, 0)
