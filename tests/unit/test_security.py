"""The table of threats leaves out no secret that the platform is given."""

from __future__ import annotations

from pydantic import SecretStr

import threats
from supamanager_api.settings import Settings


def test_every_secret_setting_has_a_row():
    secret = {
        name.upper()
        for name, field in Settings.model_fields.items()
        if field.annotation is SecretStr
    }
    assert {"DATABASE_URL", "JWT_SECRET", "SMTP_PASS"} <= secret
    assert secret - threats.names() == set()
