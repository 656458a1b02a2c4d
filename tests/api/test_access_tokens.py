"""Personal access tokens, and the sign-in of a command line."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from secondfactors import set_up
from supamanager_api import migrations

PATH = "/platform/profile/access-tokens"


def create(client, **fields: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"name": "ci", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_from_creation_to_deletion(api):
    account = api.new_account()
    with api.client(account.token) as client:
        made = create(client, scope="V0")
        assert re.fullmatch(r"sbp_[0-9a-f]{40}", made["token"])
        assert made["token_alias"] == f"{made['token'][:8]}...{made['token'][-4:]}"
        assert (made["scope"], made["expires_at"], made["last_used_at"]) == ("V0", None, None)
        (listed,) = client.get(PATH).json()
        assert listed == {name: value for name, value in made.items() if name != "token"}
        client.post("/platform/organizations", json={"name": "Hers"})
    with api.client(made["token"]) as program:
        assert program.get("/v1/profile").json() == {
            "gotrue_id": account.session["user"]["id"],
            "primary_email": account.email,
            "username": account.email.partition("@")[0],
        }
        (organization,) = program.get("/platform/organizations").json()
        assert program.get(f"/platform/organizations/{organization['slug']}").status_code == 200
    with api.client(account.token) as client:
        (listed,) = client.get(PATH).json()
        assert listed["last_used_at"]
        answer = client.delete(f"{PATH}/{made['id']}")
        assert (answer.status_code, answer.json()) == (200, {"id": made["id"]})
        assert client.delete(f"{PATH}/{made['id']}").status_code == 404
        assert client.get(PATH).json() == []
    with api.client(made["token"]) as program:
        answer = program.get("/v1/profile")
        assert answer.status_code == 401
        assert answer.json()["message"] == "The access token is not valid or has expired"


def test_a_program_is_no_person(api):
    """A stolen token must not make others, or take the account over."""
    account = api.new_account()
    with api.client(account.token) as client:
        token = create(client)["token"]
    with api.client(token) as program:
        for method, path in (
            ("GET", PATH),
            ("POST", PATH),
            ("POST", "/platform/cli/login"),
            ("PUT", "/platform/update-email"),
            ("DELETE", "/platform/profile"),
            ("GET", "/platform/profile/sessions"),
            ("POST", "/platform/profile/audit-login"),
            ("GET", "/auth/v1/user"),
            ("PUT", "/auth/v1/user"),
            ("POST", "/auth/v1/logout"),
            ("POST", "/auth/v1/factors"),
        ):
            answer = program.request(method, path, json={} if method in ("POST", "PUT") else None)
            assert answer.status_code == 403, (method, path)
    with api.client(account.token) as client:
        assert client.get("/auth/v1/user").status_code == 200


async def test_an_end(own_api, database_url: str):
    account = own_api.new_account()
    soon = datetime.now(UTC) + timedelta(days=1)
    with own_api.client(account.token) as client:
        made = create(client, expires_at=soon.isoformat())
        assert datetime.fromisoformat(made["expires_at"]) == soon
        with own_api.client(made["token"]) as program:
            assert program.get("/v1/profile").status_code == 200
            await execute(database_url, "UPDATE access_token SET expires_at = now()")
            assert program.get("/v1/profile").status_code == 401
        # Listed, so that people see why it does not work.
        assert [each["id"] for each in client.get(PATH).json()] == [made["id"]]
        past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        for fields in (
            {"name": ""},
            {"name": "x" * 256},
            {"name": "x", "expires_at": past},
            {"name": "x", "expires_at": "soon"},
            {},
        ):
            assert client.post(PATH, json=fields).status_code == 400, fields
    kept = await rows(database_url, "SELECT t::text FROM access_token AS t")
    assert made["token"] not in kept
    assert made["token"] not in own_api.logs


def test_tokens_of_others(api):
    account, stranger = api.new_account(), api.new_account()
    with api.client(account.token) as client, api.client(stranger.token) as strange:
        made = create(client)
        assert strange.delete(f"{PATH}/{made['id']}").status_code == 404
        assert strange.get(PATH).json() == []
        for wrong in ("0", "-1", "x", "99999999999999999999"):
            assert client.delete(f"{PATH}/{wrong}").status_code == 400
        for token in ("sbp_", made["token"][:-1], made["token"].upper(), made["token"] + "0"):
            with api.client(token) as program:
                assert program.get("/v1/profile").status_code == 401


class CommandLine:
    """What the command line does: two keys, a session, and the token at the end."""

    def __init__(self) -> None:
        self.session_id = str(uuid.uuid4())
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self) -> str:
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return point.hex()

    def approval(self, **fields: str) -> dict[str, str]:
        return {"session_id": self.session_id, "public_key": self.public_key, **fields}

    def ask(self, client, code: str):
        return client.get(f"/platform/cli/login/{self.session_id}", params={"device_code": code})

    def open(self, answer: dict[str, str]) -> str:
        sender = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), bytes.fromhex(answer["public_key"])
        )
        cipher = AESGCM(self._key.exchange(ec.ECDH(), sender))
        nonce, text = (bytes.fromhex(answer[name]) for name in ("nonce", "access_token"))
        return cipher.decrypt(nonce, text, None).decode()


async def test_a_command_line(own_api, database_url: str):
    account = own_api.new_account()
    line = CommandLine()
    with own_api.client() as anybody, own_api.client(account.token) as client:
        assert line.ask(anybody, "12345678").status_code == 404
        answer = client.post("/platform/cli/login", json=line.approval(token_name="ann@laptop"))
        assert answer.status_code == 201
        nonce = answer.json()["nonce"]
        got = line.ask(anybody, nonce[:8]).json()
        assert (got["id"], got["nonce"]) == (line.session_id, nonce)
        token = line.open(got)
        # An answer that was lost can be asked for again.
        assert line.open(line.ask(anybody, nonce[:8]).json()) == token
        (listed,) = client.get(PATH).json()
        assert listed["name"] == "ann@laptop"
        again = client.post("/platform/cli/login", json=line.approval())
        assert again.status_code == 409
        assert len(client.get(PATH).json()) == 1
    with own_api.client(token) as program:
        assert program.get("/v1/profile").json()["primary_email"] == account.email
    kept = await rows(database_url, "SELECT c::text FROM cli_login AS c")
    assert token not in kept
    assert token not in own_api.logs


def test_codes_of_a_command_line_cannot_be_guessed(api):
    account = api.new_account()
    line = CommandLine()
    with api.client() as anybody, api.client(account.token) as client:
        nonce = client.post("/platform/cli/login", json=line.approval()).json()["nonce"]
        for _ in range(5):
            assert line.ask(anybody, "0" * 8).status_code == 404
        assert line.ask(anybody, nonce[:8]).status_code == 404
        assert client.get(PATH).json() == []


def test_keys_that_are_none(api):
    account = api.new_account()
    with api.client(account.token) as client:
        for key in ("", "zz", "04", "04" + "00" * 64, CommandLine().public_key[:-2]):
            body = {"session_id": str(uuid.uuid4()), "public_key": key}
            answer = client.post("/platform/cli/login", json=body)
            assert answer.status_code == 400
        body = {"session_id": "x", "public_key": CommandLine().public_key}
        assert client.post("/platform/cli/login", json=body).status_code == 400
        assert client.get(PATH).json() == []


def laid_ready(client) -> str:
    """A token that a command line came for."""
    line = CommandLine()
    approved = client.post("/platform/cli/login", json=line.approval()).json()
    return line.open(line.ask(client, approved["nonce"][:8]).json())


def refused(api, token: str) -> bool:
    with api.client(token) as program:
        answer = program.get("/v1/profile")
    if answer.status_code == 200:
        return False
    message = "This access token was made without the second factor of its account: make a new one"
    assert (answer.status_code, answer.json()["message"]) == (403, message)
    return True


def test_a_token_counts_as_two_factors_if_its_session_had_shown_them(api):
    account = api.new_account()
    with api.client(account.token) as client:
        early = [create(client)["token"], laid_ready(client)]
        assert [refused(api, token) for token in early] == [False, False]
        factor = set_up(client)
        late = [create(client)["token"], laid_ready(client)]
        assert [refused(api, token) for token in early + late] == [True, True, False, False]
        # It is refused, and not forgotten.
        assert len(client.get(PATH).json()) == 4

        # With the last factor goes what the tokens had shown of it, as with sessions.
        client.delete(f"/auth/v1/factors/{factor['id']}")
        assert not any(refused(api, token) for token in early + late)
        set_up(client)
        assert all(refused(api, token) for token in early + late)


async def test_tokens_of_the_last_version(database_url: str):
    """It kept nothing of the session: a factor must have been verified before the token."""
    known = migrations.load()
    number = next(n for n, each in enumerate(known) if each.name == "second_factors_of_tokens")
    insert = "INSERT INTO access_token (account_id, name, alias, token_hash, created_at) "
    connection = await asyncpg.connect(database_url)
    try:
        await migrations.run(connection, known[:number])
        await connection.execute(
            "INSERT INTO accounts (email, password_hash, username) "
            "VALUES ('a@example.test', '', 'two'), ('b@example.test', '', 'one')"
        )
        await connection.execute(
            "INSERT INTO factor (id, account_id, sealed, verified_at) SELECT gen_random_uuid(), "
            "id, '', CASE username WHEN 'two' THEN now() END FROM accounts"
        )
        for name, hours in (("early", -1), ("late", 1)):
            await connection.execute(
                f"{insert} SELECT id, $1 || username, '', sha256(($1 || username)::bytea), "
                "now() + make_interval(hours => $2) FROM accounts",
                name,
                hours,
            )
        await migrations.run(connection, known)
        # As the last version does it while it still runs.
        await connection.execute(
            f"{insert} SELECT id, 'during', '', '', now() FROM accounts WHERE username = 'two'"
        )
        found = await connection.fetch("SELECT name FROM access_token WHERE second_factor")
        assert [row["name"] for row in found] == ["latetwo"]
    finally:
        await connection.close()


async def test_what_is_over_is_deleted(api_process, database_url: str):
    """At the start, and every few minutes after it."""
    first = api_process()
    account = first.new_account()
    idle = first.new_account()
    left, taken = CommandLine(), CommandLine()
    with first.client(account.token) as client:
        old, expired, forever = (create(client, name=name) for name in ("old", "expired", "ever"))
        client.post("/platform/cli/login", json=left.approval(token_name="left"))
        answer = client.post("/platform/cli/login", json=taken.approval(token_name="taken"))
        assert taken.ask(client, answer.json()["nonce"][:8]).status_code == 200
        client.post("/auth/v1/factors", json={"factor_type": "totp"})
    first.stop()
    for statement in (
        f"UPDATE access_token SET expires_at = now() - interval '31 days' WHERE id = {old['id']}",
        f"UPDATE access_token SET expires_at = now() WHERE id = {expired['id']}",
        "UPDATE cli_login SET expires_at = now() - interval '1 second'",
        "UPDATE factor SET created_at = now() - interval '25 hours'",
        "UPDATE sessions SET created_at = now() - interval '31 days' WHERE account_id = "
        f"(SELECT id FROM accounts WHERE email = '{idle.email}')",
    ):
        await execute(database_url, statement)
    second = api_process()
    names = {"expired", "ever", "taken"}
    for _ in range(200):
        kept = await rows(
            database_url,
            "SELECT name FROM access_token UNION ALL "
            "SELECT 'factor' FROM factor UNION ALL SELECT 'line' FROM cli_login",
        )
        if set(re.findall(r"'(\w+)'", kept)) == names:
            break
    assert set(re.findall(r"'(\w+)'", kept)) == names
    assert forever["token"] not in second.logs
    with second.client(account.token) as client:
        assert {each["name"] for each in client.get(PATH).json()} == names
    with second.client(idle.token) as client:
        assert client.get("/auth/v1/user").json()["error_code"] == "session_not_found"


async def execute(database_url: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def rows(database_url: str, query: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        return str(await connection.fetch(query))
    finally:
        await connection.close()
