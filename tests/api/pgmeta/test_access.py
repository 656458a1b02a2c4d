"""Who may do what in a project's database."""

from __future__ import annotations

import base64
import secrets

import pytest

from asking import new_owner
from supamanager_api.projects import pgmeta

HEADER = "x-connection-encrypted"


@pytest.fixture(scope="module")
def reader(place):
    with place.member("Read-only") as client:
        yield client


@pytest.fixture(scope="module")
def table(place):
    name = f"kept_{secrets.token_hex(4)}"
    place.rows(f"CREATE TABLE public.{name} (id int); INSERT INTO {name} VALUES (1)")
    place.rows(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    return name


def test_a_read_only_member_reads_everything(place, reader, table):
    answer = place.query(f"SELECT id FROM {table}", client=reader)
    assert (answer.status_code, answer.json()) == (200, [{"id": 1}])
    told = place.query("SELECT session_user, current_user", client=reader).json()
    assert told == [
        {"session_user": "supabase_read_only_user", "current_user": "supabase_read_only_user"}
    ]
    listed = reader.get(f"{place.url}/tables?included_schemas=public")
    assert table in [each["name"] for each in listed.json()]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO {table} VALUES (2)",
        "UPDATE {table} SET id = 2",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "DROP TABLE {table}",
        "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE public.of_a_reader (id int)",
        "CREATE SCHEMA of_a_reader",
        "CREATE FUNCTION public.of_a_reader() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE of_a_reader",
        "ALTER ROLE postgres SUPERUSER",
        "GRANT postgres TO supabase_read_only_user",
        "COPY {table} FROM PROGRAM 'echo 3'",
        "COPY (SELECT 1) TO '/tmp/of_a_reader'",
        "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
@pytest.mark.parametrize(
    "escape",
    [
        "",
        "SET default_transaction_read_only = off; COMMIT; ",
        "RESET ALL; RESET ROLE; ROLLBACK; BEGIN READ WRITE; ",
    ],
    ids=["plain", "set", "begin"],
)
def test_a_read_only_member_cannot_write(place, reader, database, table, text, escape):
    answer = place.query(escape + text.format(table=table), client=reader)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("42501", "25006"), answer.text
    assert database.sql(f"SELECT id FROM {table}") == [["1"]]


@pytest.mark.parametrize("role", ["postgres", "supabase_admin", "service_role", "authenticator"])
@pytest.mark.parametrize("how", ["SET ROLE {role}", "SET SESSION AUTHORIZATION {role}"])
def test_a_read_only_member_becomes_nobody_else(place, reader, role, how):
    answer = place.query(f"{how.format(role=role)}; SELECT current_user", client=reader)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "42501"


def test_a_read_only_member_is_the_same_after_every_reset(place, reader):
    text = "RESET ROLE; RESET SESSION AUTHORIZATION; SET ROLE NONE; SELECT current_user"
    told = place.query(text, client=reader)
    assert told.json() == [{"current_user": "supabase_read_only_user"}]


def test_a_read_only_member_is_refused_by_typed_calls_that_write(place, reader, table):
    for method, path in (
        ("POST", "tables"),
        ("PATCH", "tables?id=1"),
        ("DELETE", "tables?id=1"),
        ("POST", "policies"),
        ("DELETE", "roles?id=1"),
        ("POST", "table-privileges"),
    ):
        answer = reader.request(method, f"{place.url}/{path}", json={})
        assert answer.status_code == 403, (method, path)
        assert "tenant:Sql:Admin:Write" in answer.json()["message"]


@pytest.mark.parametrize("role", ["Developer", "Administrator"])
def test_other_members_write(place, role):
    with place.member(role) as client:
        name = f"by_{secrets.token_hex(4)}"
        answer = place.query(f"CREATE TABLE {name} (id int)", client=client)
        assert answer.status_code == 200, answer.text
        assert place.query("SELECT current_user", client=client).json() == [
            {"current_user": "postgres"}
        ]


def test_a_project_of_others_is_not_there(place):
    with new_owner(place.api) as stranger:
        answer = place.query("SELECT 1", client=stranger.client)
        assert (answer.status_code, answer.json()) == (404, {"message": "Project not found"})
        assert stranger.client.get(f"{place.url}/tables").status_code == 404
        # The token of somebody else does not help.
        answer = stranger.client.post(
            f"{place.url}/query", json={"query": "SELECT 1"}, headers={HEADER: place.token()}
        )
        assert answer.status_code == 404
        answer = stranger.client.post(
            "/pg/query", json={"query": "SELECT 1"}, headers={HEADER: place.token()}
        )
        assert answer.status_code == 403
        assert HEADER in answer.json()["message"]


def test_without_a_session_there_is_no_database(place):
    with place.api.client() as nobody:
        assert place.query("SELECT 1", client=nobody).status_code == 401
        answer = nobody.post("/pg/query", json={"query": ""}, headers={HEADER: place.token()})
        assert answer.status_code == 401


def test_the_connection_string_names_the_project(place):
    client, token = place.owner.client, {HEADER: place.token()}
    body = {"query": "SELECT current_user"}
    answer = client.post("/pg/query", json=body, headers=token)
    assert (answer.status_code, answer.json()) == (200, [{"current_user": "postgres"}])
    assert client.get("/pg/schemas", headers=token).status_code == 200
    assert client.post(f"{place.url}/query", json=body, headers=token).status_code == 200
    missing = client.post("/pg/query", json=body)
    assert (missing.status_code, missing.json()) == (400, {"message": f"{HEADER}: is missing"})


def test_the_role_of_a_connection_string_is_the_members(place, reader):
    body = {"query": "SELECT current_user"}
    answer = reader.post("/pg/query", json=body, headers={HEADER: place.token(reader)})
    assert answer.json() == [{"current_user": "supabase_read_only_user"}]
    assert (
        reader.post("/pg/tables", json={}, headers={HEADER: place.token(reader)}).status_code == 403
    )


def test_a_connection_string_of_another_project_or_account_is_refused(place, reader):
    other = place.owner.create()
    body = {"query": "SELECT 1"}
    for token in (place.token(ref=other), place.token(reader), "enc:" + place.ref, "x" * 5000):
        answer = place.owner.client.post(f"{place.url}/query", json=body, headers={HEADER: token})
        assert answer.status_code == 403, answer.text
    # The other project has no database yet.
    answer = place.owner.client.post(
        "/pg/query", json=body, headers={HEADER: place.token(ref=other)}
    )
    assert answer.status_code == 503
    assert "COMING_UP" in answer.json()["message"]


def test_a_connection_that_a_client_encrypted_is_not_used(place, database):
    """Not even one with the project's own key, which nobody is told."""
    url = f"postgresql://supabase_admin:{database.password}@127.0.0.1:{database.port}/postgres"
    key = base64.b64decode(place.cluster.secret(f"{place.ref}-database")["crypto-key"]).decode()
    forged = pgmeta.encrypt(url, key)
    answer = place.owner.client.post(
        f"{place.url}/query", json={"query": "SELECT current_user"}, headers={HEADER: forged}
    )
    assert answer.status_code == 403


def test_a_membership_that_ends_ends_at_once(place):
    with place.member("Developer") as client:
        token = {HEADER: place.token(client)}
        body = {"query": "SELECT 1 AS one"}
        assert client.post("/pg/query", json=body, headers=token).status_code == 200
        place.management.remove_members(place.owner.organization["id"], role="Developer")
        assert client.post("/pg/query", json=body, headers=token).status_code == 404
        assert place.query("SELECT 1", client=client).status_code == 404


def test_nothing_secret_is_logged(place, database, meta):
    place.query("SELECT broken FROM nowhere")
    for log in (place.api.logs, meta.log):
        assert database.service_password not in log
    assert "nowhere" not in place.api.logs
