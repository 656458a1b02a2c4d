"""The probes of a container, asked from this machine."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import Any

from supamanager_dev import containers

Body = Mapping[str, Any]

_KINDS = ("startupProbe", "livenessProbe", "readinessProbe")


def succeed(container: Body, listening: Mapping[int, int]) -> bool:
    """Whether all do that ask over HTTP; one that runs a command in the image is not asked."""
    return all(
        _answers(container, container[kind]["httpGet"], listening)
        for kind in _KINDS
        if "httpGet" in container.get(kind, {})
    )


def _answers(container: Body, wanted: Body, listening: Mapping[int, int]) -> bool:
    port = listening[containers.port_of(container, wanted["port"])]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", wanted["path"])
        return connection.getresponse().status < http.client.BAD_REQUEST
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
