"""`make up` and `make demo`: everything on this machine, and one project until it is active."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from supamanager_dev import activation, binaries, display, rbac
from supamanager_dev.activation import NotActive
from supamanager_dev.cluster import Cluster
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import ApiError, DevError
from supamanager_dev.existingcluster import ExistingCluster
from supamanager_dev.managementapi import ManagementApi
from supamanager_dev.postgres import Postgres
from supamanager_dev.product import PROCESSES, REGION, Product

PATIENCE: Final = 120.0
_EMAIL: Final = "admin@example.com"
_NAME: Final = "demo"


class NoProject(DevError):
    """The project could not be made, or was not active in time; with the end of both logs."""


@dataclass(frozen=True)
class _Stack:
    cluster: Cluster
    product: Product


def run(console: Console, *, once: bool, kubeconfig: Path | None = None) -> float:
    """Returns the seconds from the project's creation until it was active.

    Unless `once`, that is after a person has asked for the end with Ctrl-C. `kubeconfig` names a
    cluster to use instead of a control plane of our own.
    """
    if kubeconfig is None:
        console.print(display.SIMULATED, soft_wrap=True)
    with ExitStack() as resources:
        stack = _start(console, resources, kubeconfig)
        api = resources.enter_context(ManagementApi(stack.product.api_url))
        try:
            seconds = _make_project(console, api, stack)
        except ApiError as error:
            raise NoProject(_with_logs(str(error), stack.product)) from error
        if not once:
            _stay(console, stack)
    return seconds


def _make_project(console: Console, api: ManagementApi, stack: _Stack) -> float:
    password = f"{secrets.token_urlsafe(12)}aA1!"
    api.sign_up(_EMAIL, password)
    organization = api.create_organization("Demo")
    begun = time.monotonic()
    ref = api.create_project(
        organization, _NAME, region=REGION, database_password=secrets.token_urlsafe(24)
    )
    try:
        seconds = activation.await_active(
            console,
            api,
            ref,
            name=_NAME,
            begun=begun,
            patience=PATIENCE,
            check=stack.product.check,
        )
    except NotActive as error:
        raise NoProject(_with_logs(str(error), stack.product)) from error
    text = display.summary(
        api=stack.product.api_url,
        email=_EMAIL,
        password=password,
        kubeconfig=stack.cluster.admin_kubeconfig,
        ref=ref,
        access=api.access(ref),
    )
    # Not through the console, which would break long keys into lines.
    simulated = isinstance(stack.cluster, ControlPlane)
    print("\n" + "\n\n".join([text, *[display.SIMULATED] * simulated]), flush=True)
    return seconds


def _start(console: Console, resources: ExitStack, kubeconfig: Path | None) -> _Stack:
    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True)

    if kubeconfig is None:
        binaries.ensure(say)
        chosen: Cluster = ControlPlane(progress=say)
    else:
        chosen = ExistingCluster(kubeconfig, progress=say)
    database = Postgres(progress=say)
    resources.callback(database.close)
    # Left before the database is closed, so a start that was interrupted is waited for.
    pool = resources.enter_context(ThreadPoolExecutor(1))
    starting = pool.submit(database.__enter__)
    cluster = resources.enter_context(chosen)
    cluster.create_namespace(
        rbac.PROJECTS_NAMESPACE,
        labels=rbac.PROJECTS_LABELS,
        annotations=rbac.PROJECTS_ANNOTATIONS,
    )
    configs: dict[str, Path] = {
        account: rbac.bind(cluster, account) for account in (rbac.OPERATOR, rbac.API)
    }
    database_url = starting.result().create_database("supamanager")
    product = resources.enter_context(
        Product(
            database_url=database_url,
            operator_config=configs[rbac.OPERATOR],
            api_config=configs[rbac.API],
            progress=say,
        )
    )
    return _Stack(cluster, product)


def _with_logs(message: str, product: Product) -> str:
    ends = [f"the end of the log of {name}:\n{product.log_tail(name)}" for name in PROCESSES]
    return "\n\n".join([message, *ends])


def _stay(console: Console, stack: _Stack) -> None:
    try:
        console.print("\nRunning until Ctrl-C.")
        while True:
            stack.product.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        console.print("Stopping.")
