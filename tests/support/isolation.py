"""The table of who may do what, and the organizations that it is tried on."""

from __future__ import annotations

import json
import re
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import jwt

import asgi
from supamanager_api.context import Context
from supamanager_api.http.routes import Mounted
from supamanager_api.permissions import Policy, Role

LETTERS: Final = dict(zip("OADR", Role, strict=True))
PUBLIC: Final = "public"
ACCOUNT: Final = "account"
PLATFORM: Final = "platform"

_CONNECTED: Final = "connected"
_PLACE: Final = re.compile(r"\{(\w+)\}")
_ROLES: Final = re.compile(r"[O-][A-][D-][R-]")


@dataclass(frozen=True)
class Line:
    """One way to ask for a route, and who may."""

    method: str
    target: str
    who: str
    options: Mapping[str, str]
    body: str | None
    status: int | None
    connected: bool = False
    """The project is named by the `connectionString` that the account was given for it."""

    @property
    def route(self) -> tuple[str, str]:
        return self.method, self.target.partition("?")[0]

    @property
    def may(self) -> frozenset[Role]:
        """The roles that may; of a line that names roles."""
        return frozenset(LETTERS[letter] for letter in self.who if letter in LETTERS)

    @property
    def places(self) -> list[str]:
        """What of an organization the request names, each once."""
        found = _PLACE.findall(self.target) + _PLACE.findall(self.body or "")
        found += ["ref"] if self.connected else []
        return [name for name in dict.fromkeys(found) if "=" not in self.options.get(name, "")]

    def __str__(self) -> str:
        return f"{self.method} {self.target}"

    def request(self, values: Mapping[str, Any], *, prefix: tuple[str, str] = ("", "")) -> Request:
        """The request with these things in its places, under another prefix if one is given."""
        given = {name: text[1:] for name, text in self.options.items() if text[0] == "="}
        target, body = self.target, self.body
        for name, value in {**given, **values}.items():
            target = target.replace(f"{{{name}}}", str(value))
            body = body and body.replace(f'"{{{name}}}"', json.dumps(value))
        old, new = prefix
        sends = self.method in ("POST", "PUT", "PATCH")
        return Request(
            self.method,
            new + target.removeprefix(old),
            json.loads(body) if body else {} if sends else None,
            values["ref"] if self.connected else None,
        )


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    body: Any
    connection: str | None = None


def routes(mounted: Mounted) -> set[tuple[str, str]]:
    """A router's routes, as the table names them."""
    return {
        (method, mounted.prefixes[0] + getattr(route, "path", ""))
        for route in mounted.router.routes
        for method in getattr(route, "methods", None) or ()
    }


def read(path: Path) -> list[Line]:
    """The lines of the table.

    Raises:
        ValueError: names the line that is wrong.
    """
    lines = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text.strip() and not text.startswith("#"):
            try:
                lines.append(_line(text))
            except ValueError as error:
                raise ValueError(f"{path.name}:{number}: {error}") from None
    return lines


def _line(text: str) -> Line:
    head, brace, body = text.partition(" {")
    method, target, who, *rest = head.split()
    if who not in (PUBLIC, ACCOUNT, PLATFORM) and not _ROLES.fullmatch(who):
        raise ValueError(
            f"{who} is neither {PUBLIC} nor {ACCOUNT} nor {PLATFORM} nor roles as OA--"
        )
    options: dict[str, str] = {}
    status = None
    connected = False
    for word in rest:
        if word.isdigit():
            status = int(word)
            continue
        if word == _CONNECTED:
            connected = True
            continue
        match = re.fullmatch(r"(\w+)([=@].+)", word)
        if match is None:
            raise ValueError(f"{word} is no status, no name=value and no name@maker")
        options[match[1]] = match[2]
    sent = brace.strip() + body if brace else None
    return Line(method, target, who, options, sent, status, connected)


@dataclass
class Person:
    """An account; `claims` are those of a token that it was given at a sign-in."""

    claims: dict[str, Any]
    secret: str

    @property
    def account_id(self) -> int:
        return int(self.claims["account_id"])

    def token(self, **changed: Any) -> str:
        return jwt.encode({**self.claims, **changed}, self.secret, "HS256")


@dataclass
class World:
    """An organization with a member in each role, and one project."""

    stage: Stage
    values: dict[str, Any]
    members: dict[Role, Person] = field(default_factory=dict)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the owner is answered; it must succeed."""
        answer = await self.stage.ask(
            Request(method, path.format(**self.values), body), self.members[Role.OWNER].token()
        )
        assert answer.status < 300, (method, path, answer.text)
        return answer.json()


Maker = Callable[[World], Awaitable[Any]]


async def _snippet(world: World) -> str:
    body = {"id": str(uuid.uuid4()), "name": "Hers", "type": "sql", "content": {"sql": "select 1"}}
    return str((await world.ask("PUT", "/platform/projects/{ref}/content", body))["id"])


async def _folder(world: World) -> str:
    path = "/platform/projects/{ref}/content/folders"
    return str((await world.ask("POST", path, {"name": "Hers"}))["id"])


MAKERS: Final[dict[str, Maker]] = {"snippet": _snippet, "folder": _folder}
"""Name after `@` in the table → makes such a thing in an organization and returns its id."""


async def _member(world: World) -> Any:
    """A Developer beside the members of the world."""
    person = await world.stage.person(next(iter(world.members.values())))
    async with world.stage.context.database.acquire() as connection:
        await connection.execute(
            "INSERT INTO organization_membership (organization_id, account_id, role) "
            "VALUES ($1, $2, 'Developer')",
            world.values["org_id"],
            person.account_id,
        )
    return person.claims["sub"]


async def _invitation(world: World) -> Any:
    body = {"email": f"{secrets.token_hex(6)}@example.test", "role_id": 3}
    made = await world.ask("POST", "/platform/organizations/{slug}/members/invitations", body)
    return made["id"]


MAKERS.update(member=_member, invitation=_invitation)


def _account(token: str) -> int:
    """Whose session's token it is; nobody's if it is none."""
    try:
        return int(jwt.decode(token, options={"verify_signature": False})["account_id"])
    except jwt.InvalidTokenError:
        return 0


class Stage:
    """The application, its database, and five accounts."""

    def __init__(self, application: Any, *, secret: str) -> None:
        self.application = application
        self.secret = secret
        self.members: dict[Role, Person] = {}
        self._accounts: dict[str, int] = {}

    @property
    def context(self) -> Context:
        context: Context = self.application.state.context
        return context

    @contextmanager
    def policy(self, policy: Policy) -> Iterator[None]:
        """As if the process had been started with this policy."""
        former = self.context
        self.application.state.context = replace(former, policy=policy)
        try:
            yield
        finally:
            self.application.state.context = former

    async def ask(self, request: Request, token: str | None = None) -> asgi.Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if request.connection is not None and token:
            headers["X-Connection-Encrypted"] = self._connection(request.connection, token)
        return await asgi.ask(
            self.application, request.method, request.target, headers=headers, body=request.body
        )

    def _connection(self, ref: str, token: str) -> str:
        return self.context.connections.seal(ref, self._accounts.get(token) or _account(token))

    async def sign_up(self) -> Person:
        body = {"email": f"{secrets.token_hex(6)}@example.test", "password": "Correct-Horse-7"}
        await self.ask(Request("POST", "/platform/signup", body))
        answer = await self.ask(Request("POST", "/platform/auth/login", body))
        assert answer.status == 200, answer.text
        token = answer.json()["access_token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        return Person({**claims, "exp": int(time.time()) + 3600}, self.secret)

    async def person(self, like: Person) -> Person:
        """Another account with a session, made without hashing a password."""
        email = f"{secrets.token_hex(6)}@example.test"
        async with self.context.database.acquire() as connection:
            account = await connection.fetchrow(
                "INSERT INTO accounts (email, password_hash, username, email_confirmed_at) "
                "SELECT $1, password_hash, $1, now() FROM accounts WHERE id = $2 "
                "RETURNING id, gotrue_id",
                email,
                like.account_id,
            )
            assert account is not None
            session = await connection.fetchval(
                "INSERT INTO sessions (account_id) VALUES ($1) RETURNING id", account["id"]
            )
        own = {
            "account_id": account["id"],
            "sub": str(account["gotrue_id"]),
            "email": email,
            "session_id": str(session),
        }
        return Person({**like.claims, **own}, self.secret)

    async def personal(self, person: Person) -> str:
        """A personal access token of the account."""
        request = Request("POST", "/platform/profile/access-tokens", {"name": "A program"})
        answer = await self.ask(request, person.token())
        assert answer.status == 201, answer.text
        token = str(answer.json()["token"])
        self._accounts[token] = person.account_id
        return token

    async def ended(self, person: Person) -> str:
        """A token whose session is over."""
        other = await self.person(person)
        async with self.context.database.acquire() as connection:
            await connection.execute("DELETE FROM sessions WHERE account_id = $1", other.account_id)
        return other.token()

    async def world(self, members: Mapping[Role, Person]) -> World:
        slug = f"org-{secrets.token_hex(6)}"
        ref = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(20))
        async with self.context.database.transaction() as connection:
            organization = await connection.fetchval(
                "INSERT INTO organizations (slug, name) VALUES ($1, $1) RETURNING id", slug
            )
            await connection.executemany(
                "INSERT INTO organization_membership (organization_id, account_id, role) "
                "VALUES ($1, $2, $3)",
                [(organization, who.account_id, role) for role, who in members.items()],
            )
            project = await connection.fetchval(
                "INSERT INTO project (project_ref, project_name, organization_id, "
                "organization_label, status, namespace, resource_name, intent, intent_revision) "
                "VALUES ($1, $1, $2, $3, 'COMING_UP', $5, $1, $4, 1) "
                "RETURNING id",
                ref,
                organization,
                slug,
                {"spec": {"displayName": ref}},
                self.context.settings.projects_namespace,
            )
        values = {"slug": slug, "ref": ref, "org_id": organization, "project_id": project}
        return World(self, values, dict(members))

    async def furnish(self, world: World, line: Line) -> dict[str, Any]:
        """What the line names, made in the organization."""
        values = dict(world.values)
        for name in line.places:
            if name not in values:
                option = line.options.get(name)
                if option is None:
                    raise AssertionError(
                        f"{line}: {{{name}}} needs {name}=value, or {name}@maker if it belongs to "
                        "an organization"
                    )
                values[name] = await MAKERS[option[1:]](world)
        return values


def nowhere(names: Iterable[str]) -> dict[str, Any]:
    """Things that there are not."""
    known = {"slug": "nobody-has-this", "ref": "abcdefghijklmnopqrst", "org_id": 2**31 - 1}
    return {name: known.get(name, "11111111-1111-4111-8111-111111111111") for name in names}


def mixtures(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """My things with one of theirs among them."""
    if len(mine) > 1:
        for name in mine:
            yield {**mine, name: theirs[name]}
