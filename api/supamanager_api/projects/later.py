"""What Studio can change and the custom resource has no field for yet.

Such a request, to a route or for a name within a document, is answered 404 and says which field is
missing; a name with its present value is no such request. Whoever adds the field adds the route or
the name, and deletes the line here: a test fails while a field is in both.
"""

from __future__ import annotations

import re
from typing import Final

ROUTES: Final[dict[tuple[str, str], str]] = {
    ("PATCH", "/platform/projects/{ref}/config/secrets"): "rotate.jwtSecret",
    ("PATCH", "/platform/projects/{ref}/db-password"): "rotate.databasePassword",
    ("PATCH", "/v1/projects/{ref}/database/password"): "rotate.databasePassword",
    ("POST", "/v1/projects/{ref}/api-keys"): "rotate.apiKeys",
    ("PATCH", "/v1/projects/{ref}/api-keys/{id}"): "rotate.apiKeys",
    ("DELETE", "/v1/projects/{ref}/api-keys/{id}"): "rotate.apiKeys",
    ("PUT", "/v1/projects/{ref}/api-keys/legacy"): "rotate.apiKeys",
    ("POST", "/v1/projects/{ref}/config/auth/signing-keys"): "rotate.jwtSecret",
    ("PATCH", "/v1/projects/{ref}/config/auth/signing-keys/{id}"): "rotate.jwtSecret",
    ("DELETE", "/v1/projects/{ref}/config/auth/signing-keys/{id}"): "rotate.jwtSecret",
    ("PATCH", "/platform/auth/{ref}/config/hooks"): "auth.hooks",
    ("GET", "/platform/projects/{ref}/config/realtime"): "realtime",
    ("PATCH", "/platform/projects/{ref}/config/realtime"): "realtime",
    ("GET", "/v1/projects/{ref}/config/realtime"): "realtime",
    ("PATCH", "/v1/projects/{ref}/config/realtime"): "realtime",
    ("PATCH", "/platform/projects/{ref}/config/pgbouncer"): "pooler",
    ("PATCH", "/v1/projects/{ref}/config/database/pooler"): "pooler",
}
"""Method and path → the field of `spec`; paths below /platform also without that prefix."""

AUTH_NAMES: Final[dict[str, str]] = {
    "EXTERNAL_": "auth.providers",
    "HOOK_": "auth.hooks",
    "MAILER_": "auth.templates",
    "MFA_": "auth.mfa",
    "RATE_LIMIT_": "auth.rateLimits",
    "SAML_": "auth.saml",
    "SECURITY_CAPTCHA_": "auth.captcha",
    "SMS_": "auth.sms",
    "SMTP_": "auth.smtp",
    "": "auth.config",
}
"""Beginning of a name of the auth service → the field of `spec`; the first that fits counts."""

_PARAMETER: Final = re.compile(r"{\w+}")


def _pattern(path: str) -> re.Pattern[str]:
    prefix, rest = ("(?:/platform)?", path.removeprefix("/platform"))
    if rest == path:
        prefix = ""
    return re.compile(prefix + _PARAMETER.sub("[^/]+", rest))


_PATTERNS: Final = tuple(
    (method, _pattern(path), field) for (method, path), field in ROUTES.items()
)


def route(method: str, path: str) -> str | None:
    """What is said to a request for one of ROUTES; None for any other."""
    for listed, pattern, field in _PATTERNS:
        if listed == method and pattern.fullmatch(path):
            return f"This is not offered yet: projects have no field spec.{field}"
    return None


def name(text: str) -> str:
    """What is said to a change of a name of the auth service."""
    field = next(field for start, field in AUTH_NAMES.items() if text.startswith(start))
    return f"{text} cannot be changed yet: projects have no field spec.{field}"
