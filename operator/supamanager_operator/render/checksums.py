"""The keyed hash that rolls a pod when what it reads has changed.

It covers exactly the Secret keys and ConfigMap entries that the pod refers to, so that a change
rolls its consumers and nobody else. It is keyed, since it stands in an annotation that more people
may read than the Secrets.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

Contents = Mapping[tuple[str, str], Mapping[str, str]]
"""The entries of Secrets and ConfigMaps by kind and name."""

Entry = tuple[str, str, str]
"""Kind, name and key."""


def checksum(pod: dict[str, Any], contents: Contents, *, key: str) -> str | None:
    """The hash for a pod's spec, or None if it reads nothing.

    A Secret that is not among `contents` is a person's own: nothing reads it here, and nothing
    follows its changes.
    """
    entries = sorted(set(_entries(pod, contents)))
    if not entries:
        return None
    content = [[*entry, contents.get(entry[:2], {}).get(entry[2])] for entry in entries]
    return hmac.digest(key.encode(), json.dumps(content).encode(), "sha256").hex()


def _entries(pod: dict[str, Any], contents: Contents) -> Iterator[Entry]:
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        for variable in container.get("env", ()):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                yield "Secret", reference["name"], reference["key"]
    for volume in pod.get("volumes", ()):
        if "secret" in volume:
            yield from _volume("Secret", volume["secret"]["secretName"], contents)
        if "configMap" in volume:
            yield from _volume("ConfigMap", volume["configMap"]["name"], contents)


def _volume(kind: str, name: str, contents: Contents) -> Iterator[Entry]:
    """Whole: the templates mount no part of a Secret or ConfigMap."""
    for key in contents[kind, name]:
        yield kind, name, key
