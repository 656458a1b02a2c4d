"""Making an account."""

from __future__ import annotations

from fastapi import APIRouter

from supamanager_api.deps import ContextDep
from supamanager_api.http.bodies import Body, Text

router = APIRouter(tags=["accounts"])


class SignUp(Body):
    email: Text
    password: Text


@router.post("/signup", status_code=201)
async def sign_up(body: SignUp, context: ContextDep) -> dict[str, str]:
    """The answer does not tell whether the address had an account before."""
    await context.accounts.sign_up(body.email, body.password)
    return {}
