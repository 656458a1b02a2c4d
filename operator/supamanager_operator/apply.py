"""Writes a project's children: server-side apply that is skipped when nothing changed, and prune.

An object that no watch has shown is looked up by its name first, so that one that belongs to
somebody else is refused instead of taken over.
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import logging
from collections.abc import Awaitable, Iterable
from typing import Final

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import Body, KubeClient
from supamanager_kube.kinds import Kind
from supamanager_kube.project import SupabaseProject
from supamanager_operator import comparison, ownership, refusals, retention
from supamanager_operator.errors import Retry
from supamanager_operator.inventory import Child, Inventory

logger = logging.getLogger(__name__)

_IN_FLIGHT: Final = 8
_LEAVING_PAUSE: Final = 1.0


def rendering_hash(body: Body) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class ChildWriter:
    def __init__(self, client: KubeClient, inventory: Inventory) -> None:
        self._client = client
        self._inventory = inventory

    async def apply(self, project: SupabaseProject, bodies: Iterable[Body]) -> None:
        """Apply what differs, eight at a time; the first failure is raised after all have ended.

        Raises:
            Stalled: an object belongs to somebody else, or the server refuses the rendering.
            QuotaExceeded: a quota refuses it.
            KubeError, Retry
        """
        slots = asyncio.Semaphore(_IN_FLIGHT)

        async def one(body: Body) -> None:
            async with slots:
                await self._apply(project, body)

        results = await asyncio.gather(*(one(body) for body in bodies), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _apply(self, project: SupabaseProject, body: Body) -> None:
        kind = kinds.of(body)
        child_key = (kind.name, body["metadata"]["name"])
        wanted = rendering_hash(body)
        child = self._inventory.children(project.key).get(child_key)
        if child and kind is not kinds.VOLUME_CLAIM and _leaving(child, project):
            raise Retry(_LEAVING_PAUSE)
        if child and self._unchanged(child, body, wanted):
            self._inventory.verified(project.key, child_key)
            return
        document = copy.deepcopy(comparison.claim(body))
        document["metadata"].setdefault("annotations", {})[labels.APPLIED_HASH] = wanted
        try:
            if child is None:
                await self._check_name(project, kind, child_key[1])
            live = await self._send(kind, document)
        except errors.KubeError as error:
            raise refusals.meaning(kind, document, error) from None
        self._inventory.record(kind, live)
        self._inventory.verified(project.key, child_key)
        if kind is kinds.VOLUME_CLAIM:
            await retention.take_back(self._client, kind, live)

    async def _send(self, kind: Kind, document: Body) -> Body:
        def apply() -> Awaitable[Body]:
            return self._client.apply(kind, document, manager=labels.MANAGER_OPERATOR, force=True)

        try:
            return await apply()
        except errors.Invalid as error:
            if [cause.field for cause in error.causes] != ["spec.strategy.rollingUpdate"]:
                raise
        # The server filled it in, or somebody else wrote it, for another type of strategy; an apply
        # cannot take out what its manager never set.
        metadata = document["metadata"]
        strategy = {**document["spec"]["strategy"], "rollingUpdate": None}
        await self._client.merge_patch(
            kind,
            metadata["namespace"],
            metadata["name"],
            {"spec": {"strategy": strategy}},
            manager=labels.MANAGER_OPERATOR,
        )
        return await apply()

    def _unchanged(self, child: Child, body: Body, wanted: str) -> bool:
        if child.applied_hash != wanted or child.labels.get(labels.RETAINED_FROM):
            return False
        live = child.content()
        return live is None or comparison.holds(_found(live, body), body)

    async def _check_name(self, project: SupabaseProject, kind: Kind, name: str) -> None:
        """Raises Stalled when an object of this name belongs to somebody else."""
        try:
            live = await self._client.get(kind, project.metadata.namespace, name)
        except errors.NotFound:
            return
        ownership.check(kind, live, project)

    async def apply_secret(
        self, project: SupabaseProject, body: Body, *, live: Body | None
    ) -> None:
        """A derived Secret: no watch shows it, so the live one was just read.

        Raises:
            Stalled: it belongs to somebody else, or the server refuses it.
            QuotaExceeded: a quota refuses it.
            Retry: it is on its way out, or somebody wrote it in the meantime.
            KubeError
        """
        document = body
        if live is not None:
            if ownership.left_behind(live, project):
                raise Retry(_LEAVING_PAUSE)
            ownership.check(kinds.SECRET, live, project)
            version = live["metadata"]["resourceVersion"]
            document = {**body, "metadata": {**body["metadata"], "resourceVersion": version}}
        if live is None or not comparison.holds(live, body):
            try:
                live = await self._client.apply(
                    kinds.SECRET, document, manager=labels.MANAGER_OPERATOR, force=True
                )
            except errors.Conflict:
                raise Retry(0.5) from None
            except errors.KubeError as error:
                raise refusals.meaning(kinds.SECRET, document, error) from None
        await retention.take_back(self._client, kinds.SECRET, live)

    async def prune(self, project: SupabaseProject, bodies: Iterable[Body]) -> None:
        """Delete this project's children that are no longer rendered; volumes always stay.

        The inventory only names candidates: what is deleted was read first, and has not changed
        since.
        """
        rendered = {(body["kind"], body["metadata"]["name"]) for body in bodies}
        for kind in kinds.MANAGED:
            if kind is kinds.VOLUME_CLAIM:
                continue
            for child_key, child in list(self._inventory.children(project.key).items()):
                if (
                    child_key[0] == kind.name
                    and child_key not in rendered
                    and child.project_uid == project.metadata.uid
                    and not child.deleting
                ):
                    await self._prune(project, kind, child_key[1])

    async def halt(self, project: SupabaseProject) -> None:
        """Take every workload of this project to zero replicas, and its Jobs away, whatever else
        is wrong with it.

        Raises:
            Retry, KubeError
        """
        children = self._inventory.children(project.key)
        for kind in kinds.WORKLOADS:
            for (kind_name, name), child in list(children.items()):
                if (
                    kind_name != kind.name
                    or child.project_uid != project.metadata.uid
                    or child.deleting
                ):
                    continue
                if kind is kinds.JOB:
                    await self._prune(project, kind, name)
                elif child.workload and child.workload.wanted:
                    await self._scale_to_zero(project, kind, name)

    async def _scale_to_zero(self, project: SupabaseProject, kind: Kind, name: str) -> None:
        namespace = project.metadata.namespace
        try:
            live = await self._client.get(kind, namespace, name)
            if not ownership.belongs(live, project):
                return
            scaled = await self._client.merge_patch(
                kind,
                namespace,
                name,
                {"metadata": {"uid": live["metadata"]["uid"]}, "spec": {"replicas": 0}},
                manager=labels.MANAGER_OPERATOR,
            )
        except errors.NotFound:
            return
        except errors.Conflict:
            raise Retry(1.0) from None
        self._inventory.record(kind, scaled)

    async def _prune(self, project: SupabaseProject, kind: Kind, name: str) -> None:
        try:
            live = await self._client.get(kind, project.metadata.namespace, name)
            if not ownership.belongs(live, project):
                return
            await self._client.delete(
                kind,
                project.metadata.namespace,
                name,
                uid=live["metadata"]["uid"],
                resource_version=live["metadata"]["resourceVersion"],
            )
        except errors.NotFound:
            return
        except errors.Conflict:
            raise Retry(1.0) from None
        logger.info("pruned", extra={"child": f"{kind.name}/{name}"})


def _leaving(child: Child, project: SupabaseProject) -> bool:
    """Whether it is on its way out: deleted, or left by a deleted project of this name."""
    return child.deleting or child.project_uid not in ("", project.metadata.uid)


def _found(live: Body, body: Body) -> Body:
    """The live content with the kind, name and namespace that it was found by."""
    named = {key: body["metadata"][key] for key in ("name", "namespace")}
    return {**live, "metadata": {**live["metadata"], **named}}
