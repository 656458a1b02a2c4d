"""What `up` asks of the management API, as a browser would: over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import httpx

from supamanager_dev.errors import ApiError
from supamanager_dev.plainhttp import NO_TLS
from supamanager_dev.resource import Resource

ACTIVE = "ACTIVE_HEALTHY"


@dataclass(frozen=True, kw_only=True)
class Service:
    name: str
    ready: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProjectState:
    """How far a project is: the hosted word, `Ready`'s reason, and each service's."""

    status: str
    reason: str
    message: str
    summary: str
    services: tuple[Service, ...]

    @property
    def active(self) -> bool:
        return self.status == ACTIVE

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        return cls(
            status=body["status"],
            reason=body.get("reason") or "",
            message=body.get("message") or "",
            summary=body.get("summary") or "",
            services=tuple(
                Service(
                    name=component["name"],
                    ready=component["status"] == "True",
                    reason=component.get("reason") or "",
                )
                for component in body["components"]
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a project is reached; empty where the API does not say."""

    url: str
    anon_key: str
    service_role_key: str

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        config = body.get("app_config") or {}
        keys = {key["name"]: key["api_key"] for key in body.get("service_api_keys") or []}
        endpoint = config.get("endpoint") or ""
        return cls(
            url=f"{config.get('protocol') or 'https'}://{endpoint}" if endpoint else "",
            anon_key=keys.get("anon", ""),
            service_role_key=keys.get("service_role", ""),
        )


class ManagementApi(Resource):
    """One signed-in account."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False, verify=NO_TLS)

    def sign_up(self, email: str, password: str) -> None:
        self._send("POST", "/platform/signup", {"email": email, "password": password})
        self.sign_in(email, password)

    def sign_in(self, email: str, password: str) -> None:
        credentials = {"email": email, "password": password}
        token = self._send("POST", "/platform/auth/login", credentials)["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    @property
    def token(self) -> str:
        """The access token of the account that is signed in."""
        return str(self._client.headers["Authorization"]).removeprefix("Bearer ")

    def create_organization(self, name: str) -> str:
        """Returns its slug."""
        return str(self._send("POST", "/platform/organizations", {"name": name})["slug"])

    def create_project(
        self, organization: str, name: str, *, region: str, database_password: str
    ) -> str:
        """Returns its ref."""
        body = {
            "cloud_provider": "K8S",
            "organization_slug": organization,
            "name": name,
            "db_region": region,
            "db_pass": database_password,
        }
        return str(self._send("POST", "/platform/projects", body)["ref"])

    def state(self, ref: str) -> ProjectState:
        return ProjectState.read(self._send("GET", f"/platform/projects/{ref}/status"))

    def access(self, ref: str) -> Access:
        return Access.read(self._send("GET", f"/platform/projects/{ref}/settings"))

    def configure_auth(self, ref: str, **settings: object) -> None:
        """Settings of a project's sign-in, by the names that Studio has for them."""
        self._send("PATCH", f"/platform/auth/{ref}/config", settings)

    def query(self, ref: str, sql: str) -> Any:
        """The rows that SQL gives in a project's database."""
        return self._send("POST", f"/platform/pg-meta/{ref}/query", {"query": sql})

    def logs(self, ref: str, sql: str) -> list[dict[str, Any]]:
        """The rows that SQL gives in a project's log store."""
        path = f"/platform/projects/{ref}/analytics/endpoints/logs.all"
        rows: list[dict[str, Any]] = self._send("POST", path, {"sql": sql}).get("result") or []
        return rows

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, path: str, body: object = None) -> Any:
        """Raises ApiError, with status 0 if nobody answered."""
        try:
            response = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            raise ApiError(f"{method} {path}", 0, f"no answer: {error}") from error
        if response.is_error:
            raise ApiError(f"{method} {path}", response.status_code, response.text)
        return response.json() if response.content else None
