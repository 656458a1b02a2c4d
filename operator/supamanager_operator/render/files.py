"""Files in other languages that a component's template puts into a Secret or ConfigMap."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from supamanager_operator.render import data, gateway, vector
from supamanager_operator.render.inputs import Inputs


@dataclass(frozen=True)
class File:
    name: str
    content: str
    """In base64."""


_SOURCES: Final[dict[str, Callable[[Inputs], dict[str, bytes]]]] = {
    "database": lambda _: dict(data.folder("database")),
    "gateway": lambda inputs: {"kong.yml": gateway.kong(inputs).encode()},
    "vector": lambda inputs: {"vector.yaml": vector.config(inputs).encode()},
    "functions": lambda _: dict(data.folder("functions/main")),
    "init": lambda _: dict(data.folder("init")),
}


def of(inputs: Inputs, component: str) -> list[File]:
    return [
        File(name, base64.b64encode(content).decode())
        for name, content in _SOURCES[component](inputs).items()
    ]
