"""The components of a project: the one list of their names, ports and stages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal


class Stage(IntEnum):
    """Before `Initialized` a stage waits until the one before it is ready."""

    DATABASE = 1
    INIT = 2
    SERVICES = 3
    GATEWAY = 4


@dataclass(frozen=True, kw_only=True)
class Component:
    """One of the twelve services.

    `ports` are the Service's ports by name; container ports have the same names and numbers.
    """

    name: str
    ports: dict[str, int]
    stage: Stage = Stage.SERVICES
    workload: Literal["Deployment", "StatefulSet"] = "Deployment"
    optional: bool = True
    """Whether `spec.services.<name>.enabled: false` is allowed."""

    @property
    def condition(self) -> str:
        return f"{self.name.capitalize()}Ready"


_TABLE: Final = (
    Component(
        name="database",
        ports={"postgres": 5432},
        stage=Stage.DATABASE,
        workload="StatefulSet",
        optional=False,
    ),
    Component(
        name="gateway",
        ports={"http": 8000},
        stage=Stage.GATEWAY,
        optional=False,
    ),
    Component(name="auth", ports={"http": 9999}),
    Component(name="rest", ports={"http": 3000, "admin": 3001}),
    Component(name="realtime", ports={"http": 4000}),
    Component(name="storage", ports={"http": 5000}),
    Component(name="imgproxy", ports={"http": 5001}),
    Component(name="meta", ports={"http": 8080}),
    Component(name="functions", ports={"http": 9000}),
    Component(name="analytics", ports={"http": 4000}),
    Component(name="vector", ports={"api": 9001, "logs": 9002}),
    Component(name="studio", ports={"http": 3000}),
)

COMPONENTS: Final[dict[str, Component]] = {component.name: component for component in _TABLE}
