"""Who a token belongs to."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from supamanager_api.deps import PrincipalDep
from supamanager_api.http.routing import Router

router = Router(tags=["profile"])


class V1ProfileOut(BaseModel):
    gotrue_id: UUID
    primary_email: str
    username: str


@router.get("/profile")
async def get_token_owner(principal: PrincipalDep) -> V1ProfileOut:
    account = principal.account
    return V1ProfileOut(
        gotrue_id=account.gotrue_id, primary_email=account.email, username=account.username
    )
