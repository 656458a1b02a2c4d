"""How much may be kept about one project.

Whoever adds to it waits for all others who do, stores the change, and then counts: of two changes
that fit only one at a time, the second is refused.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from supamanager_api import amounts, errors
from supamanager_api.content import queries
from supamanager_api.database import Connection
from supamanager_kube import quantities

LOCK: Final = 0x434F_4E54
"""Key of the advisory locks, one for each project."""

_LARGEST: Final = 2 * 2**20
"""Bytes of one item as it is stored: 1e308 of a request becomes 309 digits."""


@dataclass(frozen=True)
class Quota:
    """`own_` is what one account has in the project, so that none of them takes all. None: without
    limit."""

    items: int | None = 10_000
    bytes: int | None = 256 * 2**20
    own_items: int | None = 2_000
    own_bytes: int | None = 64 * 2**20
    own_folders: int | None = 500


DEFAULT: Final = Quota()


def _readable(name: str, amount: int) -> str:
    return quantities.canonical(f"{amount // 1024}Ki") if name.endswith("bytes") else str(amount)


TOLD: Final = json.dumps(
    {
        name: _readable(name, amount) if name.endswith("bytes") else amount
        for name, amount in asdict(DEFAULT).items()
    }
)
"""The default as it would be written into the environment."""


def parse(text: str) -> Quota:
    """The default with what a JSON object such as `{"items": 100, "bytes": "1Gi"}` changes.

    Raises:
        ValueError: says what is wrong.
    """
    return Quota(**amounts.changed(asdict(DEFAULT), amounts.read(text)))


async def check(
    connection: Connection,
    quota: Quota,
    project_id: int,
    owner_id: int | None,
    *,
    item: UUID,
    before: int | None,
) -> None:
    """To be called after an item was stored, which took so many bytes `before`; None: it is new.

    Raises:
        Invalid: it takes too much for one item.
        QuotaExceeded
    """
    kept = await queries.KEPT.certain(connection, project_id, owner_id, item)
    if before is not None and kept.size <= before:
        return
    if kept.size > _LARGEST:
        raise errors.Invalid(f"content: takes more than {_LARGEST} bytes when it is stored")
    names = ("bytes", "own_bytes") + (("items", "own_items") if before is None else ())
    _refuse(quota, {name: getattr(kept, name) for name in names})


def check_folders(quota: Quota, folders: int) -> None:
    """Raises QuotaExceeded when one account may not have so many in a project."""
    _refuse(quota, {"own_folders": folders})


def _refuse(quota: Quota, used: dict[str, int]) -> None:
    exceeded = [
        f"{name}: {_readable(name, amount)} of {_readable(name, limit)}"
        for name, amount in used.items()
        if (limit := getattr(quota, name)) is not None and amount > limit
    ]
    if exceeded:
        raise errors.QuotaExceeded(
            f"This is more than may be kept about a project ({'; '.join(exceeded)})"
        )
