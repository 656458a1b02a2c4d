"""The command lines of the control plane's programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supamanager_dev.identity import Identity

ENVIRONMENT: Final = {"GOGC": "300"}
"""Collecting garbage is a fifth of what they would do otherwise."""


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """What benchmarks change.

    The controllers' own rates are far below what a busy cluster is given, and would be what one
    measures.
    """

    controller_qps: int = 500
    controller_burst: int = 1000
    etcd_quota_bytes: int = 8 * 1024**3
    requests_in_flight: int = 400


@dataclass(frozen=True, kw_only=True)
class Ports:
    etcd: int
    etcd_peer: int
    apiserver: int


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the programs find and leave their files."""

    folder: Path
    identity: Identity
    ports: Ports
    tuning: Tuning
    audit_policy: Path

    @property
    def token_file(self) -> Path:
        return self.folder / "tokens.csv"

    @property
    def audit_log(self) -> Path:
        return self.folder / "audit.jsonl"

    def kubeconfig(self, user: str) -> Path:
        return self.folder / f"{user}.kubeconfig"

    @property
    def etcd_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.etcd}"

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.ports.apiserver}"


def etcd(layout: Layout) -> list[str]:
    peer = f"http://127.0.0.1:{layout.ports.etcd_peer}"
    return [
        f"--data-dir={layout.folder / 'etcd'}",
        f"--listen-client-urls={layout.etcd_url}",
        f"--advertise-client-urls={layout.etcd_url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        f"--quota-backend-bytes={layout.tuning.etcd_quota_bytes}",
        "--unsafe-no-fsync",
        "--log-level=error",
    ]


def apiserver(layout: Layout) -> list[str]:
    identity = layout.identity
    in_flight = layout.tuning.requests_in_flight
    return [
        f"--etcd-servers={layout.etcd_url}",
        "--bind-address=127.0.0.1",
        f"--secure-port={layout.ports.apiserver}",
        f"--tls-cert-file={identity.certificate}",
        f"--tls-private-key-file={identity.certificate_key}",
        f"--token-auth-file={layout.token_file}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={identity.service_account_key}",
        f"--service-account-signing-key-file={identity.service_account_key}",
        "--service-cluster-ip-range=10.0.0.0/16",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        # Nobody reaches this server through the Service `kubernetes`, and a loopback address is
        # not allowed there.
        "--endpoint-reconciler-type=none",
        f"--max-requests-inflight={in_flight}",
        f"--max-mutating-requests-inflight={in_flight // 2}",
        f"--audit-policy-file={layout.audit_policy}",
        f"--audit-log-path={layout.audit_log}",
        # Rotation would hide requests from whoever counts them.
        "--audit-log-maxsize=100000",
        "--profiling=false",
    ]


def controller_manager(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={layout.kubeconfig('kube-controller-manager')}",
        f"--service-account-private-key-file={layout.identity.service_account_key}",
        f"--root-ca-file={layout.identity.certificate}",
        "--use-service-account-credentials",
        *_controller(layout),
    ]


def scheduler(layout: Layout) -> list[str]:
    return [f"--kubeconfig={layout.kubeconfig('kube-scheduler')}", *_controller(layout)]


def kwok(layout: Layout, stages: list[Path]) -> list[str]:
    return [
        f"--kubeconfig={layout.kubeconfig('kwok')}",
        "--manage-all-nodes",
        "--node-lease-duration-seconds=40",
        "--node-ip=192.0.2.1",
        *(f"--config={path}" for path in stages),
    ]


def _controller(layout: Layout) -> list[str]:
    return [
        "--leader-elect=false",
        "--secure-port=0",
        f"--kube-api-qps={layout.tuning.controller_qps}",
        f"--kube-api-burst={layout.tuning.controller_burst}",
    ]
