"""Roles and what they may do: one table, for the answer to Studio and for what is enforced.

A permission is an action on a resource, in Studio's words. In a grant `%` stands for any text; it
is never written as `*`, which is an invalid pattern in the browser.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, RootModel, ValidationError

from supamanager_api import conditions
from supamanager_api.conditions import Condition, Data

_NOTHING: Final[Data] = {}


class Role(enum.StrEnum):
    OWNER = "Owner"
    ADMINISTRATOR = "Administrator"
    DEVELOPER = "Developer"
    READ_ONLY = "Read-only"


ROLE_IDS: Final = {role: number for number, role in enumerate(Role, start=1)}
"""The numbers by which Studio and conditions name the roles; never changed."""


@dataclass(frozen=True)
class Held:
    """A role as a member has it; `refs` limits it to these projects."""

    role: Role
    refs: frozenset[str] | None = None


@dataclass(frozen=True)
class Permission:
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True)
class Grant:
    """A restrictive grant takes away: it wins over every other. One with a condition counts only
    for the data that it holds for."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    restrictive: bool = False
    condition: Condition | None = None

    def matches(self, permission: Permission) -> bool:
        return any(
            _pattern(action).fullmatch(permission.action) for action in self.actions
        ) and any(_pattern(resource).fullmatch(permission.resource) for resource in self.resources)

    def counts(self, data: Data | None) -> bool:
        """Without data: whether it may allow, once the data is known."""
        if self.condition is None:
            return True
        if data is None:
            return not self.restrictive
        return conditions.holds(self.condition, data)


@dataclass(frozen=True)
class Policy:
    """The grants of each role; a role without grants may nothing."""

    grants: Mapping[Role, tuple[Grant, ...]]

    def entries(self, roles: Iterable[Held]) -> Iterator[tuple[Grant, frozenset[str] | None]]:
        for held in roles:
            for grant in self.grants.get(held.role, ()):
                yield grant, held.refs

    def allows(
        self,
        roles: Iterable[Held],
        permission: Permission,
        *,
        ref: str | None = None,
        data: Data | None = _NOTHING,
    ) -> bool:
        """As the browser decides: what matches and names the project decides about it alone;
        otherwise what is not limited to projects. `data=None`: whether any data could be allowed.
        """
        matching = [entry for entry in self.entries(roles) if entry[0].matches(permission)]
        chosen = [grant for grant, refs in matching if refs is not None and ref in refs]
        if not chosen:
            chosen = [grant for grant, refs in matching if refs is None]
        counting = [grant for grant in chosen if grant.counts(data)]
        return bool(counting) and not any(grant.restrictive for grant in counting)

    def allows_anywhere(
        self, roles: Iterable[Held], permission: Permission, *, data: Data | None = _NOTHING
    ) -> bool:
        """Whether in the organization as a whole, or in one of its projects."""
        roles = tuple(roles)
        refs = {ref for held in roles for ref in held.refs or ()}
        return any(self.allows(roles, permission, ref=ref, data=data) for ref in (None, *refs))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.DOTALL)


ANY: Final = "%"

_ROLES: Final = ("auth.subject_roles", "user_invites")
"""Giving somebody a role, and inviting somebody to one."""
_OF_OWNERS: Final[Condition] = {"==": [{"var": "resource.role_id"}, ROLE_IDS[Role.OWNER]]}
_THEMSELVES: Final[Condition] = {
    "and": [
        {"var": "resource.subject_id"},
        {"==": [{"var": "resource.subject_id"}, {"var": "subject.gotrue_id"}]},
    ]
}
_THEIR_OWN: Final[Condition] = {
    "and": [
        {"var": "resource.owner_id"},
        {"==": [{"var": "resource.owner_id"}, {"var": "subject.id"}]},
    ]
}
_LEAVE: Final = Grant(("write:Delete",), ("auth.subject_roles",), condition=_THEMSELVES)
_SNIPPETS: Final = Grant(("write:%",), ("user_content",), condition=_THEIR_OWN)
_PLAN: Final = Grant(("billing:Read",), ("stripe.subscriptions",))
"""Nobody is billed; Studio's 2024 generation asks for the plan on most pages."""

DEFAULTS: Final = Policy(
    {
        Role.OWNER: (Grant((ANY,), (ANY,)),),
        Role.ADMINISTRATOR: (
            Grant((ANY,), (ANY,)),
            Grant(("write:Update", "write:Delete"), ("organizations",), restrictive=True),
            Grant(("write:%",), _ROLES, restrictive=True, condition=_OF_OWNERS),
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
            _SNIPPETS,
            _LEAVE,
            _PLAN,
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
            _SNIPPETS,
            _LEAVE,
            _PLAN,
        ),
    }
)

_LEGIBLE: Final = re.compile(r"[A-Za-z0-9_:-]*(\.[A-Za-z0-9_:-]*)?")


def _legible(pattern: str) -> str:
    """Studio makes a regular expression of it: it replaces one `%` and escapes one `.`."""
    if not pattern or not _LEGIBLE.fullmatch(pattern.replace(ANY, "", 1)):
        raise ValueError("is a name with at most one `%` and one `.`, and no other sign")
    return pattern


def _known(condition: dict[str, Any] | None) -> dict[str, Any] | None:
    if condition is not None:
        conditions.check(condition)
    return condition


_Pattern = Annotated[str, AfterValidator(_legible)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    actions: list[_Pattern]
    resources: list[_Pattern]
    restrictive: bool = False
    condition: Annotated[dict[str, Any] | None, AfterValidator(_known)] = None


class _Table(RootModel[dict[Role, list[_Entry]]]):
    pass


def parse(text: str) -> Policy:
    """The policy of a JSON object `role: [{actions, resources, restrictive, condition}]`; a role
    that is not in it keeps its grants.

    Raises:
        ValueError: says what is wrong.
    """
    try:
        table = _Table.model_validate(json.loads(text)).root
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"PERMISSIONS: {place or 'the value'}: {first['msg']}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"PERMISSIONS is not JSON: {error}") from None
    given = {
        role: tuple(
            Grant(tuple(entry.actions), tuple(entry.resources), entry.restrictive, entry.condition)
            for entry in entries
        )
        for role, entries in table.items()
    }
    return Policy({**DEFAULTS.grants, **given})
