"""Organizations with people in them, made through HTTP alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx

import described
from supamanager_dev.plainhttp import NO_TLS

ROLES = {"Owner": 1, "Administrator": 2, "Developer": 3, "Read-only": 4}


class Person:
    """An account, signed in, with a profile."""

    def __init__(self, api: Any, email: str | None = None) -> None:
        account = api.new_account(email)
        self.email: str = account.email
        # No connection is kept, so none is left open.
        self.client = described.Client(
            base_url=api.url,
            headers=account.headers,
            timeout=30,
            verify=NO_TLS,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        profile = self.client.post("/platform/profile").json()
        self.gotrue_id: str = profile["gotrue_id"]
        self.id: int = profile["id"]

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.client.request(method, f"/platform/organizations/{path}", json=body)

    def must(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json()

    def accept(self, link: str) -> httpx.Response:
        query = parse_qs(urlsplit(link).query)
        path = f"{query['slug'][0]}/members/invitations/{query['token'][0]}"
        return self.ask("POST", path)

    def projects(self) -> list[str]:
        answer = self.client.get("/platform/projects", headers={"Version": "2"})
        return [item["ref"] for item in answer.json()["projects"]]

    def grants(self) -> list[dict[str, Any]]:
        return list(self.client.get("/platform/profile/permissions").json())


def at_once(*requests: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers to requests that are sent at the same time."""
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda request: request(), requests))


async def tell(database_url: str, *refs: str) -> list[str]:
    """The ids of new notifications, one of each project: some that no cluster has a reason for."""
    connection = await asyncpg.connect(database_url)
    try:
        return [
            str(
                await connection.fetchval(
                    "INSERT INTO notification (project_id, key, name, priority, title, message) "
                    "SELECT id, 'key', 'project.failed', 'Critical', project_ref, 'It failed' "
                    "FROM project WHERE project_ref = $1 RETURNING id",
                    ref,
                )
            )
            for ref in refs
        ]
    finally:
        await connection.close()


def somebody(api: Any, *, but: Collection[Person] = ()) -> Person:
    """An account that is in other organizations too: signing up takes long."""
    known: list[Person] = vars(api).setdefault("people", [])
    for person in known:
        if person not in but:
            return person
    known.append(Person(api))
    return known[-1]


@dataclass
class Team:
    """An organization and the people that the test has met in it."""

    api: Any
    slug: str
    owner: Person
    people: list[Person] = field(default_factory=list)

    @classmethod
    def found(cls, api: Any, owner: Person | None = None, *, name: str = "Acme") -> Team:
        owner = owner or somebody(api)
        made = owner.client.post("/platform/organizations", json={"name": name})
        return cls(api, made.json()["slug"], owner, [owner])

    def guest(self) -> Person:
        """Somebody who is not in the organization."""
        self.people.append(somebody(self.api, but=self.people))
        return self.people[-1]

    def invite(self, email: str, role: str, *refs: str, by: Person | None = None) -> httpx.Response:
        body: dict[str, Any] = {"email": email, "role_id": ROLES[role]}
        if refs:
            body["role_scoped_projects"] = list(refs)
        return (by or self.owner).ask("POST", f"{self.slug}/members/invitations", body)

    def join(self, role: str, *refs: str, person: Person | None = None) -> Person:
        """Somebody who was invited and has accepted."""
        person = person or self.guest()
        invited = self.invite(person.email, role, *refs)
        assert invited.status_code == 201, invited.text
        assert person.accept(invited.json()["link"]).status_code == 201
        return person

    def project(self, **body: Any) -> str:
        wish = {"name": "Mars", "organization_slug": self.slug, "cloud_provider": "K8S", **body}
        answer = self.owner.client.post("/platform/projects", json=wish)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ref"])

    def roles(self) -> Mapping[str, list[int]]:
        """The roles of each member, by address."""
        listed = self.owner.must("GET", f"{self.slug}/members")
        return {member["primary_email"]: member["role_ids"] for member in listed}
