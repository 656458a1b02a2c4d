"""The users of a project's auth service, as an administrator of the project deals with them.

Their list is SQL, which Studio sends itself. Only what is named here reaches the service: its own
call for a new user would also take a role.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field
from starlette.responses import JSONResponse, Response

from supamanager_api import errors
from supamanager_api.context import Context
from supamanager_api.deps import ContextDep, ProjectDep
from supamanager_api.http import failures
from supamanager_api.http.answers import Identified
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.platform.services import reach, record
from supamanager_api.http.relay import passed
from supamanager_api.http.routing import Router
from supamanager_api.projects import gateway
from supamanager_api.projects.model import ProjectRow

router = Router(tags=["auth users"])

_ADMIN = (*gateway.AUTH, "admin", "users")


class NewUser(Body):
    email: Text | None = None
    phone: Text | None = None
    password: Text | None = Field(None, repr=False)
    email_confirm: bool = False
    phone_confirm: bool = False
    user_metadata: dict[str, Any] | None = None


class Ban(Body):
    ban_duration: Text


class Named(Body):
    """A user as Studio sends it, of which the id is enough."""

    id: UUID


class Addressed(Body):
    """A user as Studio sends it, of which the address is enough."""

    email: Text | None = None
    phone: Text | None = None


@router.post("/auth/{ref}/users", responses=failures.RELAYED)
async def create_auth_user(project: ProjectDep, body: NewUser, context: ContextDep) -> Response:
    sent = body.model_dump(exclude_none=True)
    change = f"create user {body.email or body.phone}"
    return await reach(context, project, "POST", *_ADMIN, body=sent, change=change)


@router.patch("/auth/{ref}/users/{user}", responses=failures.RELAYED)
async def ban_auth_user(
    project: ProjectDep, user: UUID, body: Ban, context: ContextDep
) -> Response:
    change = f"ban user {user}: {body.ban_duration}"
    return await reach(
        context, project, "PUT", *_ADMIN, str(user), body=body.model_dump(), change=change
    )


@router.delete("/auth/{ref}/users/{user}", responses=failures.RELAYED)
async def delete_auth_user(project: ProjectDep, user: UUID, context: ContextDep) -> Response:
    return await _delete(context, project, user)


@router.delete("/auth/{ref}/users", deprecated=True, responses=failures.RELAYED)
async def delete_auth_user_2024(project: ProjectDep, body: Named, context: ContextDep) -> Response:
    return await _delete(context, project, body.id)


@router.delete(
    "/auth/{ref}/users/{user}/factors", response_model=list[Identified], responses=failures.REFUSED
)
async def delete_auth_user_factors(
    project: ProjectDep, user: UUID, context: ContextDep
) -> Response:
    """Take all second factors from a user; answers those that were there."""
    reached = await gateway.of(context.kube, project)
    factors = (*_ADMIN, str(user), "factors")
    listed = await context.services.ask(project, reached.call("GET", *factors))
    if not listed.succeeded:
        return passed(listed)
    await record(context, project, "auth", f"delete factors of user {user}")
    deleted: list[dict[str, Any]] = []
    for factor in listed.json():
        call = reached.call("DELETE", *factors, str(factor["id"]))
        reply = await context.services.ask(project, call)
        if not reply.succeeded:
            return passed(reply)
        deleted.append({"id": factor["id"]})
    return JSONResponse(deleted)


@router.post("/auth/{ref}/invite", responses=failures.RELAYED)
async def invite_auth_user(project: ProjectDep, body: Addressed, context: ContextDep) -> Response:
    return await _send(context, project, "invite", body)


@router.post("/auth/{ref}/magiclink", responses=failures.RELAYED)
async def send_magic_link(project: ProjectDep, body: Addressed, context: ContextDep) -> Response:
    return await _send(context, project, "magiclink", body)


@router.post("/auth/{ref}/recover", responses=failures.RELAYED)
async def send_recovery(project: ProjectDep, body: Addressed, context: ContextDep) -> Response:
    return await _send(context, project, "recover", body)


@router.post("/auth/{ref}/otp", responses=failures.RELAYED)
async def send_otp(project: ProjectDep, body: Addressed, context: ContextDep) -> Response:
    """A one-time password by text message."""
    if not body.phone:
        raise errors.Invalid("phone: is missing")
    sent = {"phone": body.phone, "create_user": False}
    change = f"send otp to {body.phone}"
    return await reach(context, project, "POST", *gateway.AUTH, "otp", body=sent, change=change)


async def _delete(context: Context, project: ProjectRow, user: UUID) -> Response:
    return await reach(context, project, "DELETE", *_ADMIN, str(user), change=f"delete user {user}")


async def _send(context: Context, project: ProjectRow, what: str, body: Addressed) -> Response:
    if not body.email:
        raise errors.Invalid("email: is missing")
    sent = {"email": body.email}
    change = f"send {what} to {body.email}"
    return await reach(context, project, "POST", *gateway.AUTH, what, body=sent, change=change)
