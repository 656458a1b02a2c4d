"""A namespace of projects and the people who ask for them; no operator runs: the tests speak in
its place."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from supamanager_kube import kinds
from supamanager_kube import labels as known

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane

WAIT_SECONDS = 40.0
TIME = "2026-01-01T00:00:00Z"


def eventually(check: Callable[[], Any], *, seconds: float = WAIT_SECONDS) -> Any:
    """What the check returns once it is true; until then it may also find nothing to read."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = check()
            if result:
                return result
            failure: Exception = AssertionError(f"never true: {check}")
        except (AssertionError, LookupError, TypeError) as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure
        time.sleep(0.05)


def bound(rows: Callable[[str], list[dict[str, Any]]], ref: str) -> str:
    """The uid of the project's resource, once the management database knows it."""
    found = f"SELECT resource_uid FROM project WHERE project_ref = '{ref}'"
    return str(eventually(lambda: rows(f"{found} AND resource_uid IS NOT NULL"))[0]["resource_uid"])


@dataclass
class Cluster:
    """The namespace of the test's projects, as its administrator sees it."""

    control_plane: ControlPlane
    namespace: str

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.control_plane.kubectl("-n", self.namespace, *arguments, stdin=stdin)

    def project(self, name: str) -> dict[str, Any] | None:
        return self._find(kinds.PROJECT, name)

    def projects(self) -> list[dict[str, Any]]:
        return list((self._find(kinds.PROJECT) or {})["items"])

    def secret(self, name: str) -> dict[str, str] | None:
        found = self._find(kinds.SECRET, name)
        return None if found is None else dict(found.get("data") or {})

    def put_secret(self, project: str, suffix: str, data: dict[str, str], *, uid: str) -> None:
        """A Secret as the operator makes it for the resource of this uid."""
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"{project}-{suffix}", "labels": {known.PROJECT_UID: uid}},
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
        }
        self.kubectl("apply", "-f", "-", stdin=json.dumps(body))

    def _find(self, kind: kinds.Kind, name: str | None = None) -> dict[str, Any] | None:
        """As `kubectl get`, without a process for each look: this is what tests wait with."""
        found: dict[str, Any] | None = self.control_plane.api.find(kind.path(self.namespace, name))
        return found

    def apply(
        self,
        name: str,
        spec: dict[str, Any] | None = None,
        *,
        labels: dict[str, str] | None = None,
        annotations: dict[str, str] | None = None,
        namespace: str | None = None,
        force: bool = False,
    ) -> None:
        """As `kubectl apply --server-side` by a person."""
        body: dict[str, Any] = {
            "apiVersion": "supamanager.io/v1alpha1",
            "kind": "SupabaseProject",
            "metadata": {
                "name": name,
                "namespace": namespace or self.namespace,
                **({"labels": labels} if labels else {}),
                **({"annotations": annotations} if annotations else {}),
            },
            **({"spec": spec} if spec is not None else {}),
        }
        if force:
            self.control_plane.kubectl(
                *("apply", "--server-side", "--force-conflicts", "-f", "-"), stdin=json.dumps(body)
            )
        else:
            self.control_plane.apply(body)

    def report(
        self,
        name: str,
        *,
        initialized: bool = True,
        components: list[dict[str, Any]] | None = None,
        observed: int | None = None,
        volumes: list[dict[str, str]] | None = None,
        postgres: int = 17,
        **conditions: str,
    ) -> None:
        """The status that the operator would write; conditions as `Ready="True/Active"`."""
        if initialized:
            conditions.setdefault("Initialized", "True/Initialized")
        live = self.project(name)
        assert live is not None
        status = {
            "observedGeneration": live["metadata"]["generation"] if observed is None else observed,
            "summary": "12/12",
            "components": components or [],
            "volumes": volumes or [],
            "postgresVersion": postgres,
            "conditions": [
                {
                    "type": kind,
                    "status": text.partition("/")[0],
                    "reason": text.partition("/")[2],
                    "message": f"{kind} is so",
                    "lastTransitionTime": TIME,
                }
                for kind, text in conditions.items()
            ],
        }
        path = kinds.PROJECT.path(self.namespace, name)
        self.control_plane.api.patch(f"{path}/status", {"status": status})

    def activate(self, name: str, *, volumes: list[dict[str, str]] | None = None) -> None:
        self.report(name, volumes=volumes, Ready="True/Active", Paused="False/Running")


@dataclass
class Owner:
    """An account with an organization, and the projects it asks for."""

    client: httpx.Client
    organization: dict[str, Any]

    @property
    def slug(self) -> str:
        return str(self.organization["slug"])

    @property
    def token(self) -> str:
        return str(self.client.headers["Authorization"]).removeprefix("Bearer ")

    def ask(self, **body: Any) -> httpx.Response:
        wish = {"name": "Mars", "organization_slug": self.slug, "cloud_provider": "K8S"}
        return self.client.post("/platform/projects", json={**wish, **body})

    def create(self, **body: Any) -> str:
        answer = self.ask(**body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["ref"])

    def status(self, ref: str) -> dict[str, Any]:
        answer = self.client.get(f"/platform/projects/{ref}/status")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def word(self, ref: str) -> str:
        return str(self.status(ref)["status"])

    def await_word(self, ref: str, word: str) -> None:
        def check() -> bool:
            assert self.word(ref) == word
            return True

        eventually(check)


@contextmanager
def new_owner(api: Any, email: str | None = None) -> Iterator[Owner]:
    """An account that owns a new organization, at one API process."""
    with api.client(api.new_account(email).token) as client:
        name = f"org {secrets.token_hex(3)}"
        organization = client.post("/platform/organizations", json={"name": name})
        assert organization.status_code == 201, organization.text
        yield Owner(client, organization.json())
