"""What people do with projects: each change is an intent, stored once it can be carried out.

Nothing here waits for the cluster: a change is visible in the project's word when its request is
answered, and the applier carries it out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from supamanager_api import errors
from supamanager_api.database import Connection, Database
from supamanager_api.organizations import queries as organizations
from supamanager_api.organizations.model import Actor, MembershipRow
from supamanager_api.permissions import Role
from supamanager_api.projects import (
    allotment,
    creation,
    footprints,
    inputs,
    intents,
    queries,
    rehearsal,
    resource,
    restarts,
    state,
)
from supamanager_api.projects.allotment import Allotment
from supamanager_api.projects.model import (
    ConditionRow,
    ProjectRow,
    Wish,
)
from supamanager_api.projects.status import Word
from supamanager_api.settings import Settings
from supamanager_kube import names
from supamanager_kube.client import KubeClient

UNKNOWN: Final = "Project not found"
UNCLAIMED: Final = MembershipRow(0, "", "Unclaimed", Role.ADMINISTRATOR)
"""What a platform administrator is to the projects of no organization."""

Kept: TypeAlias = Callable[[Connection, ProjectRow], Awaitable[None]]

_TRIES: Final = 5


class Projects:
    def __init__(
        self, database: Database, kube: KubeClient, *, settings: Settings, vault: inputs.Vault
    ) -> None:
        self._database = database
        self._kube = kube
        self._settings = settings
        self._vault = vault

    async def entered(
        self, account_id: int, ref: str, *, platform_admin: bool, removed: bool = False
    ) -> tuple[ProjectRow, MembershipRow] | None:
        """The project and what the account is to it; None for one that is not there, or is of
        others, or whose resource is gone, unless `removed` are asked for as well."""
        if not names.REF.fullmatch(ref):
            return None
        async with self._database.acquire() as connection:
            row = await queries.ENTER(connection, account_id, ref)
        # Another project may have the name of a resource that is gone.
        if row is None or (row.removed_at is not None and not removed):
            return None
        unclaimed = platform_admin and row.organization_id is None
        membership = UNCLAIMED if unclaimed else row.membership
        return None if membership is None else (row, membership)

    async def get(self, ref: str) -> ProjectRow:
        """Raises NotFound."""
        async with self._database.acquire() as connection:
            row = await queries.PROJECT_BY_REF(connection, ref)
        if row is None:
            raise errors.NotFound(UNKNOWN)
        return row

    async def record_call(self, row: ProjectRow, service: str, change: str) -> None:
        """Leave word of a change that a service of the project is about to be asked for."""
        async with self._database.transaction() as connection:
            await queries.RECORD_SERVICE_CALL(connection, row.id, service, change)

    async def conditions(self, row: ProjectRow) -> list[ConditionRow]:
        async with self._database.acquire() as connection:
            return await queries.CONDITIONS(connection, row.id)

    async def versions(self, row: ProjectRow) -> dict[str, str]:
        """The versions that the operator has reported, by component."""
        async with self._database.acquire() as connection:
            found = await queries.COMPONENTS(connection, row.id)
        return {each.name: each.version for each in found}

    async def create(self, actor: Actor, wish: Wish, *, keep: Kept) -> ProjectRow:
        """Store a new project; `keep` is called with its row in the same transaction.

        Raises:
            NotFound, Forbidden, QuotaExceeded
            Conflict, Unprocessable: the cluster would refuse it.
        """
        namespace = self._settings.projects_namespace
        await rehearsal.home(self._kube, namespace, organization=wish.organization_slug)
        async with self._database.transaction() as connection:
            ref = await creation.draw(
                connection, namespace=namespace, organization_id=wish.organization_id
            )
        document = creation.intent(
            wish,
            host=f"{ref}.{self._settings.domain_base}",
            deletion_policy=self._settings.deletion_policy,
        )
        body = resource.document(
            namespace=namespace,
            name=ref,
            ref=ref,
            organization=wish.organization_slug,
            uid=None,
            intent=document,
            revision=1,
        )
        await rehearsal.change(self._kube, body, asked=intents.fields(document))
        async with self._database.transaction() as connection:
            row = await creation.store(
                connection,
                actor,
                wish,
                ref=ref,
                namespace=namespace,
                document=document,
                vault=self._vault,
            )
            # Before the quota: a request that repeats this one waited for it, and must find what
            # was answered, not that there is no room for another project.
            await keep(connection, row)
            await allotment.check(
                connection,
                wish.organization_id,
                grown=footprints.FIELDS,
                default=self._settings.organization_quota,
            )
            return row

    async def pause(self, ref: str) -> ProjectRow:
        """Raises as `change`."""
        return await self.change(ref, {"paused": True})

    async def restore(self, ref: str, *, postgres: int | None = None) -> ProjectRow:
        """Start a paused project again.

        Raises:
            Invalid: its data is of another major version of PostgreSQL than is asked for.
            ApiError: as `change`.
        """

        def resumed(row: ProjectRow) -> intents.Document:
            has = row.facts.get("postgres")
            if postgres and has and postgres != has:
                raise errors.Invalid(f"postgres_engine: the data is of PostgreSQL {has}")
            return {"paused": False}

        return await self.edit(ref, resumed)

    async def restart(self, ref: str, services: Collection[str] | None = None) -> ProjectRow:
        """Restart all services, or components by name.

        Raises:
            Conflict: one of them does not run.
            ApiError: as `change`.
        """
        now = datetime.now(UTC)
        return await self.edit(ref, lambda row: restarts.spec(row, services, now=now))

    async def change(self, ref: str, spec: intents.Document) -> ProjectRow:
        """Store a change of the project's spec.

        Raises:
            NotFound
            Conflict: somebody else owns a field of the change, or the project is being deleted.
            Unprocessable: the cluster refuses the values.
        """
        return await self.edit(ref, lambda _: spec)

    async def edit(self, ref: str, make: Callable[[ProjectRow], intents.Document]) -> ProjectRow:
        """Store a change that depends on the project as it is; `make` may be asked again, and may
        find that nothing is to be changed.

        Raises:
            ApiError: as `change`, and as `make`.
        """
        for _ in range(_TRIES):
            row = await self.changeable(ref)
            spec = make(row)
            if not spec:
                return row
            asked = intents.fields({"spec": spec})
            intent = intents.merged(row.intent, {"spec": spec})
            others = [each for each in row.left_out if not intents.touch(each["field"], asked)]
            sent = intents.without(intent, [entry["field"] for entry in others])
            found = await rehearsal.change(self._kube, resource.of(row, sent), asked=asked)
            entries = [*others, *(each.entry() for each in found or ())]
            left_out = list({entry["field"]: entry for entry in entries}.values())
            changed = replace(
                row, intent=intent, intent_revision=row.intent_revision + 1, left_out=left_out
            )
            grown = allotment.growth(row, changed)
            async with self._database.transaction() as connection:
                if grown and row.organization_id is not None:
                    await organizations.LOCK(connection, row.organization_id)
                if await queries.SAVE_INTENT(
                    connection, row.id, row.intent_revision, intent, left_out
                ):
                    if row.organization_id is not None:
                        await allotment.check(
                            connection,
                            row.organization_id,
                            grown=grown,
                            default=self._settings.organization_quota,
                        )
                    await state.refresh(connection, row.id)
                    await queries.NOTIFY_WORK(connection, row.id)
                    return await queries.PROJECT.certain(connection, row.id)
        raise errors.Conflict("The project is being changed by others; try again")

    async def allotment(self, organization_id: int, *, only: str | None = None) -> Allotment:
        """What the organization may use, and what its projects use, or one of them does.

        Raises:
            NotFound: the project is not one of them.
        """
        async with self._database.acquire() as connection:
            return await allotment.read(
                connection, organization_id, default=self._settings.organization_quota, only=only
            )

    async def delete(self, ref: str) -> ProjectRow:
        """Ask for the deletion of the project's resource; asked twice, it is done once.

        Raises:
            NotFound
            Conflict: a GitOps tool manages the resource, or it is protected from deletion.
        """
        row = await self.get(ref)
        if row.status in (Word.REMOVED, Word.GOING_DOWN):
            return row
        await rehearsal.deletion(self._kube, row)
        async with self._database.transaction() as connection:
            if await queries.REQUEST_DELETION(connection, row.id):
                await state.refresh(connection, row.id)
                await queries.NOTIFY_WORK(connection, row.id)
            return await queries.PROJECT.certain(connection, row.id)

    async def changeable(self, ref: str) -> ProjectRow:
        row = await self.get(ref)
        if row.status is Word.REMOVED:
            raise errors.NotFound(UNKNOWN)
        if row.status is Word.GOING_DOWN:
            raise errors.Conflict("The project is being deleted")
        return row
