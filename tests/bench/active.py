"""Seconds from an applied project to Active, beside a bare client that applies the same objects.

The bare client knows the objects beforehand and waits for nothing between them: what it takes is
the API server's and the simulated kubelet's part, the floor under ours.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from operating import Cluster, OperatorProcess
from supamanager_dev import rbac, samples
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.supervisor import Supervisor
from supamanager_kube import kinds
from supamanager_kube.client import KubeClient
from supamanager_operator import render
from supamanager_operator.render import releases
from supamanager_operator.workload import workload_of


def objects(namespace: str) -> list[dict[str, Any]]:
    """What a project renders, without the owner that only a real project has."""
    inputs = samples.inputs("empty", releases.latest())
    metadata = inputs.project.metadata.model_copy(update={"namespace": namespace})
    resource = inputs.project.model_copy(update={"metadata": metadata})
    bodies = [e.body for e in render.render(dataclasses.replace(inputs, project=resource))]
    for body in bodies:
        body["metadata"].pop("ownerReferences", None)
    return bodies


async def bare(namespace: str) -> float:
    """Apply everything, eight at a time, and wait until every workload is ready."""
    started = time.monotonic()
    async with await KubeClient.connect(user_agent="bare") as client:
        slots = asyncio.Semaphore(8)

        async def apply(body: dict[str, Any]) -> None:
            async with slots:
                await client.apply(kinds.of(body), body, manager="bare", force=True)

        await asyncio.gather(*(apply(body) for body in objects(namespace)))
        await until_ready(client, namespace)
    return time.monotonic() - started


async def until_ready(client: KubeClient, namespace: str) -> None:
    for _ in range(2400):
        if await ready(client, namespace):
            return
        await asyncio.sleep(0.05)
    sys.exit("the bare client's workloads are not ready after two minutes")


async def ready(client: KubeClient, namespace: str) -> bool:
    for kind in kinds.WORKLOADS:
        bodies, _ = await client.list_all(kind, namespace)
        for body in bodies:
            workload = workload_of(kind, body)
            if workload is None or not (workload.ready or workload.job == "Complete"):
                return False
    return True


def ours(cluster: Cluster) -> float:
    started = time.monotonic()
    cluster.apply({})
    cluster.await_condition("Ready", reason="Active")
    return time.monotonic() - started


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=5)
    runs = arguments.parse_args().runs
    figures: dict[str, list[float]] = {"bare": [], "ours": []}
    with ControlPlane() as control_plane, Supervisor("bench") as supervisor:
        os.environ["KUBECONFIG"] = str(control_plane.admin_kubeconfig)
        for number in range(runs + 1):
            for name in figures:
                namespace = f"{name}-{number}"
                control_plane.create_namespace(namespace, labels=rbac.PROJECTS_LABELS)
                if name == "bare":
                    seconds = asyncio.run(bare(namespace))
                else:
                    config = rbac.bind(control_plane, rbac.OPERATOR, projects=[namespace])
                    operator = OperatorProcess(supervisor, kubeconfig=config, number=number * 10)
                    operator.start(NAMESPACES=namespace)
                    seconds = ours(Cluster(control_plane, namespace))
                    operator.stop()
                if number:
                    figures[name].append(seconds)
                    print(f"{name}: {seconds:.2f} s", flush=True)
    floor, measured = (statistics.median(figures[name]) for name in ("bare", "ours"))
    print(
        f"median of {runs}: bare client {floor:.2f} s, operator {measured:.2f} s, "
        f"difference {measured - floor:.2f} s"
    )


if __name__ == "__main__":
    main()
