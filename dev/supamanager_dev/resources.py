"""What kubectl does, in the common cases, without a process of a tenth of a second for each.

What is not such a case, and all that the server refuses, raises NotHere: kubectl itself is to do
it then, and to complain.
"""

from __future__ import annotations

import http.client
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from supamanager_dev.errors import ApiError
from supamanager_dev.kubeapi import KubeApi

_OPTIONS: Final = urllib.parse.urlencode({"fieldManager": "kubectl", "fieldValidation": "Strict"})

Body = dict[str, Any]


class NotHere(Exception):
    """It is a matter for kubectl."""


@dataclass(frozen=True)
class _Resource:
    version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str) -> str:
        scope = f"/namespaces/{namespace}" if self.namespaced else ""
        return f"{_root(self.version)}{scope}/{self.plural}"


class Resources:
    """Those that the server has, which is asked again for a name that it did not have."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self._kinds: dict[tuple[str, str], _Resource] = {}
        self._names: dict[str, _Resource] = {}

    def apply(self, body: Mapping[str, Any], namespace: str | None) -> None:
        """As `kubectl apply --server-side`."""
        key = body["apiVersion"], body["kind"]
        own = body["metadata"].get("namespace")
        if own and namespace and own != namespace:
            raise NotHere
        try:
            if key not in self._kinds:
                self._kinds |= {(key[0], each.kind): each for _, each in self._listed(key[0])}
            path = self._kinds[key].path(own or namespace or "default")
            name = urllib.parse.quote(body["metadata"]["name"], safe="")
            self._api.apply(f"{path}/{name}?{_OPTIONS}", body)
        except (ApiError, OSError, http.client.HTTPException, KeyError) as error:
            raise NotHere from error

    def get(self, arguments: Sequence[str]) -> Body:
        """As `kubectl get … -o json`."""
        words, namespace, query = _parsed(arguments)
        try:
            found = [self._named(name) for name in words[0].split(",")]
            if len(words) == 2:
                [resource] = found
                body = self._api.request("GET", f"{resource.path(namespace)}/{words[1]}")
                return _shown(body, resource)
            items = [
                _shown(body, resource)
                for resource in found
                for body in self._api.request("GET", f"{resource.path(namespace)}{query}")["items"]
            ]
        except (ApiError, OSError, http.client.HTTPException, ValueError) as error:
            raise NotHere from error
        return {
            "apiVersion": "v1",
            "kind": "List",
            "items": items,
            "metadata": {"resourceVersion": ""},
        }

    def _named(self, name: str) -> _Resource:
        """Of several groups that have the name the first wins, as with kubectl."""
        if name not in self._names:
            groups = self._api.request("GET", "/apis")["groups"]
            for version in ("v1", *(each["preferredVersion"]["groupVersion"] for each in groups)):
                for listed, resource in self._listed(version):
                    names = (
                        resource.plural,
                        listed.get("singularName") or resource.kind.lower(),
                        *listed.get("shortNames", ()),
                        f"{resource.plural}.{version.partition('/')[0]}",
                    )
                    for each in names:
                        self._names.setdefault(each, resource)
        if name not in self._names:
            raise NotHere
        return self._names[name]

    def _listed(self, version: str) -> Iterator[tuple[Body, _Resource]]:
        """What the server says of each resource of this version, subresources left out."""
        for listed in self._api.request("GET", _root(version))["resources"]:
            if "/" not in listed["name"]:
                yield (
                    listed,
                    _Resource(version, listed["kind"], listed["name"], listed["namespaced"]),
                )


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _parsed(arguments: Sequence[str]) -> tuple[list[str], str, str]:
    """One or two words, the namespace and the query."""
    words: list[str] = []
    namespace = "default"
    query: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        option, equals, value = argument.partition("=")
        if not argument.startswith("-"):
            words.append(argument)
        elif argument == "-n":
            namespace = next(rest)
        elif argument == "-l":
            query["labelSelector"] = next(rest)
        elif equals and option == "--field-selector":
            query["fieldSelector"] = value
        else:
            raise NotHere
    if len(words) not in (1, 2) or (len(words) == 2 and query):
        raise NotHere
    return words, namespace, f"?{urllib.parse.urlencode(query)}" if query else ""


def _shown(body: Body, resource: _Resource) -> Body:
    """As kubectl prints it. In a list of the server's own kinds the items do not tell theirs."""
    body["metadata"].pop("managedFields", None)
    return {"apiVersion": resource.version, "kind": resource.kind, **body}
