"""The Services of a namespace on this machine, and the pods behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supamanager_dev import containers
from supamanager_dev.containers import Addresses
from supamanager_dev.podstatus import PodState
from supamanager_dev.resource import Resource
from supamanager_dev.serviceproxy import ServiceProxies

Body = dict[str, Any]


class PodServices(Resource):
    """`addresses` tells where they are; a Service stays where it was put first."""

    def __init__(self, namespace: str) -> None:
        self._proxies = ServiceProxies()
        self._ports: dict[tuple[str, int], int] = {}
        self.addresses = Addresses(namespace, self._ports)

    def learn(self, services: Sequence[Body]) -> None:
        """Give a port to those that have none."""
        for service in services:
            for port in service["spec"].get("ports", ()):
                key = _key(service, port)
                if key not in self._ports:
                    self._ports[key] = self._proxies.add()

    def point(
        self, services: Sequence[Body], bodies: Sequence[Body], pods: Mapping[str, PodState]
    ) -> None:
        """Send connections to the pods that are selected and ready; `pods` is by uid."""
        for service in services:
            for port in service["spec"].get("ports", ()):
                backends = _backends(service, port, bodies, pods)
                self._proxies.point(self._ports[_key(service, port)], backends)

    def close(self) -> None:
        self._proxies.close()


def _key(service: Body, port: Body) -> tuple[str, int]:
    return service["metadata"]["name"], int(port["port"])


def _backends(
    service: Body, port: Body, bodies: Sequence[Body], pods: Mapping[str, PodState]
) -> list[int]:
    selector = (service["spec"].get("selector") or {}).items()
    target: int | str = port.get("targetPort") or port["port"]
    found = []
    for body in bodies:
        pod = pods.get(body["metadata"]["uid"])
        selected = selector and selector <= (body["metadata"].get("labels") or {}).items()
        if pod and pod.ready and selected:
            [container] = body["spec"]["containers"]
            found.append(pod.listening[containers.port_of(container, target)])
    return found
