"""The declarative file of Kong 3.9: routes, consumers and the translation of keys.

It holds every key in clear: it belongs in a Secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from supamanager_kube import names
from supamanager_kube.components import COMPONENTS
from supamanager_operator.render import apikeys, lua, routes
from supamanager_operator.render.inputs import Inputs

_ANON: Final = "anon"
_ADMIN: Final = "admin"


@dataclass(frozen=True, kw_only=True)
class _Keys:
    """Who presents which key, and what the services see instead of an opaque one."""

    anon: str
    service: str
    publishable: lua.Swap
    secret: lua.Swap


def kong(inputs: Inputs) -> str:
    """The whole file. A disabled component has no route."""
    keys = _keys(inputs.keys)
    document = {
        "_format_version": "2.1",
        "_transform": True,
        "consumers": _consumers(keys, inputs.dashboard),
        "services": [
            _service(route, inputs, keys)
            for route in routes.TABLE
            if inputs.enabled(route.component)
        ],
    }
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, width=1_000_000)


def _keys(keys: Mapping[str, str]) -> _Keys:
    def opaque(kind: apikeys.KeyType, token: str) -> lua.Swap:
        values = (keys[name] for name in apikeys.active(keys, kind))
        return lua.Swap(keys=tuple(dict.fromkeys(values)), token=keys[token])

    return _Keys(
        anon=keys["anon-key"],
        service=keys["service-role-key"],
        publishable=opaque("publishable", "anon-key-asymmetric"),
        secret=opaque("secret", "service-role-key-asymmetric"),
    )


def _consumers(keys: _Keys, dashboard: Mapping[str, str]) -> list[dict[str, Any]]:
    login = {"username": dashboard["username"], "password": dashboard["password"]}
    return [
        {"username": "DASHBOARD", "basicauth_credentials": [login]},
        _consumer("anon", (keys.anon, *keys.publishable.keys), group=_ANON),
        _consumer("service_role", (keys.service, *keys.secret.keys), group=_ADMIN),
    ]


def _consumer(username: str, keys: tuple[str, ...], *, group: str) -> dict[str, Any]:
    return {
        "username": username,
        "keyauth_credentials": [{"key": key} for key in keys],
        "acls": [{"group": group}],
    }


def _service(route: routes.Route, inputs: Inputs, keys: _Keys) -> dict[str, Any]:
    """The host is the Service's own name: Realtime reads its tenant from there."""
    host = names.service_host(inputs.name, route.component, inputs.namespace)
    port = COMPONENTS[route.component].ports["http"]
    service: dict[str, Any] = {
        "name": route.name,
        "url": f"http://{host}:{port}{route.upstream}",
        "routes": [
            {
                "name": route.name,
                "expression": routes.expression(route),
                "priority": routes.priority(route),
                "strip_path": True,
            }
        ],
        "plugins": [_PLUGINS[name](keys) for name in route.plugins],
    }
    if route.read_timeout is not None:
        service["read_timeout"] = route.read_timeout
    return service


def _acl(*groups: str) -> dict[str, Any]:
    return {"name": "acl", "config": {"hide_groups_header": True, "allow": list(groups)}}


def _transformer(**changes: dict[str, list[str]]) -> dict[str, Any]:
    return {"name": "request-transformer", "config": changes}


def _set_headers(keys: _Keys, *added: str, always: tuple[str, ...] = ()) -> dict[str, Any]:
    """`Authorization` by the key, `always` whatever the client sent, `added` if it sent none."""
    expression = lua.authorization(keys.secret, keys.publishable)
    headers = [f"Authorization:{expression}", *always]
    return _transformer(add={"headers": [*added, *headers]}, replace={"headers": headers})


def _socket(keys: _Keys) -> dict[str, Any]:
    expression = lua.socket_key(keys.secret, keys.publishable)
    return _transformer(
        add={"headers": [f"x-api-key:{expression}"]},
        replace={"querystring": [f"apikey:{expression}"]},
    )


def _functions(keys: _Keys) -> dict[str, Any]:
    """Nobody but the gateway may set the header."""
    expression = lua.function_key(keys.secret, keys.publishable)
    added = {"add": {"headers": [f"sb-api-key:{expression}"]}} if expression else {}
    return _transformer(remove={"headers": ["sb-api-key"]}, **added)


def _post_function(header: str) -> dict[str, Any]:
    return {"name": "post-function", "config": {"access": [lua.drop_if_blank(header)]}}


_PLUGINS: Final[dict[str, Callable[[_Keys], dict[str, Any]]]] = {
    "cors": lambda _: {"name": "cors"},
    "key-auth": lambda _: {"name": "key-auth", "config": {"hide_credentials": False}},
    "password": lambda _: {"name": "basic-auth", "config": {"hide_credentials": True}},
    "any-key": lambda _: _acl(_ADMIN, _ANON),
    "admin-key": lambda _: _acl(_ADMIN),
    "closed": lambda _: {
        "name": "request-termination",
        "config": {"status_code": 403, "message": "This path is closed."},
    },
    "authorization": _set_headers,
    "graphql": lambda keys: _set_headers(keys, "Content-Profile:graphql_public"),
    "storage": lambda keys: _set_headers(
        keys, always=(f"X-Forwarded-Prefix:{routes.STORAGE_PREFIX}",)
    ),
    "socket": _socket,
    "functions": _functions,
    "drop-authorization": lambda _: _post_function("authorization"),
    "drop-function-key": lambda _: _post_function("sb-api-key"),
}
