"""Kopf's handlers: they only record what a watch saw and put the project's key into the queue."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import kopf

from supamanager_kube import kinds, labels
from supamanager_kube.kinds import Kind
from supamanager_operator.claims import HostClaims
from supamanager_operator.inventory import Inventory, ProjectKey
from supamanager_operator.runner import MANAGED_SELECTOR
from supamanager_operator.workqueue import WorkQueue


class Triggers:
    """`synced` is called at each event after everything was listed once; `relisted` when a watch
    had to list again: what was deleted meanwhile is in no event."""

    def __init__(
        self,
        *,
        queue: WorkQueue[ProjectKey],
        inventory: Inventory,
        claims: HostClaims,
        synced: Callable[[], None],
        relisted: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._inventory = inventory
        self._claims = claims
        self._synced = synced
        self._relisted = relisted
        self._seen: dict[ProjectKey, Any] = {}

    def register(self, registry: kopf.OperatorRegistry) -> None:
        where = (labels.GROUP, labels.VERSION, labels.PLURAL)
        # Indexed before the handlers are called, so that at the start every host is known first.
        kopf.index(*where, id="projects", registry=registry)(self._claim)
        kopf.on.event(*where, id="project", registry=registry)(self._project)
        for kind in kinds.MANAGED:
            self._register_child(registry, kind)

    def _register_child(self, registry: kopf.OperatorRegistry, kind: Kind) -> None:
        # Kopf indexes each object before it calls any handler, also when it lists at the start.
        async def seen(body: kopf.Body, **_: Any) -> None:
            if changed := self._inventory.record(kind, body):
                self._queue.add(changed)

        async def event(body: kopf.Body, type: str | None, memo: kopf.Memo, **_: Any) -> None:  # noqa: A002
            self._synced()
            if type is None and memo.get("seen"):
                self._relisted()
            memo["seen"] = True
            if type == "DELETED" and (changed := self._inventory.remove(kind, body)):
                self._queue.add(changed)

        where = (kind.group, kind.version, kind.plural)
        kopf.index(*where, id=f"{kind.plural}-index", registry=registry)(seen)
        kopf.on.event(*where, id=kind.plural, registry=registry)(event)

    async def _claim(self, body: kopf.Body, **_: Any) -> None:
        for affected in self._claims.record(body):
            self._queue.add(affected)

    async def _project(self, body: kopf.Body, type: str | None, **_: Any) -> None:  # noqa: A002
        """Status changes are our own: what counts is the spec, the deletion and the controls."""
        self._synced()
        metadata = body["metadata"]
        key = (metadata["namespace"], metadata["name"])
        if type == "DELETED":
            self._seen.pop(key, None)
            for affected in self._claims.remove(key):
                self._queue.add(affected)
        else:
            seen = (
                metadata["uid"],
                metadata["generation"],
                metadata.get("deletionTimestamp"),
                labels.FINALIZER in (metadata.get("finalizers") or ()),
                (metadata.get("labels") or {}).get(labels.REF),
                *((metadata.get("annotations") or {}).get(name) for name in _CONTROLS),
            )
            if self._seen.get(key) == seen:
                return
            self._seen[key] = seen
        self._queue.add(key)


_CONTROLS = (labels.RECONCILE, labels.FORCE_DELETE)


def configure(settings: kopf.OperatorSettings, *, instance: str) -> None:
    """Identity, bounds and watches; nothing is written through Kopf."""
    settings.persistence.finalizer = f"{labels.GROUP}/kopf"
    prefix = f"kopf.{labels.GROUP}"
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=prefix, v1=False)
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(
        prefix=prefix, key="last-handled", v1=False
    )
    settings.peering.standalone = True
    settings.watching.chunk_size = 500
    settings.watching.server_timeout = 5 * 60
    settings.watching.client_timeout = 5 * 60 + 10
    settings.watching.connect_timeout = 15
    settings.watching.reconnect_backoff = 1.0
    for kind in kinds.MANAGED:
        settings.watching.label_selectors[kind.group, kind.version, kind.plural] = MANAGED_SELECTOR
    settings.networking.connect_timeout = 10
    settings.networking.request_timeout = 60
    settings.networking.error_backoffs = (1, 2, 3, 5, 8, 13)
    settings.posting.enabled = False
    settings.posting.loggers = False
    settings.posting.level = logging.INFO
    settings.posting.reporting_instance = instance
    settings.process.ultimate_exiting_timeout = 25
    # What there is to watch is known: nobody may list definitions or namespaces for it.
    settings.scanning.disabled = True
