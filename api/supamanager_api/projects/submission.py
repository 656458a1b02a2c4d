"""One server-side apply without force, and what a refusal of it means."""

from __future__ import annotations

import http
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from supamanager_api.projects import intents
from supamanager_kube import errors, kinds, labels
from supamanager_kube.client import Body, KubeClient

_OWNER: Final = re.compile(r'conflict with "([^"]+)"')
_FIELD_CONFLICT: Final = "FieldManagerConflict"
_UID: Final = "metadata.uid"


@dataclass(frozen=True)
class Owned:
    """A field that another manager owns with another value."""

    field: str
    owner: str

    def __str__(self) -> str:
        return f'{self.field} is owned by "{self.owner}"'

    def entry(self) -> dict[str, str]:
        """As it is kept in a row."""
        return {"field": self.field, "owner": self.owner}


@dataclass(frozen=True)
class Applied:
    """What the server stored, what of the document was sent, and what was left out of it."""

    body: Body
    sent: intents.Document
    left_out: tuple[Owned, ...]


class Refused(Exception):
    """The document cannot be applied as it is. `fields` names what is wrong, if anything does."""

    code = 422

    def __init__(self, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class FieldsOwned(Refused):
    """Somebody else owns fields that were asked for."""

    code = 409

    def __init__(self, owned: tuple[Owned, ...]) -> None:
        super().__init__("; ".join(map(str, owned)), tuple(entry.field for entry in owned))
        self.owned = owned


class ResourceGone(Exception):
    """The object with this uid is not there any more."""


async def submit(
    kube: KubeClient,
    document: intents.Document,
    *,
    asked: Collection[str],
    dry_run: bool = False,
) -> Applied:
    """Apply the document, without those of its older fields that somebody else owns.

    Raises:
        FieldsOwned: somebody else owns one of the fields that are asked for now.
        Refused: the server's validation.
        ResourceGone: the document's uid is not that of the live object.
        KubeError: no answer, or one that says nothing about the document.
    """
    left_out: list[Owned] = []
    while True:
        try:
            body = await kube.apply(
                kinds.PROJECT, document, manager=labels.MANAGER_API, dry_run=dry_run
            )
        except errors.Conflict as error:
            owned = _owned(error)
            rest = intents.without(document, [entry.field for entry in owned])
            if not owned or rest == document:
                raise _other(error, uid=document["metadata"].get("uid")) from None
            if mine := tuple(entry for entry in owned if intents.touch(entry.field, asked)):
                raise FieldsOwned(mine) from None
            left_out += owned
            document = rest
        except errors.Invalid as error:
            fields = tuple(intents.normal(cause.field) for cause in error.causes)
            if _UID in fields:
                raise ResourceGone from None
            raise Refused(error.message, fields) from None
        except errors.KubeError as error:
            if error.status != http.HTTPStatus.BAD_REQUEST:
                raise
            raise Refused(error.message) from None
        else:
            return Applied(body, document, tuple(left_out))


def _owned(error: errors.Conflict) -> tuple[Owned, ...]:
    found: dict[str, Owned] = {}
    for cause in error.causes:
        match = _OWNER.search(cause.message)
        if cause.reason == _FIELD_CONFLICT and match:
            field = intents.normal(cause.field)
            found.setdefault(field, Owned(field, match.group(1)))
    return tuple(found.values())


def _other(error: errors.Conflict, *, uid: str | None) -> Exception:
    """A conflict about no field: the uid of an object that is gone, or a write at the same time."""
    if uid and "uid mismatch" in error.message.lower():
        return ResourceGone()
    return error
