"""Making an account, resetting its password, changing its address."""

from __future__ import annotations

from pydantic import Field

from supamanager_api import errors
from supamanager_api.deps import ClientDep, ContextDep, PrincipalDep
from supamanager_api.http import failures
from supamanager_api.http.answers import Nothing
from supamanager_api.http.bodies import Body, Email, Text
from supamanager_api.http.routing import Router

router = Router(tags=["accounts"])


class SignUp(Body):
    email: Email
    password: Text
    redirect_to: Text | None = Field(None, alias="redirectTo")


class ResetPassword(Body):
    email: Email
    redirect_to: Text | None = Field(None, alias="redirectTo")


class UpdateEmail(Body):
    email: Email = Field(alias="newEmail")
    redirect_to: Text | None = Field(None, alias="redirectTo")


@router.post(
    "/signup", status_code=201, responses=failures.told(errors.Forbidden, errors.TooManyRequests)
)
async def sign_up(body: SignUp, context: ContextDep, client: ClientDep) -> Nothing:
    """The answer does not tell whether the address had an account before."""
    await context.accounts.registration.sign_up(
        body.email, body.password, client=client, redirect_to=body.redirect_to
    )
    return {}


@router.post(
    "/reset-password",
    status_code=201,
    responses=failures.told(errors.Unprocessable, errors.TooManyRequests),
)
async def reset_password(body: ResetPassword, context: ContextDep, client: ClientDep) -> Nothing:
    """Mail a code, which `/auth/v1/verify` takes. The answer does not tell whether there is an
    account."""
    await context.accounts.recovery.request(body.email, client=client, redirect_to=body.redirect_to)
    return {}


@router.put("/update-email", responses=failures.told(errors.Conflict, errors.TooManyRequests))
async def update_email(
    body: UpdateEmail, context: ContextDep, principal: PrincipalDep, client: ClientDep
) -> Nothing:
    """The address changes once a mail to it was answered; where no mails are sent, at once."""
    await context.accounts.changes.change(
        principal.identity, client=client, email=body.email, redirect_to=body.redirect_to
    )
    return {}
