"""Storing a new project: its ref, its row, and what waits for its Secret."""

from __future__ import annotations

from typing import Final

from supamanager_api import errors
from supamanager_api.database import Connection
from supamanager_api.organizations import entry
from supamanager_api.organizations.model import Actor
from supamanager_api.permissions import Permission
from supamanager_api.projects import inputs, intents, queries, refs, state
from supamanager_api.projects.model import ProjectRow, Wish

MAKE: Final = Permission("write:Create", "projects")

_DRAWS: Final = 8


def intent(wish: Wish, *, host: str, deletion_policy: str) -> intents.Document:
    """The fields that the API owns of a project made here."""
    spec: intents.Document = {
        "displayName": wish.name,
        "http": {"host": host},
        "deletionPolicy": deletion_policy,
    }
    if wish.database_password is not None:
        spec["inputsRevision"] = 1
    return {"spec": intents.merged(intents.merged(spec, wish.region.spec()), wish.spec)}


async def draw(connection: Connection, *, namespace: str, organization_id: int) -> str:
    """A ref that no project had before.

    A resource that appeared under it meanwhile, and was adopted, is the project that is asked for
    unless it belongs to others.
    """
    for _ in range(_DRAWS):
        ref = refs.draw()
        if await queries.USE_REF(connection, ref) is not None:
            return ref
        row = await queries.LOCK_BY_RESOURCE(connection, namespace, ref)
        if row is not None and _unasked(row, organization_id):
            return ref
    raise errors.Unavailable("No free ref was found; try again")


async def store(
    connection: Connection,
    actor: Actor,
    wish: Wish,
    *,
    ref: str,
    namespace: str,
    document: intents.Document,
    vault: inputs.Vault,
) -> ProjectRow:
    """The row of a new project, whose ref was drawn before.

    Raises:
        NotFound: the organization was deleted meanwhile, or the actor removed from it.
        Forbidden: the actor may no longer.
    """
    actor.decide(await entry.enter(connection, actor, wish.organization_id), MAKE, {})
    adopted = await queries.LOCK_BY_RESOURCE(connection, namespace, ref)
    if adopted is None:
        made = await queries.CREATE.certain(
            connection,
            ref,
            wish.name,
            wish.organization_id,
            wish.organization_slug,
            wish.cloud_provider,
            wish.region.code,
            namespace,
            ref,
            document,
        )
        project_id = made.id
    elif _unasked(adopted, wish.organization_id):
        project_id = adopted.id
        await queries.TAKE_OVER(
            connection,
            project_id,
            ref,
            wish.name,
            wish.organization_id,
            wish.organization_slug,
            wish.cloud_provider,
            wish.region.code,
            document,
        )
    else:
        raise errors.Conflict(f"A resource named {ref} was made meanwhile; try again")
    if wish.database_password is not None:
        key = inputs.DATABASE_PASSWORD
        sealed = vault.seal(wish.database_password, ref=ref, key=key)
        await queries.ADD_INPUT(connection, project_id, key, sealed)
    await state.refresh(connection, project_id)
    await queries.NOTIFY_WORK(connection, project_id)
    return await queries.PROJECT.certain(connection, project_id)


def _unasked(row: ProjectRow, organization_id: int) -> bool:
    return not row.intent and row.organization_id in (None, organization_id)
