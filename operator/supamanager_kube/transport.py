"""Requests to one Kubernetes API server: sent, counted, repeated, their failures made errors.

What connects (kubeconfig, in-cluster token, TLS, exec plugins) is the official client's; no model
objects are built. The only module that imports `kubernetes`.
"""

from __future__ import annotations

import asyncio
import json
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

Body = dict[str, Any]

_ATTEMPTS: Final = 4
_ATTEMPTS_IN_A_HURRY: Final = 2
_TIMEOUT: Final = 30.0
_CONNECTIONS: Final = 32


class Observer(Protocol):
    """Told of every answered request, for metrics; `code` is 0 when there was no answer."""

    def __call__(self, verb: str, code: int) -> None: ...


def ignore(verb: str, code: int) -> None:
    pass


async def unlimited() -> None:
    pass


class Transport:
    """One connection pool to one API server.

    Every method raises the errors of `supamanager_kube.errors`.
    """

    def __init__(
        self,
        api: ApiClient,
        *,
        observer: Observer,
        acquire: Callable[[], Awaitable[None]],
        attempts: int = _ATTEMPTS,
    ) -> None:
        self._api = api
        self._observer = observer
        self._acquire = acquire
        self._attempts = attempts

    @classmethod
    async def connect(
        cls,
        *,
        user_agent: str,
        observer: Observer,
        acquire: Callable[[], Awaitable[None]],
    ) -> Self:
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

    def hurried(self) -> Transport:
        """The same connections, with fewer attempts."""
        return Transport(
            self._api,
            observer=self._observer,
            acquire=self._acquire,
            attempts=_ATTEMPTS_IN_A_HURRY,
        )

    async def close(self) -> None:
        await self._api.close()

    @asynccontextmanager
    async def stream(
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

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        once: bool = False,
    ) -> Body:
        """The answer of a request that is repeated on 429, 5xx and lost connections, unless it
        may be sent only `once`."""
        attempts = 1 if once else self._attempts
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
