"""`python -m supamanager_operator`: one operator process, until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Coroutine
from functools import partial
from typing import Any

import kopf

from supamanager_kube.client import KubeClient
from supamanager_kube.errors import KubeError
from supamanager_kube.labels import MANAGER_OPERATOR
from supamanager_operator import handlers, health, logs, metrics, platformsecret, preflight, runner
from supamanager_operator.claims import HostClaims
from supamanager_operator.election import Terms
from supamanager_operator.events import EventRecorder
from supamanager_operator.handlers import Triggers
from supamanager_operator.inventory import Inventory, ProjectKey
from supamanager_operator.lease import Lease
from supamanager_operator.limiter import TokenBucket
from supamanager_operator.reconciler import Reconciler
from supamanager_operator.settings import InvalidSetting, Settings
from supamanager_operator.workqueue import WorkQueue

logger = logging.getLogger(__name__)


class Operator:
    """Puts the parts together: first the Lease, then Kopf with its start and cleanup."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._namespaces = settings.namespaces
        # A pod's name is unique; processes on one machine share the name of their host.
        self._instance = (
            os.environ.get("POD_NAME") or f"{socket.gethostname()}-{secrets.token_hex(4)}"
        )
        # The audit log tells the replicas apart by what they call themselves.
        self._connect = partial(
            KubeClient.connect,
            user_agent=f"{MANAGER_OPERATOR}/{self._instance}",
            observer=metrics.count_request,
        )
        self._vitals = health.Vitals()
        self._inventory = Inventory()
        self._claims = HostClaims(domain_base=settings.domain_base)
        self._queue: WorkQueue[ProjectKey] = WorkQueue()
        self._lease = Lease(
            place=settings.lease_name,
            identity=self._instance,
            terms=Terms(settings.lease_seconds),
            connect=self._connect,
            beat=lambda: self._vitals.beat("the Lease"),
        )
        self._bucket = TokenBucket(rate=settings.rate, burst=settings.burst)
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
        self._listen()
        beating = asyncio.create_task(
            runner.heartbeat(queue=self._queue, vitals=self._vitals, check=self._lease.check)
        )
        try:
            if await self._unless_ended(self._lead()):
                await self._operate()
        except (preflight.Impossible, KubeError) as reason:
            logger.error("%s", reason)
            self._exit_code = 1
        finally:
            await self._shut()
            beating.cancel()
        return self._exit_code

    def _listen(self) -> None:
        settings, vitals = self._settings, self._vitals
        probes = {"/healthz": health.health_route(vitals), "/readyz": health.ready_route(vitals)}
        health.serve(settings.bind_address, settings.health_port, probes)
        health.serve(
            settings.bind_address, settings.metrics_port, {"/metrics": health.metrics_route}
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            # Until Kopf puts its own in their place.
            loop.add_signal_handler(number, self._end.set)
        # A process that was stopped goes on in the middle of a request.
        signal.signal(signal.SIGCONT, lambda *_: self._lease.check())

    async def _unless_ended(self, work: Coroutine[Any, Any, None]) -> bool:
        """False when the end was asked for before the work was done."""
        doing = asyncio.create_task(work)
        ending = asyncio.create_task(self._end.wait())
        await asyncio.wait((doing, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if doing.done():
            doing.result()
            return True
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        return False

    async def _lead(self) -> None:
        """Until this replica leads and knows where it may work.

        What is wrong with the cluster shows before it leads, so that a new version that cannot
        work here does not take the place of one that can.
        """
        wanted = self._settings.namespaces
        self._namespaces = await preflight.usable(wanted)
        if place := self._settings.platform_secret_name:
            await preflight.patiently(partial(platformsecret.ensure, place))
        self._vitals.ready = True
        if await self._lease.acquire():
            self._namespaces = await preflight.usable(wanted)

    async def _operate(self) -> None:
        where: dict[str, Any] = (
            {"clusterwide": True}
            if self._settings.cluster_wide
            else {"namespaces": self._namespaces}
        )
        await kopf.operator(registry=self.registry, standalone=True, stop_flag=self._end, **where)

    def _fail(self) -> None:
        self._exit_code = 1
        self._end.set()

    async def _turn(self) -> None:
        """Before each request of a reconcile: not too many, and only as the leader."""
        await self._bucket.acquire()
        self._lease.check()

    async def _start(self, settings: kopf.OperatorSettings, **_: Any) -> None:
        ours = self._settings
        handlers.configure(settings, instance=self._instance)
        self._client = await self._connect(acquire=self._turn)
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
            workers=ours.workers,
            fail=self._fail,
        )
        logger.info("started", extra={"namespaces": ",".join(self._namespaces)})

    def _synced(self) -> None:
        """Kopf calls no handler before everything was listed: from then on the inventory is
        whole."""
        if self._started or self._runner is None or self._client is None:
            return
        self._started = True
        namespaces: tuple[str | None, ...] = (
            (None,) if self._settings.cluster_wide else self._namespaces
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
        await self._shut()

    async def _shut(self) -> None:
        """End what writes, and only then let another lead; may be called again.

        A reconcile ends before its next request: another replica goes on from there, as it does
        after a kill.
        """
        self._bucket.close()
        if self._runner:
            await self._runner.stop()
        if self._client:
            await self._client.close()
        await self._lease.release()


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
        return await Operator(settings).run()

    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
