"""How often something may be done: limits that hold across replicas, in PostgreSQL.

Each rule is a bucket per subject: `burst` at once, and one more every `seconds`. Subjects, such as
addresses, are kept as hashes.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from supamanager_api import errors, sql
from supamanager_api.database import Database


@dataclass(frozen=True)
class Rule:
    name: str
    burst: int
    seconds: float


SIGN_IN: Final = Rule("sign-in", 20, 30.0)
"""Failed sign-ins to one e-mail address from one network address."""
SIGN_IN_ADDRESS: Final = Rule("sign-in-address", 100, 5.0)
"""Failed sign-ins from one network address."""
SIGN_IN_EMAIL: Final = Rule("sign-in-email", 100, 10.0)
"""Failed sign-ins to one e-mail address."""
SIGN_UP_ADDRESS: Final = Rule("sign-up-address", 50, 30.0)
MAIL_EMAIL: Final = Rule("mail-email", 5, 300.0)
"""Mails that anybody may cause to one e-mail address."""
MAIL_ADDRESS: Final = Rule("mail-address", 50, 30.0)
CODE_EMAIL: Final = Rule("code-email", 10, 120.0)
"""Mailed codes that are tried for one e-mail address."""
CODE_ADDRESS: Final = Rule("code-address", 100, 5.0)
FACTOR: Final = Rule("factor", 5, 120.0)
"""Codes of second factors that are tried for one account."""
CLI_ADDRESS: Final = Rule("cli-address", 60, 1.0)
"""Questions for a command line's token from one network address."""
INVITE_ACCOUNT: Final = Rule("invite-account", 50, 60.0)
"""Invitations that one account sends."""
INVITE_ORGANIZATION: Final = Rule("invite-organization", 200, 60.0)
"""Invitations to one organization."""

RULES: Final = {
    rule.name: rule
    for rule in (
        SIGN_IN,
        SIGN_IN_ADDRESS,
        SIGN_IN_EMAIL,
        SIGN_UP_ADDRESS,
        MAIL_EMAIL,
        MAIL_ADDRESS,
        CODE_EMAIL,
        CODE_ADDRESS,
        FACTOR,
        CLI_ADDRESS,
        INVITE_ACCOUNT,
        INVITE_ORGANIZATION,
    )
}


@dataclass(frozen=True)
class FreeRow:
    free_at: datetime


@dataclass(frozen=True)
class WaitRow:
    seconds: float


TAKE = sql.One[FreeRow, str, bytes, float, float]("TakeRate")
WAIT = sql.One[WaitRow, str, bytes]("GetRateWait")
GIVE_BACK = sql.Exec[str, bytes, float]("GiveRateBack")
FORGET = sql.Exec[()]("DeleteFreeRates")


class RateLimits:
    """`changed` takes the place of the rules of the same names."""

    def __init__(self, database: Database, changed: Mapping[str, Rule]) -> None:
        self._database = database
        self._rules = {**RULES, **changed}

    async def take(self, *claims: tuple[Rule, str]) -> None:
        """Use one of each rule up for its subject.

        It is not part of the caller's transaction: what was tried counts, whatever became of it.

        Raises:
            TooManyRequests: one of them is used up; it says for how long.
        """
        async with self._database.acquire() as connection:
            for claim, subject in claims:
                rule = self._rules[claim.name]
                hashed = _hashed(subject)
                room = (rule.burst - 1) * rule.seconds
                if await TAKE(connection, rule.name, hashed, rule.seconds, room) is None:
                    row = await WAIT(connection, rule.name, hashed)
                    wait = row.seconds - room if row else 0.0
                    raise errors.TooManyRequests(
                        "Too many attempts; try again later", retry_after=max(1, math.ceil(wait))
                    )

    async def give_back(self, *claims: tuple[Rule, str]) -> None:
        """For rules that count failures only: it was none."""
        async with self._database.acquire() as connection:
            for claim, subject in claims:
                rule = self._rules[claim.name]
                await GIVE_BACK(connection, rule.name, _hashed(subject), rule.seconds)


def network(address: str | None) -> str:
    """What counts as one network address: of IPv6 the first half, which is one customer's."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


def parse(text: str) -> dict[str, Rule]:
    """Changed rules from JSON: `{"sign-in": [20, 30]}`.

    Raises:
        ValueError: says what is wrong.
    """
    try:
        given: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise ValueError('must be an object of {"rule": [burst, seconds]}')
    return {name: _rule(name, value) for name, value in given.items()}


def _rule(name: str, value: Any) -> Rule:
    if name not in RULES:
        raise ValueError(f"has no rule {name!r}; there are {', '.join(RULES)}")
    match value:
        case [int(burst), int() | float() as seconds] if burst > 0 and 0 < seconds <= 86400:
            return Rule(name, burst, float(seconds))
    raise ValueError(f"{name} must be [burst, seconds], both above 0, at most a day")


def _hashed(subject: str) -> bytes:
    return hashlib.sha256(subject.encode(errors="replace")).digest()
