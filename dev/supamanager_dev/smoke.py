"""Real requests to a project, as its users send them: from sign-up to the line in the log.

`python -m supamanager_dev.smoke FILE` reads what `supamanager_dev.firstproject` wrote, reaches the
project's gateway through kubectl or at `--gateway URL`, and ends with 1 at the first thing that is
not as it should be.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import jwt

from supamanager_dev import channel, kubectl, ports, rbac
from supamanager_dev.errors import DevError
from supamanager_dev.firstproject import FirstProject
from supamanager_dev.managementapi import ManagementApi
from supamanager_dev.plainhttp import NO_TLS
from supamanager_dev.progress import wait_until
from supamanager_dev.supervisor import Supervisor

_SETTLED_SECONDS: Final = 60.0
"""How long a setting or a table may take to be known everywhere."""
_LOG_SECONDS: Final = 180.0
_AGAIN: Final = 1.0


class SmokeFailed(DevError):
    """Says which step, what was asked and what was answered."""


@dataclass(frozen=True)
class User:
    id: str
    token: str


@dataclass
class Smoke:
    """One run; what it makes has `tag` in its name and is removed at the end."""

    project: FirstProject
    api: ManagementApi
    client: httpx.Client
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    users: list[User] = field(default_factory=list)

    def run(self, say: Callable[[str], None]) -> None:
        """Raises SmokeFailed."""
        for step in (
            *(self.sign_up, self.token, self.rows, self.storage),
            *(self.realtime, self.function, self.log_line),
        ):
            begun = time.monotonic()
            name = step.__name__.replace("_", " ")
            try:
                proof = step()
            except (DevError, httpx.HTTPError) as error:
                raise SmokeFailed(f"{name}: {error}") from error
            say(f"{name:<10} ok  {time.monotonic() - begun:5.1f} s  {proof}")

    def sign_up(self) -> str:
        for name in ("first", "second"):
            self.users.append(self._sign_up(name))
        return "two people have a session each"

    def token(self) -> str:
        user = self.users[0]
        claims = jwt.decode(user.token, options={"verify_signature": False})
        _expect(claims.get("sub") == user.id, "the token's subject is the person", claims)
        _expect(claims.get("role") == "authenticated", "the token's role is authenticated", claims)
        answer = self._ask("GET", "/auth/v1/user", user=user)
        _expect(answer.json()["id"] == user.id, "the token is known", answer.text)
        forged = User(user.id, user.token[:-6] + "forged")
        self._ask("GET", "/auth/v1/user", user=forged, status=(401, 403))
        return "it names the person, and a forged one is refused"

    def rows(self) -> str:
        """Two people write into one table with a policy, and each sees their own row only."""
        table = f"smoke_{self.tag}"
        first, second = self.users
        self.api.query(self.project.ref, _TABLE.format(table=table))
        try:
            for user in self.users:
                self._insert(table, user)
            for user in self.users:
                answer = self._ask("GET", f"/rest/v1/{table}?select=owner", user=user)
                _expect(answer.json() == [{"owner": user.id}], "one sees one's own", answer.text)
            answer = self._ask("GET", f"/rest/v1/{table}?select=owner")
            _expect(answer.json() == [], "without a session nothing is seen", answer.text)
            self._ask(
                *("POST", f"/rest/v1/{table}"),
                user=first,
                body={"owner": second.id},
                status=(401, 403),
            )
        finally:
            self.api.query(self.project.ref, f"DROP TABLE public.{table}")
        return "row level security holds for two people and for nobody"

    def storage(self) -> str:
        bucket = f"smoke-{self.tag}"
        content = secrets.token_bytes(1000)
        self._ask("POST", "/storage/v1/bucket", service=True, body={"id": bucket, "name": bucket})
        try:
            path = f"/storage/v1/object/{bucket}/folder/file.bin"
            self._ask("POST", path, service=True, content=content)
            answer = self._ask("GET", path, service=True)
            _expect(answer.content == content, "the file is what was sent", len(answer.content))
            self._ask("GET", path, status=(400, 401, 403, 404))
        finally:
            self._ask("POST", f"/storage/v1/bucket/{bucket}/empty", service=True, body={})
            self._ask("DELETE", f"/storage/v1/bucket/{bucket}", service=True)
        return "a file comes back as it was, and strangers do not get it"

    def realtime(self) -> str:
        said = {"word": secrets.token_hex(8)}
        url = str(self.client.base_url.join("realtime/v1/websocket"))
        heard = channel.broadcast(
            url, key=self.project.anon_key, topic=f"smoke-{self.tag}", said=said
        )
        _expect(heard == said, "one hears what another says", heard)
        return "what one says in a channel another hears"

    def function(self) -> str:
        """No function can be deployed yet: the main service answers for one that is not there."""
        self._ask("GET", self._no_function, status=(401,))
        answer = self._ask("GET", self._no_function, user=self.users[0], status=(404,))
        _expect(answer.json().get("code") == "NOT_FOUND", "the main service answers", answer.text)
        return "it is asked with a session only"

    def log_line(self) -> str:
        """The request to the function, in the project's log store."""
        marker = self._no_function

        def there() -> bool:
            rows = self.api.logs(self.project.ref, _LOG)
            return any(marker in json.dumps(row) for row in rows)

        wait_until(there, f"the line of {marker}", timeout=_LOG_SECONDS, every=_AGAIN)
        return "the call of the function is in the log store"

    @property
    def _no_function(self) -> str:
        return f"/functions/v1/none-{self.tag}"

    def _sign_up(self, name: str) -> User:
        """Again until people need no mail to confirm: the setting may be on its way."""
        deadline = time.monotonic() + _SETTLED_SECONDS
        for number in range(1000):
            email = f"{name}-{self.tag}-{number}@example.com"
            body = {"email": email, "password": secrets.token_urlsafe(16)}
            answer = self._ask("POST", "/auth/v1/signup", body=body).json()
            if "access_token" in answer:
                return User(answer["user"]["id"], answer["access_token"])
            if time.monotonic() > deadline:
                break
            time.sleep(_AGAIN)
        raise SmokeFailed("signing up gives no session: does it wait for a mail?")

    def _insert(self, table: str, user: User) -> None:
        """Again until the REST service has seen the new table."""
        deadline = time.monotonic() + _SETTLED_SECONDS
        while True:
            answer = self._ask(
                "POST", f"/rest/v1/{table}", user=user, body={"note": "mine"}, status=(201, 404)
            )
            if answer.status_code != 404:
                return
            if time.monotonic() > deadline:
                raise SmokeFailed(f"the table {table} is not served: {answer.text}")
            time.sleep(_AGAIN)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        user: User | None = None,
        service: bool = False,
        body: object = None,
        content: bytes | None = None,
        status: tuple[int, ...] = (200, 201, 204),
    ) -> httpx.Response:
        key = self.project.service_role_key if service else self.project.anon_key
        headers = {"apikey": key, "Authorization": f"Bearer {user.token if user else key}"}
        if path.startswith("/functions/") and user is None:
            headers = {}
        if content is not None:
            headers["Content-Type"] = "application/octet-stream"
            answer = self.client.request(method, path, headers=headers, content=content)
        else:
            answer = self.client.request(method, path, headers=headers, json=body)
        if answer.status_code not in status:
            raise SmokeFailed(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer


_TABLE: Final = """\
CREATE TABLE public.{table} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner uuid NOT NULL DEFAULT auth.uid(),
  note text
);
ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.{table} TO authenticated
  USING (owner = auth.uid()) WITH CHECK (owner = auth.uid());
GRANT SELECT, INSERT ON public.{table} TO anon, authenticated;
NOTIFY pgrst, 'reload schema';
"""

_LOG: Final = "SELECT id, timestamp, event_message FROM edge_logs ORDER BY timestamp DESC LIMIT 200"


def _expect(holds: bool, what: str, seen: object) -> None:
    if not holds:
        raise SmokeFailed(f"{what}: no, {str(seen)[:500]}")


@contextmanager
def gateway(project: FirstProject) -> Iterator[str]:
    """The URL of the project's gateway on this machine, through the cluster of KUBECONFIG."""
    [port] = ports.free(1)
    with Supervisor("smoke") as supervisor:
        supervisor.start(
            "kubectl",
            [
                *(kubectl.program(), "port-forward", "--namespace", rbac.PROJECTS_NAMESPACE),
                *(f"service/{project.ref}-gateway", f"{port}:8000"),
            ],
        )
        wait_until(
            lambda: b"Forwarding from" in supervisor.log("kubectl").read_bytes(),
            "kubectl port-forward",
            timeout=30,
            alive=lambda: supervisor.check("kubectl"),
        )
        yield f"http://127.0.0.1:{port}"


def run(project: FirstProject, url: str, say: Callable[[str], None]) -> None:
    """Raises DevError."""
    with (
        ManagementApi(project.api) as api,
        httpx.Client(base_url=url, timeout=60, trust_env=False, verify=NO_TLS) as client,
    ):
        api.sign_in(project.email, project.password)
        Smoke(project, api, client).run(say)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m supamanager_dev.smoke")
    parser.add_argument("file", type=Path, help="what supamanager_dev.firstproject wrote")
    parser.add_argument("--gateway", help="the project's gateway, instead of asking kubectl")
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        project = FirstProject.read(options.file)
        if options.gateway:
            run(project, options.gateway, say)
        else:
            with gateway(project) as url:
                run(project, url, say)
    except DevError as error:
        print(f"\nthe smoke test failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
