"""The opaque API keys that `<p>-keys` lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

KeyType = Literal["publishable", "secret"]


def active(keys: Mapping[str, str], kind: KeyType) -> tuple[str, ...]:
    """The Secret keys under which the values of the active keys of a type lie, in the list's
    order; the first is the one that services use themselves."""
    listed = json.loads(keys["api-keys"])
    return tuple(
        f"{entry['type']}-{entry['id']}"
        for entry in listed
        if entry["type"] == kind and entry["state"] == "active"
    )
