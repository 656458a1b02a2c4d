"""Brings the objects of one project to what its spec renders, stage after stage."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from supamanager_kube import kinds, labels
from supamanager_kube import secrets as layout
from supamanager_kube.client import Body, KubeClient
from supamanager_kube.components import Stage
from supamanager_kube.conditions import Reason, Type
from supamanager_kube.project import SupabaseProject
from supamanager_operator import choices, observe, render, scrub
from supamanager_operator.apply import ChildWriter
from supamanager_operator.claims import HostClaims
from supamanager_operator.errors import QuotaExceeded, Stalled
from supamanager_operator.facts import facts
from supamanager_operator.initjob import InitJobs
from supamanager_operator.inventory import Child, ChildKey, Inventory
from supamanager_operator.render import Rendered
from supamanager_operator.render.inputs import Cluster, Inputs
from supamanager_operator.scrub import Scrubber
from supamanager_operator.secretstore import Secrets, SecretStore
from supamanager_operator.settings import Settings
from supamanager_operator.workload import JobState

logger = logging.getLogger(__name__)


@dataclass
class Pass:
    """What one reconcile has found out so far."""

    project: SupabaseProject
    body: Body
    secrets: Secrets = field(default_factory=lambda: Secrets({}))
    scrub: Scrubber = field(default_factory=Scrubber)
    rendered: list[Rendered] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False
    """Whether an annotation keeps the operator from writing."""
    applied: bool = False
    waiting_for: str = ""
    stalled: Stalled | None = None
    refused: QuotaExceeded | None = None

    def learn(self, secrets: Secrets) -> None:
        """From now on texts of this reconcile, its logs included, are without these values."""
        self.secrets = secrets
        self.scrub = Scrubber(secrets.values())
        scrub.current.set(self.scrub)


class Convergence:
    def __init__(
        self,
        *,
        client: KubeClient,
        inventory: Inventory,
        claims: HostClaims,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._inventory = inventory
        self._claims = claims
        self._secrets = SecretStore(client)
        self._writer = ChildWriter(client, inventory)
        self._init_jobs = InitJobs(client, inventory, now=now)
        self._cluster = Cluster(
            api_namespace=settings.api_namespace,
            log_router_namespace=settings.log_router_namespace,
            api_server_cidrs=settings.api_server_cidrs,
        )

    def forget(self, key: tuple[str, str]) -> None:
        self._secrets.forget(key)
        self._init_jobs.forget(key)

    async def read(self, run: Pass) -> None:
        """Load the Secrets, so that from now on every text can be scrubbed."""
        key = run.project.key
        run.learn(await self._secrets.load(*key))

    async def converge(self, run: Pass) -> None:
        """Write what differs and remove what is too much.

        A host that is another's is left out, and the rest goes on: `run.stalled` says so.

        Raises:
            Stalled, QuotaExceeded, Retry, KubeError
        """
        project = run.project
        children = self.children(run)
        release = choices.release(project, recorded=run.secrets.release)
        postgres_version = choices.postgres_version(project, release, children)
        secrets = await self._secrets.ensure(
            project,
            run.secrets,
            release=release.version,
            has_data=choices.volume(project, children) is not None,
        )
        run.learn(secrets)
        inputs = Inputs(
            project=self._with_own_host(run),
            release=release,
            postgres_version=postgres_version,
            restarted={c.name: c.restarted_at for c in observe.states(project, children)},
            keys=run.secrets.data(layout.KEYS),
            database=run.secrets.data(layout.DATABASE),
            dashboard=run.secrets.data(layout.DASHBOARD),
            internal=run.secrets.data(layout.INTERNAL),
            cluster=self._cluster,
        )
        run.facts = facts(inputs)
        run.rendered = _render(inputs)
        await self._apply(run)
        await self._writer.prune(project, [entry.body for entry in run.rendered])
        await self._init_jobs.check(project, run.rendered, said=lambda: self._init_said(run))

    async def halt(self, run: Pass) -> None:
        """End what runs of a project that is paused and cannot be brought to its spec.

        Raises:
            Retry, KubeError
        """
        await self._writer.halt(run.project)

    def _with_own_host(self, run: Pass) -> SupabaseProject:
        try:
            self._claims.check(run.project)
        except Stalled as conflict:
            run.stalled = conflict
            spec = run.project.spec
            http = spec.http.model_copy(update={"host": None})
            return run.project.model_copy(update={"spec": spec.model_copy(update={"http": http})})
        return run.project

    async def _apply(self, run: Pass) -> None:
        """Apply stage after stage; before the first start is complete, each waits for the one
        before it."""
        gated = not (self.initialized(run) or run.project.spec.paused)
        for stage in Stage:
            await self._apply_stage(run, stage)
            run.applied = stage is Stage.GATEWAY
            if gated and (waiting_for := await self._unready(run, stage)):
                run.waiting_for = waiting_for
                return
        if gated and (volume := self._volume(run)):
            run.secrets = await self._secrets.mark_initialized(
                run.project, run.secrets, volume=volume
            )

    async def _apply_stage(self, run: Pass, stage: Stage) -> None:
        bodies = [entry.body for entry in run.rendered if entry.stage is stage]
        secrets = [body for body in bodies if body["kind"] == kinds.SECRET.name]
        for body in secrets:
            suffix = body["metadata"]["name"].removeprefix(f"{run.project.metadata.name}-")
            await self._writer.apply_secret(run.project, body, live=run.secrets.bodies.get(suffix))
        await self._writer.apply(
            run.project, [body for body in bodies if body["kind"] != kinds.SECRET.name]
        )

    async def _unready(self, run: Pass, stage: Stage) -> str:
        """What the stage waits for; empty when it is ready."""
        if stage is Stage.INIT:
            return "" if self.init_job(run) == "Complete" else "the init Job"
        states = {state.name: state for state in observe.states(run.project, self.children(run))}
        waiting = [
            name
            for entry in run.rendered
            if entry.stage is stage
            and (name := entry.component or "") in states
            and not states[name].available
        ]
        return ", ".join(dict.fromkeys(waiting))

    async def _init_said(self, run: Pass) -> str:
        pods = await self.pods(run, ["init"])
        return observe.failure_text(pods).strip() or "it said nothing"

    def init_job(self, run: Pass) -> JobState:
        return self._init_jobs.state(run.project, run.rendered)

    def children(self, run: Pass) -> Mapping[ChildKey, Child]:
        return self._inventory.children(run.project.key)

    def _volume(self, run: Pass) -> str | None:
        return choices.volume(run.project, self.children(run))

    def initialized(self, run: Pass) -> bool:
        """Whether the first start was completed on the volume that there is."""
        if run.secrets.bodies.get(layout.DATABASE) is None:
            # The record went with its Secret; what it said last still holds.
            known = run.project.status.condition(Type.INITIALIZED)
            return known is not None and known.status == "True"
        volume = self._volume(run)
        return volume is not None and run.secrets.initialized == volume

    async def pods(self, run: Pass, components: list[str]) -> list[Body]:
        """The pods of these components, or all of the project's."""
        selector = f"{labels.PROJECT}={run.project.metadata.name}"
        if components:
            selector += f",{labels.PROJECT_COMPONENT} in ({','.join(components)})"
        pods, _ = await self._client.list_all(
            kinds.POD, run.project.metadata.namespace, selector=selector
        )
        return pods


def _render(inputs: Inputs) -> list[Rendered]:
    try:
        return render.render(inputs)
    except Exception as error:
        # Nothing of a project that cannot be rendered is written or pruned, and its status says so.
        logger.exception("a project cannot be rendered", extra={"project": inputs.name})
        raise Stalled(
            Reason.INVALID_CONFIGURATION,
            f"this operator cannot render the project: {type(error).__name__}; its log says more",
        ) from None
