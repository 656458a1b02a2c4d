"""Resources as files: what the API server gave, less what differs from run to run.

The spec is left out: nobody who judges a state reads it, and each new field would be a change.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, Final

TIME: Final = "2026-01-01T00:00:00Z"
_NAMESPACE: Final = "projects"
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RANDOM: Final = ("uid", "resourceVersion", "managedFields")
_TIMES: Final = ("creationTimestamp", "deletionTimestamp", "lastTransitionTime")


def normal(resource: dict[str, Any]) -> dict[str, Any]:
    """A copy with one time for all, one name for the namespace, and without what is random."""
    metadata = resource["metadata"]
    text = json.dumps(resource).replace(metadata["namespace"], _NAMESPACE)
    text = _UUID.sub(str(uuid.UUID(int=0)), text)
    copy = json.loads(text, object_hook=_hook)
    for name in _RANDOM:
        copy["metadata"].pop(name, None)
    del copy["spec"]
    return dict(copy)


def _hook(found: dict[str, Any]) -> dict[str, Any]:
    return {name: TIME if name in _TIMES else value for name, value in found.items()}
