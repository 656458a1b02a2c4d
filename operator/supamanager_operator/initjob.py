"""The init Job of each project: what became of it, and when a failed one is made again.

A Job of the same content that failed may succeed later, when the database starts, say, or has space
again; and nothing but a new Job tries.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from supamanager_kube import errors, kinds
from supamanager_kube.client import KubeClient
from supamanager_kube.conditions import Reason
from supamanager_kube.project import SupabaseProject
from supamanager_operator import observe
from supamanager_operator.errors import Stalled
from supamanager_operator.inventory import Child, Inventory, ProjectKey
from supamanager_operator.render import Rendered
from supamanager_operator.workload import JobState

logger = logging.getLogger(__name__)

_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(minutes=30)


@dataclass
class _Failures:
    """Of Jobs of one content; `uid` is the last that failed, and `said` what it did."""

    name: str
    count: int = 0
    uid: str = ""
    said: str = ""
    again_at: datetime | None = None


class InitJobs:
    def __init__(
        self, client: KubeClient, inventory: Inventory, *, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._now = now
        self._failures: dict[ProjectKey, _Failures] = {}

    def forget(self, key: ProjectKey) -> None:
        self._failures.pop(key, None)

    def state(self, project: SupabaseProject, rendered: Iterable[Rendered]) -> JobState:
        """Empty when no init Job is rendered."""
        name = _name(rendered)
        return _state(self._child(project, name)) if name else ""

    async def check(
        self,
        project: SupabaseProject,
        rendered: Iterable[Rendered],
        *,
        said: Callable[[], Awaitable[str]],
    ) -> None:
        """Delete a Job that failed, so that it is made again: a minute after the first failure,
        twice as long after each further one, and only while the database is available.

        `said` reads what a failed Job said at its end.

        Raises:
            Stalled: the Job has failed; until it succeeds, also while it is tried again.
        """
        name = _name(rendered)
        child = self._child(project, name) if name else None
        state = _state(child) if name else ""
        known = self._failures.get(project.key)
        if known and known.name != name:
            known = None
        if child and state == "Failed":
            known = known or _Failures(name)
            known.said = await said()
            if known.uid != child.uid:
                known.uid, known.count = child.uid, known.count + 1
                pause = min(_FIRST_PAUSE * 2 ** min(known.count - 1, 10), _LONGEST_PAUSE)
                known.again_at = self._now() + pause
        elif state != "Active":
            known = None
        if known is None:
            self.forget(project.key)
            return
        self._failures[project.key] = known
        if child and state == "Failed" and known.again_at and self._now() >= known.again_at:
            await self._remove(project, child, name=name)
        raise Stalled(Reason.INIT_FAILED, f"the init Job failed: {known.said}")

    async def _remove(self, project: SupabaseProject, child: Child, *, name: str) -> None:
        states = observe.states(project, self._inventory.children(project.key))
        if not any(state.name == "database" and state.available for state in states):
            return
        try:
            await self._client.delete(kinds.JOB, project.metadata.namespace, name, uid=child.uid)
        except (errors.NotFound, errors.Conflict):
            return
        logger.info("a failed init Job is made again", extra={"child": f"{kinds.JOB.name}/{name}"})

    def _child(self, project: SupabaseProject, name: str) -> Child | None:
        return self._inventory.children(project.key).get((kinds.JOB.name, name))


def _name(rendered: Iterable[Rendered]) -> str:
    names = [
        entry.body["metadata"]["name"] for entry in rendered if entry.body["kind"] == kinds.JOB.name
    ]
    return names[0] if names else ""


def _state(child: Child | None) -> JobState:
    return child.workload.job if child and child.workload else "Active"
