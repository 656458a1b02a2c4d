"""`python -m supamanager_operator`: one operator process, until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from dataclasses import replace
from typing import Any

import kopf

from supamanager_kube.client import KubeClient
from supamanager_kube.errors import KubeError
from supamanager_kube.labels import MANAGER_OPERATOR
from supamanager_operator import handlers, health, logs, metrics, platformsecret, preflight, runner
from supamanager_operator.claims import HostClaims
from supamanager_operator.events import EventRecorder
from supamanager_operator.handlers import Triggers
from supamanager_operator.inventory import Inventory, ProjectKey
from supamanager_operator.limiter import TokenBucket
from supamanager_operator.reconciler import Reconciler
from supamanager_operator.settings import InvalidSetting, Settings
from supamanager_operator.workqueue import WorkQueue

logger = logging.getLogger(__name__)


class Operator:
    """Puts the parts together, inside Kopf's start and cleanup."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._instance = os.environ.get("POD_NAME") or socket.gethostname()
        self._vitals = health.Vitals()
        self._inventory = Inventory()
        self._claims = HostClaims(domain_base=settings.domain_base)
        self._queue: WorkQueue[ProjectKey] = WorkQueue()
        self._client: KubeClient | None = None
        self._runner: runner.Runner | None = None
        self._sweeper: runner.Sweeper | None = None
        self._started = False
        self._exit_code = 0
        self._end = asyncio.Event()
        self.registry = kopf.OperatorRegistry()
        Triggers(
            queue=self._queue,
            inventory=self._inventory,
            claims=self._claims,
            synced=self._synced,
            relisted=self._relisted,
        ).register(self.registry)
        kopf.on.startup(registry=self.registry)(self._start)
        kopf.on.cleanup(registry=self.registry)(self._stop)
        kopf.on.login(registry=self.registry)(_login)

    async def run(self) -> int:
        """The exit code: 1 when a part has failed that cannot go on."""
        settings = self._settings
        where: dict[str, Any] = (
            {"clusterwide": True} if settings.cluster_wide else {"namespaces": settings.namespaces}
        )
        await kopf.operator(registry=self.registry, standalone=True, stop_flag=self._end, **where)
        return self._exit_code

    def _fail(self) -> None:
        self._exit_code = 1
        self._end.set()

    async def _start(self, settings: kopf.OperatorSettings, **_: Any) -> None:
        ours = self._settings
        handlers.configure(settings, instance=self._instance, cluster_wide=ours.cluster_wide)
        bucket = TokenBucket(rate=ours.rate, burst=ours.burst)
        self._client = await KubeClient.connect(
            user_agent=MANAGER_OPERATOR, observer=metrics.count_request, acquire=bucket.acquire
        )
        reconciler = Reconciler(
            client=self._client,
            inventory=self._inventory,
            claims=self._claims,
            events=EventRecorder(self._client, instance=self._instance),
            settings=ours,
        )
        self._runner = runner.Runner(
            queue=self._queue,
            reconcile=reconciler.reconcile,
            vitals=self._vitals,
            workers=ours.workers,
            fail=self._fail,
        )
        health.serve(
            ours.bind_address, ours.health_port, {"/healthz": health.health_route(self._vitals)}
        )
        health.serve(ours.bind_address, ours.metrics_port, {"/metrics": health.metrics_route})
        self._runner.start_heartbeat()
        logger.info("started", extra={"namespaces": ",".join(ours.namespaces)})

    def _synced(self) -> None:
        """Kopf calls no handler before everything was listed: from then on the inventory is
        whole."""
        if self._started or self._runner is None or self._client is None:
            return
        self._started = True
        namespaces: tuple[str | None, ...] = (
            (None,) if self._settings.cluster_wide else self._settings.namespaces
        )
        self._sweeper = runner.Sweeper(
            client=self._client,
            inventory=self._inventory,
            queue=self._queue,
            namespaces=namespaces,
            every=self._settings.sweep_seconds,
        )
        self._runner.start(self._sweeper.run())

    def _relisted(self) -> None:
        if self._sweeper:
            self._sweeper.ask()

    async def _stop(self, **_: Any) -> None:
        # Kopf waits five seconds for whoever still waits for its stop flag.
        self._end.set()
        if self._runner:
            await self._runner.stop()
        if self._client:
            await self._client.close()


async def _login(settings: kopf.OperatorSettings, **_: Any) -> kopf.ConnectionInfo | None:
    """The same places that the client looks at: $KUBECONFIG, the pod's token, ~/.kube/config."""
    in_cluster = None
    if not os.environ.get("KUBECONFIG"):
        in_cluster = kopf.login_with_service_account(settings=settings)
    return in_cluster or kopf.login_with_kubeconfig(settings=settings)


def main() -> int:
    try:
        settings = Settings.read()
    except InvalidSetting as error:
        print(f"supamanager-operator: {error}", file=sys.stderr)  # noqa: T201
        return 2
    logs.configure(settings.log_level)

    async def run() -> int:
        try:
            if place := settings.platform_secret_name:
                await platformsecret.ensure(place)
            namespaces = await preflight.usable(settings.namespaces)
        except (preflight.Impossible, KubeError) as reason:
            logger.error("%s", reason)
            return 1
        return await Operator(replace(settings, namespaces=namespaces)).run()

    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
