"""The operator's settings: one environment variable each, read once at start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

PREFIX: Final = "SUPAMANAGER_"
_OBJECT: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
LEASE_SHORTEST: Final = 3


class InvalidSetting(Exception):
    """A variable's value cannot be used; the message names the variable."""


@dataclass(frozen=True)
class ObjectName:
    """One object of a namespaced kind; `namespace/name` as text."""

    namespace: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        namespace, _, name = text.partition("/")
        return cls(namespace, name)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The variable of a field is its name in capitals behind `SUPAMANAGER_`."""

    namespaces: tuple[str, ...] = ("supamanager-projects",)
    """The watched namespaces, separated by commas; `*` alone means all."""
    domain_base: str = ""
    """Hosts below this domain belong to the project whose ref is their first label."""
    api_namespace: str = "supamanager"
    """The management API's namespace: it may reach gateway, meta, storage and analytics."""
    log_router_namespace: str = "supamanager-logs"
    """The log router's namespace: it may reach a project's vector."""
    api_server_cidrs: tuple[str, ...] = ()
    """Networks of the API server, kept out of the projects' way to the internet."""
    lease: str = "supamanager/supamanager-operator"
    """Namespace and name of the Lease: whichever replica holds it works, the others wait."""
    lease_seconds: int = 15
    """How long a leader that is silent keeps the Lease. It ends itself after two thirds of that."""
    health_port: int = 8081
    """Port of /healthz and /readyz."""
    metrics_port: int = 8082
    """Port of /metrics."""
    bind_address: str = "0.0.0.0"  # noqa: S104
    """Address of both ports."""
    workers: int = 8
    """How many projects are reconciled at the same time."""
    rate: float = 50.0
    """Requests per second to the API server on average; 0 means no limit."""
    burst: int = 200
    """Requests to the API server at once."""
    resync_seconds: float = 600.0
    """Every project is reconciled at least this often."""
    sweep_seconds: float = 600.0
    """How often all children are listed to find what a watch may have missed."""
    degraded_seconds: float = 30.0
    """How long a service may be down before Ready says so."""
    cleanup_seconds: float = 300.0
    """How long a deletion may take before it is reported as blocked."""
    platform_secret: str = ""
    """Namespace and name, as `supamanager/supamanager-secrets`, of the Secret that the management
    API starts with: made with random values if there is none, and never changed. Empty = none."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""

    @property
    def cluster_wide(self) -> bool:
        return self.namespaces == ("*",)

    @property
    def lease_name(self) -> ObjectName:
        return ObjectName.parse(self.lease)

    @property
    def platform_secret_name(self) -> ObjectName | None:
        return ObjectName.parse(self.platform_secret) if self.platform_secret else None

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises InvalidSetting."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            if (text := environment.get(name)) is not None:
                values[field.name] = _convert(name, text, type(field.default))
        settings = cls(**values)
        if not settings.namespaces or ("*" in settings.namespaces and not settings.cluster_wide):
            raise InvalidSetting(f"{PREFIX}NAMESPACES: names separated by commas, or * alone")
        for name in ("lease", "platform_secret"):
            text = getattr(settings, name)
            if (text or name == "lease") and not _OBJECT.fullmatch(text):
                raise InvalidSetting(f"{PREFIX}{name.upper()}: not of the form namespace/name")
        if settings.lease_seconds < LEASE_SHORTEST:
            raise InvalidSetting(f"{PREFIX}LEASE_SECONDS: at least {LEASE_SHORTEST}")
        if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise InvalidSetting(f"{PREFIX}LOG_LEVEL: one of DEBUG, INFO, WARNING, ERROR")
        return settings


def _convert(name: str, text: str, kind: type[Any]) -> Any:
    if kind is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        value = kind(text)
    except ValueError:
        raise InvalidSetting(f"{name}: {text!r} is not a number") from None
    if kind in (int, float) and value < 0:
        raise InvalidSetting(f"{name}: {text!r} is negative")
    return value
