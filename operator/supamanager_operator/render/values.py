"""What the templates know: one context for all of them."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from supamanager_kube import labels, names, quantities, secrets
from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import apikeys, files
from supamanager_operator.render.inputs import Inputs
from supamanager_operator.render.templates import Reference, literal

INIT: Final = "init"
"""Stands for a component in names, labels and templates of the init Job."""

START_SECONDS: Final = 600
"""How long a database may take until it answers, and the init Job waits for it."""


def public_url(inputs: Inputs) -> str:
    """The base URL of the gateway as users see it, without a slash at the end."""
    http = inputs.project.spec.http
    return f"{http.scheme}://{http.host}" if http.host else service_url(inputs, "gateway")


def service_url(inputs: Inputs, component: str) -> str:
    """The base URL of a component inside the cluster."""
    host = names.service_host(inputs.name, component, inputs.namespace)
    port = next(iter(COMPONENTS[component].ports.values()))
    return f"http://{host}:{port}"


def image(inputs: Inputs, component: str) -> str:
    """The init Job runs in the database's image."""
    component = "database" if component == INIT else component
    return inputs.service(component).image or inputs.release.image(
        component, inputs.postgres_version
    )


def context(inputs: Inputs, component: str | None = None) -> dict[str, Any]:
    """`name`, `image`, `ports` and `arguments` are the component's own; everything else is the
    same for all."""
    spec = inputs.project.spec
    own: dict[str, Any] = {}
    if component is not None:
        own = {
            "component": component,
            "name": names.child(inputs.name, component),
            "image": image(inputs, component),
            "arguments": inputs.release.arguments.get(component, ()),
        }
    if component in COMPONENTS:
        own["ports"] = COMPONENTS[component].ports
    return own | {
        "project": inputs.name,
        "spec": spec,
        "labels": labels,
        "postgres_version": inputs.postgres_version,
        "start_seconds": START_SECONDS,
        "service_account": inputs.name,
        "enabled": {name: inputs.enabled(name) for name in COMPONENTS},
        "names": {name: names.child(inputs.name, name) for name in COMPONENTS},
        "secrets": {suffix: names.child(inputs.name, suffix) for suffix in secrets.SECRETS},
        "public_url": public_url(inputs),
        "auth_url": f"{public_url(inputs)}/auth/v1",
        "urls": {name: service_url(inputs, name) for name in COMPONENTS},
        "database": {key: inputs.database[key] for key in ("host", "port", "dbname")},
        "dsn": partial(_dsn, inputs),
        "api_keys": {
            "publishable": apikeys.active(inputs.keys, "publishable")[0],
            "secret": apikeys.active(inputs.keys, "secret")[0],
        },
        "volumes": _volumes(inputs),
        "files": partial(files.of, inputs),
    }


def _dsn(inputs: Inputs, scheme: str, user: str, *, database: str = "") -> Reference:
    """A connection URL; DB_PASSWORD_URLENCODED must be an earlier variable of the container."""
    place = f"{inputs.database['host']}:{inputs.database['port']}"
    path = database or inputs.database["dbname"]
    return Reference(
        f"{scheme}://{user}:$(DB_PASSWORD_URLENCODED)@{literal(place)}/{literal(path)}"
    )


def _volumes(inputs: Inputs) -> dict[str, dict[str, str | None]]:
    """Name, size and storage class of each volume; no class means the cluster's default."""
    database, storage = inputs.project.spec.database.managed, inputs.project.spec.storage.file
    size = dict(inputs.release.volumes)
    class_name: dict[str, str | None] = {}
    if database:
        size["database"] = _text(database.storage.size) or size["database"]
        class_name["database"] = class_name["database-custom"] = database.storage.class_name
    if storage:
        size["storage"] = _text(storage.size) or size["storage"]
        class_name["storage"] = storage.class_name
    return {
        suffix: {
            "name": names.child(inputs.name, suffix),
            "size": quantities.canonical(value),
            "class_name": class_name.get(suffix),
        }
        for suffix, value in size.items()
    }


def _text(value: str | int | None) -> str:
    return "" if value is None else str(value)
