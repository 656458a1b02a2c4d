"""Names of a project's objects: every one is a function of the resource's name.

A project's name has at most 40 characters, so the longest child name stays within the 63 of a
Service name and a label value.
"""

from __future__ import annotations

import re
from typing import Final

MAX_PROJECT_NAME: Final = 40
PROJECT_NAME: Final = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
REF: Final = re.compile(r"[a-z]{20}")
"""The form of a project ref that the official clients insist on."""
READ_ONLY_ROLE: Final = "supabase_read_only_user"
"""The role of a project's database that reads everything and may write nothing; it logs in with
the password of the other roles."""


def child(project: str, suffix: str) -> str:
    """The name of a project's object: a component's workload and Service, a Secret, a volume."""
    return f"{project}-{suffix}"


def init_job(project: str, digest: str) -> str:
    """The init Job is immutable, so its name carries the first 8 digits of its content's hash."""
    return f"{project}-init-{digest[:8]}"


def service_host(project: str, component: str, namespace: str) -> str:
    """The in-cluster host name of a component's Service."""
    return f"{project}-{component}.{namespace}.svc"


def host_name(public_host: str) -> str:
    """A public host, which may carry a port, as names are compared: one name is one host."""
    return public_host.partition(":")[0].lower()


def database_host(public_host: str) -> str:
    """The public host of PostgreSQL beside the public host of the gateway."""
    return f"db.{public_host}"
