"""Projects as both generations of Studio read them: one object with the fields of both.

What nobody knows is left out, not made up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from supamanager_api.http.platform import project_answers as answers
from supamanager_api.projects import database as databases
from supamanager_api.projects import protection, restconfig, sizes, state, status
from supamanager_api.projects.endpoints import DatabaseEndpoint, Endpoint
from supamanager_api.projects.keys import Keys
from supamanager_api.projects.model import ConditionRow, ListedRow, ProjectRow
from supamanager_api.projects.status import Word
from supamanager_kube import components
from supamanager_kube.conditions import Type

PROVIDERS: Final = ("AWS", "AWS_K8S", "AWS_NIMBUS", "FLY")
"""The only ones that Studio's newer generation has names and pictures for."""

_EXTRAS: Final[answers.Extras] = {
    "subscription_id": "",
    "is_branch_enabled": False,
    "is_physical_backups_enabled": False,
    "preview_branch_refs": [],
}
"""Features of the hosted service that are not offered."""
_BEGINNING: Final = json.dumps(_EXTRAS)[:-1] + ","
"""How an item of a list begins."""
BETWEEN: Final = "," + _BEGINNING
"""What stands between two items, the second one without its opening brace."""

_UNLIMITED_DAYS: Final = 36500
"""Studio's paused page calculates with a number."""


def instant(value: datetime) -> str:
    value = value if value.tzinfo is UTC else value.astimezone(UTC)
    return value.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def provider(stored: str) -> str:
    """The cloud provider as the newer generation can show it."""
    return stored.upper() if stored.upper() in PROVIDERS else "AWS"


def listed(text: str | None) -> bytes:
    """The list of all projects, of items that are put together."""
    return f"[{_BEGINNING}{text}]".encode() if text else b"[]"


def items(rows: list[ListedRow]) -> bytes:
    """The same of single items."""
    return listed(BETWEEN.join(row.item[1:] for row in rows))


def brief(row: ListedRow) -> answers.Brief:
    """An item of a page of all projects."""
    listed: answers.Listed = json.loads(row.item)
    return {**listed, **_EXTRAS}


def member(row: ListedRow) -> answers.Member:
    """An item of an organization's list of projects."""
    item = brief(row)
    return {
        **item,
        "is_branch": False,
        "databases": [
            {
                "identifier": item["ref"],
                "type": "PRIMARY",
                "status": item["status"],
                "region": item["region"],
                "cloud_provider": item["cloud_provider"],
                "infra_compute_size": item["infra_compute_size"],
            }
        ],
    }


def _common(row: ProjectRow) -> answers.Common:
    database = DatabaseEndpoint.of(row)
    return {
        "id": row.id,
        "ref": row.project_ref,
        "name": row.project_name,
        "organization_id": row.organization_id,
        "organization_slug": row.organization_slug,
        "status": row.status,
        "cloud_provider": row.cloud_provider.upper(),
        "region": row.region,
        "inserted_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
        "db_host": database.host,
        "db_dns_name": database.host,
        "db_port": database.port,
        "db_name": databases.NAME,
        "db_user": databases.USER,
    }


def made(row: ProjectRow) -> answers.Made:
    """The answer to a request for a project: its keys do not exist yet."""
    return {
        **_common(row),
        **_EXTRAS,
        "subscription_id": None,
        "endpoint": Endpoint.of(row).url,
        "anon_key": "",
        "service_key": "",
        "infra_compute_size": sizes.of(row),
    }


def detail(row: ProjectRow, *, connection_string: str) -> answers.Detail:
    return {
        **_common(row),
        **_EXTRAS,
        "connectionString": connection_string,
        "restUrl": Endpoint.of(row).rest_url,
        **_measures(row),
        "high_availability": False,
        "is_read_replicas_enabled": False,
        "infra_compute_size": sizes.of(row),
        "size": sizes.of(row),
        "deletion_protection": protection.of(row),
        "apply_error": _refusal(row),
        "left_out": _left_out(row),
    }


def _refusal(row: ProjectRow) -> answers.Refusal | None:
    if row.apply_error is None:
        return None
    return {"code": row.apply_error["code"], "message": row.apply_error["message"]}


def _left_out(row: ProjectRow) -> list[answers.LeftOut]:
    return [{"field": each["field"], "owner": each["owner"]} for each in row.left_out]


def _measures(row: ProjectRow) -> answers.Measures:
    """What the operator has measured."""
    measured: answers.Measures = {}
    if version := versions(row):
        measured["dbVersion"] = version[0]["version"]
    if gigabytes := sizes.capacity(row):
        measured["volumeSizeGb"] = gigabytes
    return measured


def versions(row: ProjectRow) -> list[answers.PostgresVersion]:
    """The PostgreSQL of the project's data, the only one that it can be started with."""
    tag, major = row.facts.get("database"), row.facts.get("postgres")
    if not (tag and major):
        return []
    return [version(str(tag), major=int(major))]


def version(text: str, *, major: int) -> answers.PostgresVersion:
    """A PostgreSQL that a project can have; `text` says it as exactly as it is known."""
    return {
        "postgres_engine": str(major),
        "release_channel": "ga",
        "version": f"supabase-postgres-{text}",
    }


def rest(row: ProjectRow, *, conditions: list[ConditionRow]) -> answers.Rest:
    """A paused project: it may be started again for ever, and nothing of it can be downloaded."""
    paused = (each for each in conditions if each.type == Type.PAUSED and each.status == "True")
    since = next((instant(each.last_transition_time) for each in paused), None)
    return {
        "can_restore": row.status in (Word.INACTIVE, Word.PAUSING),
        "last_paused_on": since,
        "latest_downloadable_backup_id": None,
        "max_days_till_restore_disabled": _UNLIMITED_DAYS,
        "remaining_days_till_restore_disabled": None,
    }


def report(row: ProjectRow, conditions: list[ConditionRow]) -> answers.Report:
    """The word, and the condition that tells why."""
    view = state.view(row, conditions)
    why = status.explanation(view)
    reason, message = (why.reason, why.message) if why else (None, "")
    if row.apply_error is not None:
        message = row.apply_error["message"]
    return {
        "status": row.status,
        "reason": reason,
        "message": message,
        "summary": row.summary,
        "components": [_component(view, each) for each in components.COMPONENTS.values()],
        "apply_error": _refusal(row),
        "left_out": _left_out(row),
    }


def _component(view: status.View, component: components.Component) -> answers.ComponentStatus:
    found = view.conditions.get(component.condition)
    return {
        "name": component.name,
        "status": found.status if found else "Unknown",
        "reason": found.reason if found else "",
        "message": found.message if found else "",
    }


def ended(row: ProjectRow) -> answers.Ended:
    return {"id": row.id, "ref": row.project_ref, "name": row.project_name}


def restored(row: ProjectRow) -> answers.Restored:
    return {
        "id": row.id,
        "ref": row.project_ref,
        "organization_id": row.organization_id,
        "status": row.status,
        "region": row.region,
        "cloud_provider": row.cloud_provider.upper(),
        "back_ups": [],
    }


def api_keys(keys: Keys) -> list[answers.ServiceKey]:
    """The keys that there are and that may be told."""
    named = (("anon", keys.anon), ("service_role", keys.service_role))
    return [
        {"id": number, "name": name, "tags": name, "api_key": value}
        for number, (name, value) in enumerate(named, 1)
        if value
    ]


def service(row: ProjectRow, keys: Keys) -> answers.Service:
    """The "Auto API" of a project."""
    endpoint = Endpoint.of(row)
    return {
        "id": row.id,
        "name": "Default API",
        "app": {"id": 1, "name": "Auto API"},
        "app_config": _config(row, endpoint),
        "service_api_keys": api_keys(keys),
        "protocol": endpoint.scheme,
        "endpoint": endpoint.host,
        "restUrl": endpoint.rest_url,
        "project": {"ref": row.project_ref},
        "defaultApiKey": keys.anon,
        "serviceApiKey": keys.service_role,
    }


def settings(row: ProjectRow, keys: Keys) -> answers.Settings:
    """The newer generation's fields, and `project` and `services` of the older one."""
    common = _common(row)
    secret: answers.JwtSecret = {"jwt_secret": keys.jwt_secret} if keys.jwt_secret else {}
    endpoint = Endpoint.of(row)
    return {
        **common,
        "db_ip_addr_config": "ipv4",
        "ssl_enforced": False,
        "app_config": {**_config(row, endpoint), "storage_endpoint": endpoint.host},
        "service_api_keys": api_keys(keys),
        **secret,
        "project": {**common, "db_ssl": False, "preview_branch_refs": [], **secret},
        "services": [service(row, keys)],
    }


def _config(row: ProjectRow, endpoint: Endpoint) -> answers.AppConfig:
    return {
        "endpoint": endpoint.host,
        "protocol": endpoint.scheme,
        "db_schema": restconfig.told(row)["db_schema"],
    }


def page(count: int, *, limit: int, offset: int, items: Sequence[Any]) -> dict[str, Any]:
    return {"pagination": {"count": count, "limit": limit, "offset": offset}, "projects": items}
