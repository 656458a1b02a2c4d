"""The auth service's settings as one flat document, by the names of its own configuration.

A name with a field in `spec` has the project's value; every other has the service's default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from supamanager_api import errors
from supamanager_api.projects import authdefaults, later, state
from supamanager_api.projects.endpoints import Endpoint
from supamanager_api.projects.intents import Path
from supamanager_api.projects.model import ProjectRow
from supamanager_kube.project import Auth

Value: TypeAlias = str | int | bool | None

FIELDS: Final[dict[str, Path]] = {
    "SITE_URL": ("siteURL",),
    "URI_ALLOW_LIST": ("redirectURLs",),
    "DISABLE_SIGNUP": ("disableSignup",),
    "JWT_EXP": ("jwtExpirySeconds",),
    "EXTERNAL_EMAIL_ENABLED": ("email", "enabled"),
    "EXTERNAL_PHONE_ENABLED": ("phone",),
    "EXTERNAL_ANONYMOUS_USERS_ENABLED": ("anonymousUsers",),
    "MAILER_AUTOCONFIRM": ("email", "autoconfirm"),
}
"""Name → the field of `spec.auth`."""

_LIST: Final = "URI_ALLOW_LIST"
_SEPARATOR: Final = ","
PATTERN: Final = re.compile(
    r"^([^\[\\]|\\.|\[!?(0-[0-9]|[0-9]-9|a-[a-z]|[a-z]-z|A-[A-Z]|[A-Z]-Z|"
    r"[^\]!\\](([^\]\\-]|\\.)([^\]\\]|\\.)*)?|\\[^-]([^\]\\]|\\.)*)\])*\\?$"
)
"""What the definition lets be a pattern of URLs: the auth service ends at its start when it
cannot compile one."""
_UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"


def told(row: ProjectRow) -> dict[str, Value]:
    """The whole document."""
    auth = Auth.model_validate(state.spec(row).get("auth") or {}).model_dump(by_alias=True)
    own: dict[str, Value] = {}
    for name, path in FIELDS.items():
        value: Any = auth
        for key in path:
            value = value[key]
        own[name] = _SEPARATOR.join(value) if name == _LIST else value
    own["SITE_URL"] = own["SITE_URL"] or Endpoint.of(row).url
    return {**authdefaults.DEFAULTS, **own}


def change(row: ProjectRow, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The change of the spec that is asked for; empty when everything is so already.

    A form sends all its names: those with their present values are not asked for.

    Raises:
        NotFound: a name has no field yet.
        Invalid: a name is unknown, its value is of another type, or no pattern of URLs.
    """
    present = told(row)
    auth: dict[str, Any] = {}
    for name, value in asked.items():
        if name not in present:
            raise errors.Invalid(f"{name[:100]} is no setting of the auth service")
        if _same(value, present[name]):
            continue
        if name not in FIELDS:
            raise errors.NotFound(later.name(name))
        if type(value) is not type(present[name]):
            raise errors.Invalid(f"{name} must be of type {type(present[name]).__name__}")
        node = auth
        *parents, last = FIELDS[name]
        for key in parents:
            node = node.setdefault(key, {})
        node[last] = _list(str(value)) if name == _LIST else value
    return {"auth": auth} if auth else {}


def _same(value: object, present: Value) -> bool:
    """Whether a value is the present one; forms send an empty text for none."""
    if value in (None, "") and present in (None, ""):
        return True
    return type(value) is type(present) and value == present


def _list(text: str) -> list[str]:
    parts = (part.strip() for part in text.split(_SEPARATOR))
    listed = list(dict.fromkeys(part for part in parts if part))
    for part in listed:
        if _UNREADABLE in part or not PATTERN.match(part):
            raise errors.Invalid(
                f"{_LIST}: {part[:100]!r} is no pattern: [ begins a set of characters that ends"
                " with ], as [abc] or [1-9], and \\[ is the character itself"
            )
    return listed
