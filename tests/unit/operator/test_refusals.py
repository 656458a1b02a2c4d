"""What a refusal of the API server means, whatever was to be written."""

from __future__ import annotations

from typing import Any

import pytest

from supamanager_kube import errors, kinds, labels
from supamanager_kube.conditions import Reason
from supamanager_kube.errors import Cause
from supamanager_kube.kinds import Kind
from supamanager_operator import refusals
from supamanager_operator.errors import QuotaExceeded, Retry, Stalled

IMMUTABLE = (Cause("FieldValueInvalid", "type", "field is immutable"),)
QUOTA = errors.Forbidden("exceeded quota: few", status=403)


def document(component: str = "") -> dict[str, Any]:
    own = {labels.PROJECT_COMPONENT: component} if component else {}
    return {"metadata": {"name": "demo-x", "labels": {labels.PROJECT: "demo", **own}}}


@pytest.mark.parametrize(
    ("kind", "error", "reason"),
    [
        (kinds.SECRET, errors.Invalid("no", causes=IMMUTABLE), Reason.IMMUTABLE_FIELD),
        (kinds.SECRET, errors.Invalid("no"), Reason.INVALID_CONFIGURATION),
        (kinds.DEPLOYMENT, errors.Invalid("no"), Reason.INVALID_CONFIGURATION),
        (kinds.VOLUME_CLAIM, errors.Invalid("no"), Reason.IMMUTABLE_FIELD),
        (kinds.VOLUME_CLAIM, errors.Forbidden("no"), Reason.IMMUTABLE_FIELD),
    ],
)
def test_what_stalls(kind: Kind, error: errors.KubeError, reason: Reason) -> None:
    found = refusals.meaning(kind, document(), error)
    assert isinstance(found, Stalled)
    assert found.reason is reason
    assert found.message == f"{kind.name} demo-x is refused: no"
    assert found.about_secrets is (kind is kinds.SECRET)


@pytest.mark.parametrize(
    ("kind", "component", "about_secrets"),
    [(kinds.SECRET, "", True), (kinds.SECRET, "gateway", False), (kinds.SERVICE, "auth", False)],
)
def test_a_quota(kind: Kind, component: str, about_secrets: bool) -> None:
    found = refusals.meaning(kind, document(component), QUOTA)
    assert isinstance(found, QuotaExceeded)
    assert (found.component, found.message) == (component, "exceeded quota: few")
    assert found.about_secrets is about_secrets


def test_what_says_nothing_about_the_project() -> None:
    ending = errors.Forbidden("no", causes=(Cause("NamespaceTerminating", "", ""),))
    assert isinstance(refusals.meaning(kinds.SECRET, document(), ending), Retry)
    for error in (errors.Forbidden("no rule"), errors.Conflict("no"), errors.Unreachable("no")):
        assert refusals.meaning(kinds.SECRET, document(), error) is error
