"""The closed table of conditions and their reasons.

Types and reasons keep their meaning for ever: GitOps tools, alerts and the management API read
them. `Ready`'s reasons are the words a user sees.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from supamanager_kube.components import COMPONENTS


class Type(StrEnum):
    READY = "Ready"
    INITIALIZED = "Initialized"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    PAUSED = "Paused"
    SECRETS_READY = "SecretsReady"
    NETWORK_READY = "NetworkReady"


class Reason(StrEnum):
    """Every reason of every condition; REASONS says which condition may carry which."""

    ACTIVE = "Active"
    PROVISIONING = "Provisioning"
    STARTING = "Starting"
    PAUSED = "Paused"
    DEGRADED = "Degraded"
    DELETING = "Deleting"
    INVALID_CONFIGURATION = "InvalidConfiguration"

    INITIALIZED = "Initialized"
    PENDING = "Pending"

    PROGRESSING = "Progressing"
    PAUSING = "Pausing"
    RESUMING = "Resuming"
    RESTARTING = "Restarting"
    RESIZING = "Resizing"
    ROTATING = "Rotating"
    UPGRADING = "Upgrading"
    RECONCILE_DISABLED = "ReconcileDisabled"

    SECRET_MISSING = "SecretMissing"  # noqa: S105
    NAME_CONFLICT = "NameConflict"
    HOST_CONFLICT = "HostConflict"
    IMMUTABLE_FIELD = "ImmutableField"
    INIT_FAILED = "InitFailed"
    UNKNOWN_VERSION = "UnknownVersion"
    VERSION_MISMATCH = "VersionMismatch"
    CLEANUP_BLOCKED = "CleanupBlocked"

    REQUESTED = "Requested"
    RUNNING = "Running"

    AVAILABLE = "Available"
    MISSING = "Missing"
    INVALID = "Invalid"

    IN_CLUSTER = "InCluster"
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    CERTIFICATE_PENDING = "CertificatePending"

    DISABLED = "Disabled"
    IMAGE_PULL_BACK_OFF = "ImagePullBackOff"
    CRASH_LOOP_BACK_OFF = "CrashLoopBackOff"
    CONTAINER_CONFIG_ERROR = "ContainerConfigError"
    OOM_KILLED = "OOMKilled"
    QUOTA_EXCEEDED = "QuotaExceeded"
    POD_REFUSED = "PodRefused"
    PROBE_FAILING = "ProbeFailing"
    UNSCHEDULABLE = "Unschedulable"


_COMPONENT_REASONS: Final = frozenset(
    {
        Reason.AVAILABLE,
        Reason.STARTING,
        Reason.DISABLED,
        Reason.PAUSED,
        Reason.IMAGE_PULL_BACK_OFF,
        Reason.CRASH_LOOP_BACK_OFF,
        Reason.CONTAINER_CONFIG_ERROR,
        Reason.OOM_KILLED,
        Reason.QUOTA_EXCEEDED,
        Reason.POD_REFUSED,
        Reason.PROBE_FAILING,
        Reason.UNSCHEDULABLE,
    }
)

REASONS: Final[dict[str, frozenset[Reason]]] = {
    Type.READY: frozenset(
        {
            Reason.ACTIVE,
            Reason.PROVISIONING,
            Reason.STARTING,
            Reason.PAUSED,
            Reason.DEGRADED,
            Reason.DELETING,
            Reason.INVALID_CONFIGURATION,
        }
    ),
    Type.INITIALIZED: frozenset({Reason.INITIALIZED, Reason.PENDING}),
    Type.RECONCILING: frozenset(
        {
            Reason.PROGRESSING,
            Reason.PAUSING,
            Reason.RESUMING,
            Reason.RESTARTING,
            Reason.RESIZING,
            Reason.ROTATING,
            Reason.UPGRADING,
            Reason.RECONCILE_DISABLED,
        }
    ),
    Type.STALLED: frozenset(
        {
            Reason.INVALID_CONFIGURATION,
            Reason.SECRET_MISSING,
            Reason.NAME_CONFLICT,
            Reason.HOST_CONFLICT,
            Reason.IMMUTABLE_FIELD,
            Reason.INIT_FAILED,
            Reason.UNKNOWN_VERSION,
            Reason.VERSION_MISMATCH,
            Reason.CLEANUP_BLOCKED,
        }
    ),
    Type.PAUSED: frozenset({Reason.REQUESTED, Reason.RUNNING}),
    Type.SECRETS_READY: frozenset(
        {Reason.AVAILABLE, Reason.MISSING, Reason.INVALID, Reason.QUOTA_EXCEEDED}
    ),
    Type.NETWORK_READY: frozenset(
        {
            Reason.IN_CLUSTER,
            Reason.ACCEPTED,
            Reason.PENDING,
            Reason.REJECTED,
            Reason.CERTIFICATE_PENDING,
        }
    ),
    **{component.condition: _COMPONENT_REASONS for component in COMPONENTS.values()},
}

TRANSIENT: Final = frozenset({Type.RECONCILING, Type.STALLED})
"""Present only while True."""
