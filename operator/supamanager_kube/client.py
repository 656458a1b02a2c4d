"""Calls to the Kubernetes API with raw dict bodies.

The transport (kubeconfig, in-cluster token, TLS, exec plugins) is the official client's; no model
objects are built. The only module that imports `kubernetes`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol, Self

import aiohttp
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.config.incluster_config import (
    SERVICE_TOKEN_FILENAME,
    load_incluster_config,
)
from kubernetes.aio.config.kube_config import load_kube_config

from supamanager_kube import errors
from supamanager_kube.kinds import Kind

logger = logging.getLogger(__name__)

Body = dict[str, Any]

APPLY: Final = "application/apply-patch+yaml"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"

_ATTEMPTS: Final = 4
_TIMEOUT: Final = 30.0
_CONNECTIONS: Final = 32
_PAGE: Final = 500


class Observer(Protocol):
    """Told of every answered request, for metrics; `code` is 0 when there was no answer."""

    def __call__(self, verb: str, code: int) -> None: ...


def _ignore(verb: str, code: int) -> None:
    pass


async def _unlimited() -> None:
    pass


class KubeClient:
    """One connection pool to one API server.

    Reads, applies and deletes are repeated on 429, 5xx and lost connections; creates are not.
    Every method raises the errors of `supamanager_kube.errors`.
    """

    def __init__(
        self, api: ApiClient, *, observer: Observer, acquire: Callable[[], Awaitable[None]]
    ) -> None:
        self._api = api
        self._observer = observer
        self._acquire = acquire

    @classmethod
    async def connect(
        cls,
        *,
        user_agent: str,
        observer: Observer = _ignore,
        acquire: Callable[[], Awaitable[None]] = _unlimited,
    ) -> Self:
        """A client for $KUBECONFIG, or else for the cluster that the process runs in.

        `acquire` is awaited before each request: the rate limit.
        """
        configuration = Configuration()
        if path := os.environ.get("KUBECONFIG"):
            await load_kube_config(config_file=path, client_configuration=configuration)
        elif await asyncio.to_thread(Path(SERVICE_TOKEN_FILENAME).exists):
            load_incluster_config(client_configuration=configuration)
        else:
            await load_kube_config(client_configuration=configuration)
        configuration.connection_pool_maxsize = _CONNECTIONS
        # A self-signed serving certificate carries no key usage that strict checks ask for.
        configuration.disable_strict_ssl_verification = True
        api = ApiClient(configuration)
        api.user_agent = user_agent
        return cls(api, observer=observer, acquire=acquire)

    async def close(self) -> None:
        await self._api.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Body:
        return await self._call("GET", kind.path(namespace, name))

    async def list_all(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        selector: str = "",
        metadata_only: bool = False,
    ) -> tuple[list[Body], str]:
        """All objects, read in pages, and the resourceVersion to watch from."""
        items: list[Body] = []
        token = ""
        while True:
            query = {"limit": str(_PAGE), "labelSelector": selector, "continue": token}
            accept = METADATA_ONLY if metadata_only else "application/json"
            page = await self._call("GET", kind.path(namespace), query=query, accept=accept)
            items.extend(page.get("items") or ())
            token = page["metadata"].get("continue") or ""
            if not token:
                return items, page["metadata"]["resourceVersion"]

    async def create(self, kind: Kind, body: Body, *, manager: str) -> Body:
        """Raises AlreadyExists instead of changing anything."""
        path = kind.path(body["metadata"].get("namespace"))
        return await self._call(
            "POST", path, query={"fieldManager": manager}, body=body, attempts=1
        )

    async def apply(
        self,
        kind: Kind,
        body: Body,
        *,
        manager: str,
        force: bool = False,
        dry_run: bool = False,
        subresource: str = "",
    ) -> Body:
        """Server-side apply; the body is everything that the manager has an opinion on."""
        metadata = body["metadata"]
        path = kind.path(metadata.get("namespace"), metadata["name"])
        query = {
            "fieldManager": manager,
            "force": str(force).lower(),
            "dryRun": "All" if dry_run else "",
        }
        return await self._call(
            "PATCH",
            f"{path}/{subresource}" if subresource else path,
            query=query,
            body=body,
            content_type=APPLY,
        )

    async def json_patch(
        self, kind: Kind, namespace: str | None, name: str, operations: list[Body], *, manager: str
    ) -> Body:
        """Patch with its own `test` operations as preconditions; sent once."""
        return await self._call(
            "PATCH",
            kind.path(namespace, name),
            query={"fieldManager": manager},
            body=operations,
            content_type=JSON_PATCH,
            attempts=1,
        )

    async def merge_patch(
        self, kind: Kind, namespace: str | None, name: str, patch: Body, *, manager: str
    ) -> Body:
        return await self._call(
            "PATCH",
            kind.path(namespace, name),
            query={"fieldManager": manager},
            body=patch,
            content_type=MERGE_PATCH,
        )

    async def delete(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        *,
        uid: str,
        resource_version: str = "",
        propagation: str = "Background",
    ) -> None:
        """Delete the object that has this uid; Conflict when another took its name."""
        preconditions = {"uid": uid}
        if resource_version:
            preconditions["resourceVersion"] = resource_version
        await self._call(
            "DELETE",
            kind.path(namespace, name),
            body={
                "kind": "DeleteOptions",
                "apiVersion": "v1",
                "preconditions": preconditions,
                "propagationPolicy": propagation,
            },
        )

    async def watch(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        resource_version: str,
        selector: str = "",
        timeout_seconds: int = 300,
        idle_seconds: float = 90.0,
    ) -> AsyncIterator[Body]:
        """Events after `resource_version`, bookmarks included, until the server ends the stream.

        A stream that is silent for `idle_seconds` ends too: bookmarks come about every minute.

        Raises:
            Gone: list again.
        """
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "labelSelector": selector,
            "timeoutSeconds": str(timeout_seconds),
        }
        timeout = aiohttp.ClientTimeout(sock_connect=15, sock_read=idle_seconds)
        async with self._stream(kind.path(namespace), query, timeout) as response:
            try:
                async for line in response.content:
                    event: Body = json.loads(line)
                    if event["type"] == "ERROR":
                        status = event["object"]
                        raise errors.from_status(int(status.get("code") or 0), status)
                    yield event
            except (aiohttp.ClientError, TimeoutError):
                return

    @asynccontextmanager
    async def _stream(
        self, path: str, query: dict[str, str], timeout: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        response = await self._send(
            "GET", path, query=query, timeout=timeout, accept="", verb="WATCH"
        )
        try:
            if response.status >= 400:
                raise _error(response.status, await response.read())
            yield response
        finally:
            response.close()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        attempts: int = _ATTEMPTS,
    ) -> Body:
        attempt = 0
        while True:
            attempt += 1
            pause: float | None = None
            try:
                response = await self._send(
                    method,
                    path,
                    query=query,
                    body=body,
                    content_type=content_type,
                    accept=accept,
                    timeout=aiohttp.ClientTimeout(total=_TIMEOUT, sock_connect=5),
                )
                data = await response.read()
                if response.status < 400:
                    answer: Body = json.loads(data)
                    return answer
                error = _error(response.status, data)
                pause = _retry_after(response)
            except (aiohttp.ClientError, TimeoutError) as failure:
                error = errors.Unreachable(
                    f"the API server did not answer: {failure or type(failure).__name__}"
                )
            except errors.Unreachable as failure:
                error = failure
            if not error.retriable or attempt >= attempts:
                raise error
            backoff = 0.2 * 2.0**attempt * random.uniform(0.5, 1.5)  # noqa: S311
            await asyncio.sleep(backoff if pause is None else pause)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None,
        timeout: aiohttp.ClientTimeout,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        verb: str = "",
    ) -> aiohttp.ClientResponse:
        await self._acquire()
        pairs = [(key, value) for key, value in (query or {}).items() if value]
        headers = {"Content-Type": content_type, "Accept": accept or "application/json"}
        serialized = await self._api.param_serialize(
            method,
            path,
            query_params=pairs,
            header_params=headers,
            body=body,
            auth_settings=["BearerToken"],
        )
        try:
            answer = await self._api.call_api(*serialized, _request_timeout=timeout)
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            self._observer(verb or method, 0)
            raise errors.Unreachable(
                f"the API server did not answer: {type(failure).__name__}"
            ) from failure
        response: aiohttp.ClientResponse = answer.response
        self._observer(verb or method, response.status)
        return response


def _error(code: int, data: bytes) -> errors.KubeError:
    try:
        body = json.loads(data)
    except ValueError:
        body = {}
    return errors.from_status(code, body if isinstance(body, dict) else {})


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return min(float(value), 30.0) if value.isdigit() else None
