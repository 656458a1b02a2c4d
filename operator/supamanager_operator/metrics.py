"""What the operator counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

QUEUE_DEPTH = Gauge(
    "supamanager_operator_queue_depth", "Projects that wait for a reconcile", registry=REGISTRY
)
QUEUE_AGE = Gauge(
    "supamanager_operator_queue_oldest_seconds",
    "How long the longest-waiting due project has waited",
    registry=REGISTRY,
)
RUNNING = Gauge(
    "supamanager_operator_reconciles_running", "Reconciles in progress", registry=REGISTRY
)
RECONCILES = Counter(
    "supamanager_operator_reconciles_total",
    "Reconciles by result: success, retry or error",
    ["result"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "supamanager_operator_reconcile_seconds",
    "Duration of a reconcile",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
    registry=REGISTRY,
)
REQUESTS = Counter(
    "supamanager_operator_api_requests_total",
    "Requests to the API server by verb and status code; code 0 is no answer",
    ["verb", "code"],
    registry=REGISTRY,
)
LEADER = Gauge(
    "supamanager_operator_is_leader", "1 in the replica that holds the Lease", registry=REGISTRY
)
TRANSITIONS = Gauge(
    "supamanager_operator_lease_transitions",
    "How often the Lease had changed hands when this replica took it",
    registry=REGISTRY,
)


def count_request(verb: str, code: int) -> None:
    REQUESTS.labels(verb, str(code)).inc()
