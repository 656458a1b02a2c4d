"""Second factors of people who lost them, for the platform's administrators."""

from __future__ import annotations

from pydantic import BaseModel

from supamanager_api import errors
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import failures
from supamanager_api.http.bodies import Body, Text
from supamanager_api.http.routing import Router

router = Router(tags=["accounts"])


class Loser(Body):
    email: Text


class RemovedOut(BaseModel):
    removed: int


@router.post("/lost-factors", responses=failures.told(errors.NotFound))
async def remove_lost_factors(
    body: Loser, context: ContextDep, principal: PrincipalDep
) -> RemovedOut:
    """Remove the account's second factors and end its sessions; its owner is told by mail, where
    mails are sent. Whoever asks must have made sure who asked them."""
    if principal.identity.session is None:
        raise errors.Forbidden("A personal access token may not do this: sign in", code="bad_jwt")
    return RemovedOut(removed=await context.accounts.factors.take_away(body.email))
