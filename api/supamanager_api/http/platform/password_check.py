"""The strength of a password that is being typed; nothing of it is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from supamanager_api.accounts import strength
from supamanager_api.deps import PrincipalDep
from supamanager_api.http.bodies import Body
from supamanager_api.http.routing import Router

router = Router(tags=["profile"])


class Feedback(TypedDict):
    warning: str
    suggestions: list[str]


class Score(TypedDict):
    """From 0 to 4."""

    score: int
    feedback: Feedback


class Judgement(TypedDict):
    result: Score


class Candidate(Body):
    password: Annotated[SecretStr, Field(min_length=1, max_length=1024)]


@router.post("/profile/password-check", response_model=Judgement)
async def check_password(body: Candidate, principal: PrincipalDep) -> JSONResponse:
    """Forms for a new project of the 2024 generation demand the score 4."""
    address = principal.account.email
    found = await strength.judge(
        body.password.get_secret_value(), known=(address, *address.split("@"))
    )
    feedback: Feedback = {"warning": found.warning, "suggestions": list(found.suggestions)}
    told: Judgement = {"result": {"score": found.score, "feedback": feedback}}
    return JSONResponse(told)
