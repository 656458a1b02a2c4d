"""Roles and what they may do: one table, for the answer to Studio and for what is enforced.

A permission is an action on a resource, in Studio's words. In a grant `%` stands for any text; it
is never written as `*`, which is an invalid pattern in the browser.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final


class Role(enum.StrEnum):
    OWNER = "Owner"
    ADMINISTRATOR = "Administrator"
    DEVELOPER = "Developer"
    READ_ONLY = "Read-only"


@dataclass(frozen=True)
class Permission:
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True)
class Grant:
    """A restrictive grant takes away: it wins over every other."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    restrictive: bool = False

    def matches(self, permission: Permission) -> bool:
        return any(
            _pattern(action).fullmatch(permission.action) for action in self.actions
        ) and any(_pattern(resource).fullmatch(permission.resource) for resource in self.resources)


@dataclass(frozen=True)
class Policy:
    """The grants of each role; a role without grants may nothing."""

    grants: Mapping[Role, tuple[Grant, ...]]

    def allows(self, role: Role, permission: Permission) -> bool:
        matching = [grant for grant in self.grants.get(role, ()) if grant.matches(permission)]
        return bool(matching) and not any(grant.restrictive for grant in matching)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.DOTALL)


ANY: Final = "%"

DEFAULTS: Final = Policy(
    {
        Role.OWNER: (Grant((ANY,), (ANY,)),),
        Role.ADMINISTRATOR: (
            Grant((ANY,), (ANY,)),
            Grant(("write:Update", "write:Delete"), ("organizations",), restrictive=True),
        ),
        Role.DEVELOPER: (
            Grant(
                (
                    "read:Read",
                    "analytics:Read",
                    "auth:Execute",
                    "functions:%",
                    "realtime:Admin:Read",
                    "secrets:%",
                    "storage:%",
                    "tenant:Sql:%",
                ),
                (ANY,),
            ),
            Grant(("infra:Execute",), ("reboot",)),
        ),
        Role.READ_ONLY: (
            Grant(
                (
                    "read:Read",
                    "analytics:Read",
                    "functions:Read",
                    "storage:Read",
                    "storage:Admin:Read",
                    "tenant:Sql:Admin:Read",
                    "tenant:Sql:Read:Select",
                ),
                (ANY,),
            ),
            Grant(("read:Read",), ("service_api_keys", "field.jwt_secret"), restrictive=True),
        ),
    }
)
