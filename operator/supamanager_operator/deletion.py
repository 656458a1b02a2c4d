"""What happens between a project's deletion and its end.

Workloads end first, so that nothing writes any more; then volumes and Secrets are kept or deleted
as the policy says at that moment; then the finalizer goes, and the garbage collector takes the
rest. Each step is repeated until it is true, so it may be cut short anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from supamanager_kube import errors, kinds, labels, names
from supamanager_kube import secrets as layout
from supamanager_kube.client import Body, KubeClient
from supamanager_kube.kinds import Kind
from supamanager_kube.project import SupabaseProject
from supamanager_operator import ownership, secretdocument

_PAUSE: Final = 1.0
_SLOW_PAUSE: Final = 30.0


@dataclass(frozen=True)
class Progress:
    """`message` says what is waited for; a finished deletion has none."""

    message: str = ""
    blocked: bool = False
    again_after: float = _PAUSE


class Deletion:
    def __init__(self, client: KubeClient, *, cleanup_after: timedelta) -> None:
        self._client = client
        self._cleanup_after = cleanup_after

    async def advance(self, project: SupabaseProject) -> Progress:
        """Do what can be done now."""
        try:
            return await self._advance(project)
        except errors.Forbidden:
            # A namespace that is deleted takes our Roles in it away, and everything else as well.
            if not await self._namespace_ends(project):
                raise
        await self._release(project)
        return Progress()

    async def _advance(self, project: SupabaseProject) -> Progress:
        forced = project.metadata.annotations.get(labels.FORCE_DELETE) == "true"
        remaining = await self._end_workloads(project)
        if remaining and not forced:
            return self._waiting(project, f"waiting for {', '.join(remaining)} to end")
        await self._settle_volumes(project)
        await self._settle_secrets(project)
        await self._release(project)
        return Progress()

    async def _namespace_ends(self, project: SupabaseProject) -> bool:
        body = await self._client.get(kinds.NAMESPACE, None, project.metadata.namespace)
        return "deletionTimestamp" in body["metadata"]

    def _waiting(self, project: SupabaseProject, message: str) -> Progress:
        asked = datetime.fromisoformat(project.metadata.deletion_timestamp or "")
        blocked = datetime.now(UTC) - asked > self._cleanup_after
        return Progress(message, blocked, _SLOW_PAUSE if blocked else _PAUSE)

    async def _end_workloads(self, project: SupabaseProject) -> list[str]:
        """Deletes what runs; returns the components that still have a pod."""
        for kind in kinds.WORKLOADS:
            for body in await self._owned(project, kind):
                if "deletionTimestamp" not in body["metadata"]:
                    await self._delete(kind, body)
        pods, _ = await self._client.list_all(
            kinds.POD, project.metadata.namespace, selector=_selector(project)
        )
        return sorted(
            {pod["metadata"]["labels"].get(labels.PROJECT_COMPONENT, "a pod") for pod in pods}
        )

    async def _settle_volumes(self, project: SupabaseProject) -> None:
        for body in await self._owned(project, kinds.VOLUME_CLAIM):
            await self._settle(project, kinds.VOLUME_CLAIM, body)

    async def _settle_secrets(self, project: SupabaseProject) -> None:
        for suffix in layout.SECRETS:
            name = names.child(project.metadata.name, suffix)
            try:
                body = await self._client.get(kinds.SECRET, project.metadata.namespace, name)
            except errors.NotFound:
                continue
            if not _is_secret_of(project, suffix, body):
                continue
            if project.spec.deletion_policy == "Delete" and secretdocument.brought(body):
                await self._give_back(body)
            else:
                await self._settle(project, kinds.SECRET, body)

    async def _settle(self, project: SupabaseProject, kind: Kind, body: Body) -> None:
        if project.spec.deletion_policy == "Delete":
            await self._delete(kind, body)
            return
        metadata = body["metadata"]
        known: dict[str, str] = metadata.get("labels") or {}
        if known.get(labels.RETAINED_FROM) == project.metadata.uid:
            return
        retained = {
            labels.RETAINED_FROM: project.metadata.uid,
            labels.RETAINED_AT: str(int(datetime.now(UTC).timestamp())),
        }
        await self._mark(kind, body, {"labels": retained})

    async def _give_back(self, body: Body) -> None:
        """What the operator added to the values stays: whoever brought them may use it."""
        metadata = body["metadata"]
        gone = {
            field: dict.fromkeys(secretdocument.MARKS & (metadata.get(field) or {}).keys())
            for field in ("labels", "annotations")
        }
        await self._mark(kinds.SECRET, body, gone)

    async def _mark(self, kind: Kind, body: Body, changes: dict[str, Any]) -> None:
        metadata = body["metadata"]
        try:
            await self._client.merge_patch(
                kind,
                metadata["namespace"],
                metadata["name"],
                {"metadata": {"uid": metadata["uid"], **changes}},
                manager=labels.MANAGER_OPERATOR,
            )
        except (errors.NotFound, errors.Conflict):
            return

    async def _release(self, project: SupabaseProject) -> None:
        finalizers = project.metadata.finalizers
        if labels.FINALIZER not in finalizers:
            return
        index = finalizers.index(labels.FINALIZER)
        operations: list[dict[str, Any]] = [
            {
                "op": "test",
                "path": "/metadata/resourceVersion",
                "value": project.metadata.resource_version,
            },
            {"op": "remove", "path": f"/metadata/finalizers/{index}"},
        ]
        await self._client.json_patch(
            kinds.PROJECT,
            project.metadata.namespace,
            project.metadata.name,
            operations,
            manager=labels.MANAGER_OPERATOR,
        )

    async def _owned(self, project: SupabaseProject, kind: Kind) -> list[Body]:
        bodies, _ = await self._client.list_all(
            kind, project.metadata.namespace, selector=_selector(project)
        )
        return [
            {**body, "metadata": {"namespace": project.metadata.namespace, **body["metadata"]}}
            for body in bodies
            if _is_ours(project, body)
        ]

    async def _delete(self, kind: Kind, body: Body) -> None:
        metadata = body["metadata"]
        try:
            await self._client.delete(
                kind, metadata["namespace"], metadata["name"], uid=metadata["uid"]
            )
        except (errors.NotFound, errors.Conflict):
            return


def _selector(project: SupabaseProject) -> str:
    return f"{labels.PROJECT}={project.metadata.name}"


def _is_ours(project: SupabaseProject, body: Body) -> bool:
    found: dict[str, str] = body["metadata"].get("labels") or {}
    return found.get(labels.PROJECT_UID) == project.metadata.uid


def _is_secret_of(project: SupabaseProject, suffix: str, body: Body) -> bool:
    if suffix != layout.INPUTS:
        return _is_ours(project, body) and ownership.belongs(body, project)
    # The operator does not label what others write.
    named = project.spec.inputs_revision >= 1 and ownership.free(body)
    return named or ownership.belongs(body, project)
