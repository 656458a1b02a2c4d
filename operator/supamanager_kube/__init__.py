"""What the operator and the management API must agree on: the resource, its names, labels,
conditions and Secrets. Every module but `client` and `transport` is pure."""

import importlib.util
import sys


def _leave_out_the_synchronous_client() -> None:
    """Let `kubernetes.aio` be imported without the rest of its package.

    The package's own start loads the synchronous client and all that it stands on: 8 MiB in every
    process for calls that nobody makes. Its modules are still there for who asks for them.
    """
    spec = importlib.util.find_spec("kubernetes")
    if spec is not None and "kubernetes" not in sys.modules:
        sys.modules["kubernetes"] = importlib.util.module_from_spec(spec)


_leave_out_the_synchronous_client()
