"""The management database, past the API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supamanager_dev.postgres import Postgres


class Management:
    """The management database, past the API."""

    def __init__(self, postgres: Postgres, database: str) -> None:
        self._postgres = postgres
        self._database = database

    def rows(self, query: str) -> list[dict[str, Any]]:
        text = f"SELECT coalesce(json_agg(q), '[]') FROM ({query}) q"
        return list(json.loads(self._postgres.psql(text, database=self._database)))

    def audited(self, ref: str) -> list[tuple[str, str, str]]:
        """What members asked the project's services to change: who, which service, what."""
        entries = self.rows(
            "SELECT entry #>> '{actor,email}' AS who, entry -> 'after' AS told FROM audit_log "
            "WHERE entry ->> 'action' = 'service_call.created' "
            f"AND entry ->> 'project_ref' = '{ref}' ORDER BY position"
        )
        return [(each["who"], each["told"]["service"], each["told"]["change"]) for each in entries]

    def locks(self) -> int:
        """How many processes hold the mirror's lock."""
        from supamanager_api import mirror

        held = self.rows(
            "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            f"WHERE l.locktype = 'advisory' AND l.objid = {mirror.LOCK} AND l.granted "
            "AND d.datname = current_database()"
        )
        return len(held)

    def epoch(self) -> int:
        return int(self.rows("SELECT epoch FROM mirror_epoch")[0]["epoch"])

    def add_member(self, email: str, organization_id: int, *, role: str) -> None:
        self._postgres.psql(
            "INSERT INTO organization_membership (organization_id, account_id, role) "
            f"SELECT {organization_id}, id, '{role}' FROM accounts WHERE email = '{email}'",
            database=self._database,
        )

    def remove_members(self, organization_id: int, *, role: str) -> None:
        self._postgres.psql(
            "DELETE FROM organization_membership "
            f"WHERE organization_id = {organization_id} AND role = '{role}'",
            database=self._database,
        )

    def run(self, command: str) -> None:
        self._postgres.psql(command, database=self._database)

    def confirm(self, email: str) -> None:
        """As an administrator of the database confirms an address."""
        self._postgres.psql(
            f"UPDATE accounts SET email_confirmed_at = now() WHERE email = '{email}'",
            database=self._database,
        )

    def store_pause(self, ref: str) -> None:
        """As a process does that dies before anybody applies it."""
        self._postgres.psql(
            "UPDATE project SET intent = jsonb_set(intent, '{spec,paused}', 'true'), "
            f"intent_revision = intent_revision + 1 WHERE project_ref = '{ref}'",
            database=self._database,
        )
