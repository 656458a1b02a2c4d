"""`reconcile(key)`: everything the operator does for one project, from the start, each time.

It may be cut short after any await and repeated; nothing that it writes depends on what it wrote
before, but for the generated values that it reads back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import Body, KubeClient
from supamanager_kube.conditions import Reason
from supamanager_kube.project import SupabaseProject, parse
from supamanager_operator import observe, status
from supamanager_operator.claims import HostClaims
from supamanager_operator.convergence import Convergence, Pass
from supamanager_operator.deletion import Deletion
from supamanager_operator.errors import QuotaExceeded, Retry, Stalled
from supamanager_operator.events import EventRecorder
from supamanager_operator.inventory import Inventory, ProjectKey
from supamanager_operator.observe import ComponentState
from supamanager_operator.settings import Settings
from supamanager_operator.verdicts import Observation

_WATCHFUL: Final = 5.0
"""Pods are not watched: while something is not ready, their reasons are read this often."""
_PATIENT: Final = 30.0
"""The same for what has not been ready for long, and for what a person must mend."""
_LONG: Final = timedelta(minutes=5)


class Reconciler:
    def __init__(
        self,
        *,
        client: KubeClient,
        inventory: Inventory,
        claims: HostClaims,
        events: EventRecorder,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._events = events
        self._settings = settings
        self._now = now
        self._convergence = Convergence(
            client=client, inventory=inventory, claims=claims, settings=settings, now=now
        )
        self._deletion = Deletion(client, cleanup_after=timedelta(seconds=settings.cleanup_seconds))

    async def reconcile(self, key: ProjectKey) -> float | None:
        """Bring one project to its spec; returns when to look again, or None for never.

        Raises:
            Retry: something changed under our hands; look again soon.
            KubeError: the API server did not do what was asked.
        """
        try:
            body = await self._client.get(kinds.PROJECT, *key)
        except errors.NotFound:
            self._forget(key)
            return None
        project = parse(body)
        if project.metadata.deletion_timestamp:
            return await self._delete(project, body)
        await self._events.control(project)
        if project.metadata.annotations.get(labels.RECONCILE) == "disabled":
            run = Pass(project, body)
            await self._convergence.read(run)
            run.stopped = True
            run.applied = status.was_applied(project)
            run.stalled = status.stall(project)
            return await self._report(run)
        if labels.FINALIZER not in project.metadata.finalizers:
            body = await self._add_finalizer(project)
            project = parse(body)
        run = Pass(project, body)
        try:
            await self._convergence.read(run)
            await self._announce(run)
            await self._convergence.converge(run)
        except Stalled as stalled:
            run.stalled = Stalled(
                stalled.reason, run.scrub(stalled.message), about_secrets=stalled.about_secrets
            )
        except QuotaExceeded as refusal:
            run.refused = QuotaExceeded(
                refusal.component, run.scrub(refusal.message), about_secrets=refusal.about_secrets
            )
        if project.spec.paused and (run.stalled or run.refused):
            await self._convergence.halt(run)
        return await self._report(run)

    async def _announce(self, run: Pass) -> None:
        """The first write for a generation says that it is being worked on."""
        project = run.project
        if project.status.observed_generation == project.metadata.generation:
            return
        run.facts = _known_facts(run.body)
        await self._write(run, self._compute(run, self._components(run)))

    def _components(self, run: Pass) -> tuple[ComponentState, ...]:
        return observe.states(run.project, self._convergence.children(run))

    def _compute(
        self, run: Pass, components: tuple[ComponentState, ...], *, pods_gone: bool = False
    ) -> dict[str, Any]:
        seen = Observation(
            components=components,
            volumes=observe.volumes(run.project, self._convergence.children(run)),
            initialized=self._convergence.initialized(run),
            stopped=run.stopped,
            applied=run.applied,
            waiting_for=run.waiting_for,
            init_job=self._convergence.init_job(run),
            pods_gone=pods_gone,
            stalled=run.stalled,
            refused=run.refused,
            secrets_present=run.secrets.complete,
            facts=run.facts or _known_facts(run.body),
        )
        return status.compute(
            run.project,
            seen,
            now=self._now(),
            degraded_after=timedelta(seconds=self._settings.degraded_seconds),
        )

    async def _report(self, run: Pass) -> float:
        """Observe, write the status if it differs, and say when to look again."""
        components = self._components(run)
        pods_gone = False
        pods: list[Body] = []
        if run.project.spec.paused:
            pods = await self._convergence.pods(run, [])
            pods_gone = not pods
        elif lagging := [
            state.name
            for state in components
            if state.enabled and state.version and not (state.available and state.rolled_out)
        ]:
            pods = await self._convergence.pods(run, lagging)
        components = tuple(
            replace(state, trouble=(state.trouble[0], run.scrub(state.trouble[1])))
            for state in observe.explain(components, pods, now=self._now())
        )
        if run.refused:
            trouble = (Reason.QUOTA_EXCEEDED, run.refused.message)
            components = tuple(
                replace(state, trouble=trouble) if state.name == run.refused.component else state
                for state in components
            )
        computed = self._compute(run, components, pods_gone=pods_gone)
        await self._write(run, computed)
        return self._next_look(run, computed, components)

    def _next_look(
        self, run: Pass, computed: dict[str, Any], components: tuple[ComponentState, ...]
    ) -> float:
        resync = self._settings.resync_seconds * random.uniform(0.9, 1.1)  # noqa: S311
        paused = status.find(computed, "Paused")
        pausing = (
            run.project.spec.paused and not run.stopped and not (paused and paused.status == "True")
        )
        stuck = run.refused or (run.stalled and not run.stalled.goes_on)
        if stuck and not pausing:
            return min(_PATIENT, resync)
        ready = status.find(computed, "Ready")
        rollout = status.find(computed, "Reconciling")
        settled = not pausing and (rollout is None or rollout.reason == Reason.RECONCILE_DISABLED)
        down = any(state.enabled and not state.available for state in components)
        if settled and (run.project.spec.paused or not down):
            return resync
        since = datetime.fromisoformat(ready.last_transition_time) if ready else self._now()
        pause = _PATIENT if self._now() - since > _LONG else _WATCHFUL
        return min(pause, resync)

    async def _write(self, run: Pass, computed: dict[str, Any]) -> None:
        if computed == run.body.get("status"):
            return
        metadata = run.project.metadata
        await self._events.transitions(run.project, computed)
        written = await self._client.apply(
            kinds.PROJECT,
            {
                "apiVersion": labels.API_VERSION,
                "kind": labels.KIND,
                "metadata": {
                    "name": metadata.name,
                    "namespace": metadata.namespace,
                    "uid": metadata.uid,
                },
                "status": computed,
            },
            manager=labels.MANAGER_STATUS,
            force=True,
            subresource="status",
        )
        run.body = {**run.body, "status": written.get("status")}
        run.project = run.project.model_copy(update={"status": parse(run.body).status})

    async def _add_finalizer(self, project: SupabaseProject) -> Body:
        metadata = project.metadata
        value: Any = labels.FINALIZER if metadata.finalizers else [labels.FINALIZER]
        path = "/metadata/finalizers/-" if metadata.finalizers else "/metadata/finalizers"
        operations = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": metadata.resource_version},
            {"op": "add", "path": path, "value": value},
        ]
        try:
            return await self._client.json_patch(
                kinds.PROJECT,
                metadata.namespace,
                metadata.name,
                operations,
                manager=labels.MANAGER_OPERATOR,
            )
        except (errors.Conflict, errors.Invalid):
            raise Retry(0.2) from None

    async def _delete(self, project: SupabaseProject, body: Body) -> float | None:
        if labels.FINALIZER not in project.metadata.finalizers:
            return None
        try:
            progress = await self._deletion.advance(project)
        except (errors.Conflict, errors.Invalid):
            raise Retry(0.5) from None
        if not progress.message:
            self._forget(project.key)
            return None
        computed = status.deleting(
            project, message=progress.message, blocked=progress.blocked, now=self._now()
        )
        await self._write(Pass(project, body), computed)
        return progress.again_after

    def _forget(self, key: ProjectKey) -> None:
        self._convergence.forget(key)
        self._events.forget(key)


def _known_facts(body: Body) -> dict[str, Any]:
    """The facts that the last status told."""
    known = body.get("status") or {}
    return {
        name: known[name]
        for name in ("endpoints", "secretRefs", "apiKeys", "version", "postgresVersion")
        if name in known
    }
