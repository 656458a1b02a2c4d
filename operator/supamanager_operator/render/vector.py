"""Vector's pipeline: one project's log lines, parsed by component, into Logflare's sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml

from supamanager_kube import names
from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import data
from supamanager_operator.render.inputs import Inputs

_INGEST_VARIABLE: Final = "${LOGFLARE_PUBLIC_ACCESS_TOKEN?no key to send logs with}"
_SOURCE: Final = "router"
_EVENT: Final = "event"
_ROUTE: Final = "component"


@dataclass(frozen=True)
class Stream:
    """The lines of one component, parsed by `manifests/vector/<component>.vrl`."""

    component: str
    source: str
    """The source of Logflare that they end in; the case matters."""


STREAMS: Final = (
    Stream("gateway", "cloudflare.logs.prod"),
    Stream("auth", "gotrue.logs.prod"),
    Stream("rest", "postgREST.logs.prod"),
    Stream("realtime", "realtime.logs.prod"),
    Stream("storage", "storage.logs.prod.2"),
    Stream("functions", "deno-relay-logs"),
    Stream("database", "postgres.logs"),
)
"""Vector's own lines are in none: they would come back to it."""


def config(inputs: Inputs) -> str:
    """The whole configuration, in YAML. Without analytics the lines are thrown away."""
    ports = COMPONENTS["vector"].ports
    document = {
        "api": {"enabled": True, "address": f"0.0.0.0:{ports['api']}"},
        "sources": {_SOURCE: _receive(ports["logs"])},
        "transforms": {
            _EVENT: _remap(_SOURCE, _EVENT),
            _ROUTE: {
                "type": "route",
                "inputs": [_EVENT],
                "reroute_unmatched": False,
                "route": {
                    stream.component: f'.appname == "{stream.component}"' for stream in STREAMS
                },
            },
            **{
                stream.component: _remap(f"{_ROUTE}.{stream.component}", stream.component)
                for stream in STREAMS
            },
        },
        "sinks": _sinks(inputs),
    }
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, width=1_000_000)


def _receive(port: int) -> dict[str, Any]:
    """Lines of JSON, at any path: the log router's paths name the project."""
    return {
        "type": "http_server",
        "address": f"0.0.0.0:{port}",
        "path": "/",
        "strict_path": False,
        "framing": {"method": "newline_delimited"},
        "decoding": {"codec": "json"},
    }


def _remap(source: str, program: str) -> dict[str, Any]:
    return {
        "type": "remap",
        "inputs": [source],
        "drop_on_abort": True,
        "source": data.text(f"vector/{program}.vrl"),
    }


def _sinks(inputs: Inputs) -> dict[str, Any]:
    if not inputs.enabled("analytics"):
        inputs_of_all = [stream.component for stream in STREAMS]
        return {"nowhere": {"type": "blackhole", "inputs": inputs_of_all}}
    host = names.service_host(inputs.name, "analytics", inputs.namespace)
    address = f"http://{host}:{COMPONENTS['analytics'].ports['http']}/api/logs"
    return {
        f"logflare_{stream.component}": {
            "type": "http",
            "inputs": [stream.component],
            "uri": f"{address}?source_name={stream.source}",
            "method": "post",
            "encoding": {"codec": "json"},
            # Logflare may start later: what it refuses is sent again.
            "healthcheck": {"enabled": False},
            "request": {
                "headers": {"x-api-key": _INGEST_VARIABLE},
                "retry_initial_backoff_secs": 1,
                "retry_max_duration_secs": 30,
            },
        }
        for stream in STREAMS
    }
