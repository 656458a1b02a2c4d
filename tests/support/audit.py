"""Requests as the API server's audit log has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

READS = frozenset({"get", "list", "watch"})


@dataclass(frozen=True)
class Request:
    user: str
    agent: str
    verb: str
    group: str
    resource: str
    """With the subresource, as a rule names it."""
    namespace: str
    name: str
    code: int
    received: float
    """Unix time."""
    answered: float

    @property
    def write(self) -> bool:
        return self.verb not in READS


class AuditLog:
    """Reads on from where it stood."""

    def __init__(self, path: Path, *, account: str) -> None:
        self._path = path
        self._account = f":{account}"
        self._offset = path.stat().st_size if path.exists() else 0

    def rewind(self) -> None:
        self._offset = 0

    def requests(self, *, namespace: str = "") -> list[Request]:
        """What the ServiceAccount asked for since the last call."""
        return [
            request
            for request in self._read()
            if request.user.endswith(self._account)
            and (not namespace or request.namespace in (namespace, ""))
        ]

    def _read(self) -> Iterator[Request]:
        with self._path.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                event = json.loads(line)
                target = event.get("objectRef")
                if event["stage"] != "ResponseComplete" or not target:
                    continue
                subresource = target.get("subresource", "")
                yield Request(
                    user=event["user"]["username"],
                    agent=event.get("userAgent", ""),
                    verb=event["verb"],
                    group=target.get("apiGroup", ""),
                    resource=target["resource"] + (f"/{subresource}" if subresource else ""),
                    namespace=target.get("namespace", ""),
                    name=target.get("name", ""),
                    code=event.get("responseStatus", {}).get("code", 0),
                    received=_unix(event["requestReceivedTimestamp"]),
                    answered=_unix(event["stageTimestamp"]),
                )


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
