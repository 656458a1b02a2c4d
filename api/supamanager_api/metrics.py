"""What Prometheus reads at `/metrics`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from supamanager_api.database import Connection

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(frozen=True)
class Vital:
    """A number about the work behind the requests: shown by `/status`, a gauge of `/metrics`.

    `read` gives None when there is no number yet.
    """

    name: str
    help: str
    read: Callable[[Connection], Awaitable[float | None]]


class Metrics:
    """One registry per application, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "supamanager_api_requests",
            "Answered requests.",
            ("method", "route", "code"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "supamanager_api_request_seconds",
            "Time until a request was answered.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._kubernetes = Counter(
            "supamanager_api_kubernetes_requests",
            "Requests to the Kubernetes API; code 0 = no answer.",
            ("verb", "code"),
            registry=self.registry,
        )
        self._vitals: dict[str, Gauge] = {}

    def request(self, method: str, route: str, *, code: int, seconds: float) -> None:
        """Count one request; `route` is a template, never a path."""
        self._requests.labels(method, route, code).inc()
        self._seconds.labels(route).observe(seconds)

    def kubernetes(self, verb: str, code: int) -> None:
        self._kubernetes.labels(verb, code).inc()

    def vital(self, vital: Vital, value: float | None) -> None:
        gauge = self._vitals.get(vital.name)
        if gauge is None:
            gauge = Gauge(f"supamanager_{vital.name}", vital.help, registry=self.registry)
            self._vitals[vital.name] = gauge
        gauge.set(float("nan") if value is None else value)

    def render(self) -> bytes:
        return generate_latest(self.registry)
