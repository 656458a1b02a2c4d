"""What people name things may hold is one rule, wherever a name is given."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from supamanager_api.http.bodies import Body
from supamanager_api.http.gotrue.bodies import Enrol
from supamanager_api.http.platform import (
    access_tokens,
    content_bodies,
    lifecycle,
    members,
    organizations,
    profile,
    project_bodies,
)

ITEM = str(uuid.uuid4())
TOTP = {"factor_type": "totp"}
GIVEN: list[tuple[type[Body], str, dict[str, Any]]] = [
    (organizations.CreateOrganization, "name", {}),
    (organizations.UpdateOrganization, "name", {}),
    (project_bodies.CreateProject, "name", {}),
    (lifecycle.Change, "name", {}),
    (content_bodies.UpsertContent, "name", {"id": ITEM}),
    (content_bodies.CreateFolder, "name", {}),
    (content_bodies.UpdateFolder, "name", {}),
    (access_tokens.CreateToken, "name", {}),
    (access_tokens.ApproveCli, "token_name", {"session_id": ITEM, "public_key": "04"}),
    (profile.UpdateProfile, "username", {}),
    (profile.UpdateProfile, "first_name", {}),
    (profile.UpdateProfile, "last_name", {}),
    (members.ChangeRole, "name", {"role_scoped_projects": []}),
    (Enrol, "friendly_name", TOTP),
    (Enrol, "issuer", TOTP),
]


@pytest.mark.parametrize(("body", "field", "rest"), GIVEN)
def test_a_name_is_one_line(body: type[BaseModel], field: str, rest: dict[str, Any]) -> None:
    for name in ("a\nb", "a\x07", "\x1b[31m", "a\x00b", "a\x7fb", "x" * 257):
        with pytest.raises(ValidationError):
            body.model_validate({**rest, field: name})
    for name in ("Mars \U0001f680", "a\x85b\u2028c", "é漢 #: - {x}"):
        assert getattr(body.model_validate({**rest, field: f" {name}\n"}), field) == name
