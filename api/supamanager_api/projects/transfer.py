"""Moving a project from one organization to another: its label is an intent as any other.

Both organizations are locked in one order, so that of two transfers at once neither waits for the
other for ever.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from supamanager_api.database import Connection
from supamanager_api.organizations import entry
from supamanager_api.organizations import queries as organizations
from supamanager_api.organizations.model import Actor, MembershipRow
from supamanager_api.organizations.quotas import Quota
from supamanager_api.permissions import Permission
from supamanager_api.projects import (
    allotment,
    creation,
    footprints,
    intents,
    queries,
    rehearsal,
    resource,
    state,
)
from supamanager_api.projects.model import ProjectRow
from supamanager_kube.client import KubeClient

AWAY: Final = Permission("write:Update", "organizations")
"""Asked of the organization that the project leaves."""
HERE: Final = creation.MAKE
"""Asked of the organization that it comes to."""


async def rehearse(kube: KubeClient, row: ProjectRow, target: MembershipRow) -> None:
    """
    Raises:
        Conflict: the namespace does not allow the organization, or somebody else owns the label.
        Unprocessable: the cluster refuses the project.
    """
    await rehearsal.home(kube, row.namespace, organization=target.slug)
    sent = intents.without(row.intent, state.left_out(row))
    moved = replace(row, organization_label=target.slug)
    await rehearsal.change(kube, resource.of(moved, sent), asked={resource.LABEL})


async def forecast(
    connection: Connection, row: ProjectRow, target: MembershipRow, *, default: Quota
) -> None:
    """Raises QuotaExceeded when the project does not fit as things are."""
    found = await allotment.read(connection, target.organization_id, default=default)
    allotment.refuse(replace(found, used=found.used + footprints.of(row)), footprints.FIELDS)


async def store(
    connection: Connection,
    actor: Actor,
    row: ProjectRow,
    target: MembershipRow,
    *,
    default: Quota,
) -> ProjectRow | None:
    """The project in its new organization; None when it was changed since it was read.

    Raises:
        NotFound, Forbidden: the actor may no longer.
        QuotaExceeded
    """
    assert row.organization_id is not None, "only an organization gives a project away"
    asked = {row.organization_id: AWAY, target.organization_id: HERE}
    for organization_id in sorted(asked):
        acting = await entry.enter(connection, actor, organization_id)
        actor.decide(acting, asked[organization_id], {})
    if not await queries.TRANSFER(
        connection,
        row.id,
        row.intent_revision,
        row.organization_id,
        target.organization_id,
        target.slug,
    ):
        return None
    # Nobody has a role in it any more, should it come back.
    await organizations.FORGET_ROLES(connection, row.id)
    await organizations.FORGET_INVITATIONS(connection, row.id)
    await allotment.check(
        connection, target.organization_id, grown=footprints.FIELDS, default=default
    )
    await state.refresh(connection, row.id)
    await queries.NOTIFY_WORK(connection, row.id)
    return await queries.PROJECT.certain(connection, row.id)
