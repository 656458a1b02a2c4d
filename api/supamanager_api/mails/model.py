"""Kinds of mails and rows of the outbox."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from uuid import UUID


class Kind(enum.StrEnum):
    """Each has a template of its name; the fields that it needs are the template's."""

    CONFIRM_SIGN_UP = "confirm-sign-up"
    CONFIRM_ADDRESS = "confirm-address"
    ADDRESS_TAKEN = "address-taken"
    RECOVERY = "recovery"
    CHANGE_ADDRESS = "change-address"
    ADDRESS_CHANGED = "address-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    FACTORS_REMOVED = "factors-removed"
    INVITATION = "invitation"


@dataclass(frozen=True)
class MailRow:
    """A claimed mail. `message_id` stays the same however often it is sent."""

    id: int
    message_id: UUID
    kind: Kind
    recipient: str
    sealed: bytes
    claim: int
    attempt: int


@dataclass(frozen=True)
class CountRow:
    count: int
