"""Second factors, as auth-js asks for them."""

from __future__ import annotations

from uuid import UUID

from supamanager_api import errors
from supamanager_api.accounts import totp
from supamanager_api.deps import ContextDep, PrincipalDep
from supamanager_api.http import failures
from supamanager_api.http.answers import Identified
from supamanager_api.http.cors import origin_of
from supamanager_api.http.gotrue import bodies
from supamanager_api.http.routing import Router

router = Router(tags=["auth"])


@router.post("/factors", responses=failures.told(errors.Unprocessable))
async def enrol_factor(
    body: bodies.Enrol, context: ContextDep, principal: PrincipalDep
) -> bodies.EnrolledOut:
    """A generator of codes; it counts once one of its codes was verified."""
    issuer = body.issuer or origin_of(context.settings.domain_studio_url).partition("://")[2]
    enrolled = await context.accounts.factors.enrol(
        principal.identity, name=body.friendly_name, issuer=issuer
    )
    return bodies.EnrolledOut(
        id=enrolled.factor.id,
        type="totp",
        friendly_name=enrolled.factor.friendly_name or "",
        totp=bodies.TotpOut(
            qr_code=totp.qr_code(enrolled.uri), secret=enrolled.secret, uri=enrolled.uri
        ),
    )


@router.post("/factors/{factor_id}/challenge")
async def challenge_factor(
    factor_id: UUID, context: ContextDep, principal: PrincipalDep
) -> bodies.ChallengeOut:
    made = await context.accounts.factors.challenge(principal.identity, factor_id)
    return bodies.ChallengeOut(id=made.id, type="totp", expires_at=int(made.expires_at.timestamp()))


@router.post(
    "/factors/{factor_id}/verify",
    responses=failures.told(errors.Unprocessable, errors.TooManyRequests),
)
async def verify_factor(
    factor_id: UUID, body: bodies.FactorCode, context: ContextDep, principal: PrincipalDep
) -> bodies.SessionOut:
    """New tokens of the same session, which has shown two factors now."""
    signed_in = await context.accounts.factors.verify(
        principal.identity, factor_id, challenge_id=body.challenge_id, code=body.code
    )
    return bodies.session(signed_in)


@router.delete("/factors/{factor_id}")
async def remove_factor(
    factor_id: UUID, context: ContextDep, principal: PrincipalDep
) -> Identified:
    await context.accounts.factors.remove(principal.identity, factor_id)
    return {"id": factor_id}
