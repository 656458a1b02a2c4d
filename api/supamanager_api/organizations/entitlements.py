"""What is offered to every organization, in the hosted service's words: one table.

A feature that is not in it is not offered.
"""

from __future__ import annotations

from typing import Any, Final

UNLIMITED: Final = -1

_OFFERED: Final = (
    "project_pausing",
    "project_restore_after_expiry",
    "project_scoped_roles",
    "security.member_roles",
    "storage.max_file_size.configurable",
    "storage.image_transformations",
    "instances.disk_modifications",
    "auth.user_sessions",
    "auth.advanced_auth_settings",
)
_UNLIMITED: Final = {
    "realtime.max_concurrent_users": "users",
    "realtime.max_events_per_second": "events",
    "realtime.max_joins_per_second": "joins",
    "realtime.max_channels_per_client": "channels",
    "realtime.max_bytes_per_second": "bytes",
    "realtime.max_presence_events_per_second": "events",
    "realtime.max_payload_size_in_kb": "kilobytes",
    "storage.max_file_size": "bytes",
}
"""Numbers that nothing here limits, and their units."""


def every(*, sizes: tuple[str, ...], audit_days: int) -> list[dict[str, Any]]:
    """All that is offered: `sizes` to choose among, and the audit log of so many days."""
    return [
        *(_entry(key, "boolean", {"enabled": True}) for key in _OFFERED),
        *(_number(key, UNLIMITED, unit=unit) for key, unit in _UNLIMITED.items()),
        _number("security.audit_logs_days", audit_days, unit="days"),
        _entry(
            "instances.compute_update_available_sizes",
            "set",
            {"enabled": True, "set": [f"ci_{size}" for size in sizes]},
        ),
    ]


def _number(key: str, value: int, *, unit: str) -> dict[str, Any]:
    unlimited = value == UNLIMITED
    config = {"enabled": True, "value": value, "unlimited": unlimited, "unit": unit}
    return _entry(key, "numeric", config)


def _entry(key: str, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "feature": {"key": key, "type": kind},
        "hasAccess": True,
        "type": kind,
        "config": config,
    }
