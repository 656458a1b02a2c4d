"""The verbs of the Kubernetes API, with raw dict bodies."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Self

import aiohttp

from supamanager_kube import errors, transport, yamltext
from supamanager_kube.kinds import Kind
from supamanager_kube.transport import Body as Body
from supamanager_kube.transport import Observer, Transport

APPLY: Final = "application/apply-patch+yaml; charset=utf-8"
"""With a parameter: the official client would write the body of the bare type itself."""
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"

_PAGE: Final = 500


class KubeClient:
    """Repeated on 429, 5xx and lost connections are reads, applies, merge patches and deletes.

    Every method raises the errors of `supamanager_kube.errors`.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @classmethod
    async def connect(
        cls,
        *,
        user_agent: str,
        observer: Observer = transport.ignore,
        acquire: Callable[[], Awaitable[None]] = transport.unlimited,
    ) -> Self:
        """A client for $KUBECONFIG, or else for the cluster that the process runs in.

        `acquire` is awaited before each request: the rate limit.
        """
        return cls(
            await Transport.connect(user_agent=user_agent, observer=observer, acquire=acquire)
        )

    def hurried(self) -> KubeClient:
        """For questions that a person waits for: gives up soon when nobody answers."""
        return KubeClient(self._transport.hurried())

    async def close(self) -> None:
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Body:
        return await self._transport.call("GET", kind.path(namespace, name))

    async def list_all(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        selector: str = "",
        metadata_only: bool = False,
    ) -> tuple[list[Body], str]:
        """All objects, and the resourceVersion to watch from."""
        items: list[Body] = []
        version = ""
        async for page in self.list_pages(
            kind, namespace, selector=selector, metadata_only=metadata_only
        ):
            items += page[0]
            version = page[1]
        return items, version

    async def list_pages(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        selector: str = "",
        metadata_only: bool = False,
        size: int = _PAGE,
    ) -> AsyncIterator[tuple[list[Body], str]]:
        """The objects in pages of a size, each with the resourceVersion of the whole list."""
        accept = METADATA_ONLY if metadata_only else "application/json"
        token = ""
        while True:
            query = {"limit": str(size), "labelSelector": selector, "continue": token}
            page = await self._transport.call(
                "GET", kind.path(namespace), query=query, accept=accept
            )
            yield page.get("items") or [], page["metadata"]["resourceVersion"]
            token = page["metadata"].get("continue") or ""
            if not token:
                return

    async def create(self, kind: Kind, body: Body, *, manager: str) -> Body:
        """Raises AlreadyExists instead of changing anything."""
        path = kind.path(body["metadata"].get("namespace"))
        return await self._transport.call(
            "POST", path, query={"fieldManager": manager}, body=body, once=True
        )

    async def replace(self, kind: Kind, body: Body, *, manager: str) -> Body:
        """Write the whole object; sent once.

        Raises Conflict when the resourceVersion in the body is not the live one.
        """
        metadata = body["metadata"]
        return await self._transport.call(
            "PUT",
            kind.path(metadata.get("namespace"), metadata["name"]),
            query={"fieldManager": manager},
            body=body,
            once=True,
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
        return await self._transport.call(
            "PATCH",
            f"{path}/{subresource}" if subresource else path,
            query=query,
            body=yamltext.write(body),
            content_type=APPLY,
        )

    async def json_patch(
        self, kind: Kind, namespace: str | None, name: str, operations: list[Body], *, manager: str
    ) -> Body:
        """Patch with its own `test` operations as preconditions; sent once."""
        return await self._transport.call(
            "PATCH",
            kind.path(namespace, name),
            query={"fieldManager": manager},
            body=operations,
            content_type=JSON_PATCH,
            once=True,
        )

    async def merge_patch(
        self, kind: Kind, namespace: str | None, name: str, patch: Body, *, manager: str
    ) -> Body:
        return await self._transport.call(
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
        await self._transport.call(
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
        async with self._transport.stream(kind.path(namespace), query, timeout) as response:
            try:
                async for line in response.content:
                    event: Body = json.loads(line)
                    if event["type"] == "ERROR":
                        status = event["object"]
                        raise errors.from_status(int(status.get("code") or 0), status)
                    yield event
            except (aiohttp.ClientError, TimeoutError):
                return
