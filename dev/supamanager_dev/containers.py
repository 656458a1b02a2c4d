"""What a container's specification means on this machine: variables, words and addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]


class NotYet(Exception):
    """The container cannot be started as things are; the message says why."""


@dataclass(frozen=True)
class Addresses:
    """Where the Services of a namespace are here: name and port → port on loopback."""

    namespace: str
    services: Mapping[tuple[str, int], int]

    def localize(self, text: str) -> str:
        """The text with every `service:port` replaced, in whatever form the host is written."""
        for (name, port), here in self.services.items():
            host = rf"{re.escape(name)}(\.{re.escape(self.namespace)}(\.svc(\.cluster\.local)?)?)?"
            text = re.sub(rf"(?<![\w.-]){host}:{port}(?!\d)", f"127.0.0.1:{here}", text)
        return text


def ports(container: Body) -> list[int]:
    """The ports that the container says it listens on."""
    return [int(port["containerPort"]) for port in container.get("ports", ())]


def port_of(container: Body, port: int | str) -> int:
    """A port of a probe or Service: a number, or a name in the container."""
    if isinstance(port, int):
        return port
    return next(int(each["containerPort"]) for each in container["ports"] if each["name"] == port)


def lingers(container: Body) -> float:
    """Seconds for which it goes on after its end was asked for."""
    hook = container.get("lifecycle", {}).get("preStop", {})
    return float(hook.get("sleep", {}).get("seconds", 0))


def environment(
    pod: Body,
    container: Body,
    *,
    secret: Callable[[str, str], str],
    addresses: Addresses,
    listening: Mapping[int, int],
) -> dict[str, str]:
    """The variables of the container, and no other.

    `secret` gives a key of a Secret or raises NotYet; `listening` tells which port of this machine
    stands for each port of the container: a variable that holds such a port holds the other here.
    """
    found: dict[str, str] = {}
    for variable in container.get("env", ()):
        source = variable.get("valueFrom", {})
        if "secretKeyRef" in source:
            value = secret(source["secretKeyRef"]["name"], source["secretKeyRef"]["key"])
        elif "fieldRef" in source:
            value = _field(pod, source["fieldRef"]["fieldPath"])
        else:
            value = expand(variable.get("value", ""), found)
        found[variable["name"]] = value
    stands = {str(port): str(here) for port, here in listening.items()}
    return {name: stands.get(value) or addresses.localize(value) for name, value in found.items()}


def words(container: Body, variables: Mapping[str, str], addresses: Addresses) -> list[str]:
    """Command and arguments; empty when they are the image's own."""
    if not container.get("command"):
        return []
    given = [*container["command"], *container.get("args", ())]
    return [addresses.localize(expand(word, variables)) for word in given]


def expand(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` as Kubernetes replaces it: unknown names stay, and `$$` is a `$`."""

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        return "$" if name is None else variables.get(name, match[0])

    return re.sub(r"\$\$|\$\((?P<name>[-._a-zA-Z][-._a-zA-Z0-9]*)\)", value, text)


def _field(pod: Body, path: str) -> str:
    value: Any = pod
    for part in path.split("."):
        value = value[part]
    return str(value)
