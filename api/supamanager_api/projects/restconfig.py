"""The REST API's settings as Studio writes them: lists as text with commas.

Without a schema the service is switched off.
"""

from __future__ import annotations

from typing import Any, Final

from typing_extensions import TypedDict

from supamanager_api.projects import state
from supamanager_api.projects.model import ProjectRow
from supamanager_kube.project import Rest

_SEPARATOR: Final = ","


class RestConfig(TypedDict):
    db_schema: str
    db_extra_search_path: str
    max_rows: int
    db_pool: int | None
    db_anon_role: str
    role_claim_key: str


def told(row: ProjectRow) -> RestConfig:
    spec = state.spec(row)
    rest = Rest.model_validate(spec.get("rest") or {})
    return {
        "db_schema": _SEPARATOR.join(rest.schemas) if state.enabled(spec, "rest") else "",
        "db_extra_search_path": _SEPARATOR.join(rest.extra_search_path),
        "max_rows": rest.max_rows,
        "db_pool": None,
        "db_anon_role": "anon",
        "role_claim_key": ".role",
    }


def change(
    row: ProjectRow, *, schemas: str | None, extra_search_path: str | None, max_rows: int | None
) -> dict[str, Any]:
    """The change of the spec; what is None stays."""
    rest: dict[str, Any] = {}
    spec: dict[str, Any] = {}
    if schemas is not None:
        listed = _split(schemas)
        if listed:
            rest["schemas"] = listed
        if bool(listed) != state.enabled(state.spec(row), "rest"):
            spec["services"] = {"rest": {"enabled": bool(listed)}}
    if extra_search_path is not None:
        rest["extraSearchPath"] = _split(extra_search_path)
    if max_rows is not None:
        rest["maxRows"] = max_rows
    return {**spec, **({"rest": rest} if rest else {})}


def _split(text: str) -> list[str]:
    parts = (part.strip() for part in text.split(_SEPARATOR))
    return list(dict.fromkeys(part for part in parts if part))
