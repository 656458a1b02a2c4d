"""Who may lead: the rules of a `Lease` record, without any I/O.

Another's record is judged by when *this* process saw it change, never by the times written in it:
clocks differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Spec = dict[str, Any]
"""`spec` of a Lease."""


@dataclass(frozen=True)
class Terms:
    """Times in seconds, all in proportion to how long a silent leader keeps the Lease."""

    duration: float

    @property
    def deadline(self) -> float:
        """A leader that could not renew for this long leads no more: before anybody else may."""
        return self.duration * 2 / 3

    @property
    def pause(self) -> float:
        """Between two renewals."""
        return self.duration * 2 / 15

    @property
    def look(self) -> float:
        """Between two looks of one that waits."""
        return self.duration / 30

    @property
    def patience(self) -> float:
        """For one attempt: one that hangs leaves time for another before the deadline."""
        return self.deadline / 2


class Record:
    """The record as it was seen last, and since when it has looked so."""

    def __init__(self) -> None:
        self._spec: Spec = {}
        self._since = 0.0

    def see(self, spec: Spec, *, now: float) -> None:
        if spec != self._spec:
            self._spec, self._since = spec, now

    @property
    def holder(self) -> str:
        return str(self._spec.get("holderIdentity") or "")

    @property
    def transitions(self) -> int:
        return int(self._spec.get("leaseTransitions") or 0)

    def free_for(self, identity: str, *, now: float) -> bool:
        """A holder of our own name is this pod's container before its restart."""
        if self.holder in ("", identity):
            return True
        return now - self._since >= float(self._spec.get("leaseDurationSeconds") or 0)

    def taken(self, identity: str, terms: Terms, *, at: datetime) -> Spec:
        """The record of `identity` as the leader: taken now, or renewed."""
        spec = {
            **self._spec,
            "holderIdentity": identity,
            "leaseDurationSeconds": max(1, round(terms.duration)),
            "renewTime": _text(at),
        }
        if self.holder != identity:
            spec["acquireTime"] = _text(at)
            spec["leaseTransitions"] = self.transitions + 1 if self._spec else 0
        return spec

    def released(self, *, at: datetime) -> Spec:
        """Without a holder: whoever looks next may take it."""
        spec = {**self._spec, "leaseDurationSeconds": 1, "renewTime": _text(at)}
        spec.pop("holderIdentity", None)
        return spec


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
