"""The Secrets of a project: the other half of the contract between operator and API.

Names are `<project>-<suffix>`. A key that is not in this table is neither written nor read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

KEYS: Final = "keys"
DATABASE: Final = "database"
DASHBOARD: Final = "dashboard"
INTERNAL: Final = "internal"
GATEWAY: Final = "gateway"
INPUTS: Final = "inputs"


@dataclass(frozen=True, kw_only=True)
class SecretSpec:
    """`keys` are fixed; `prefixes` begin the names of keys there may be any number of."""

    suffix: str
    writer: Literal["operator", "api"]
    keys: tuple[str, ...]
    prefixes: tuple[str, ...] = ()
    generated: bool = True
    """Generated values are made once and never again; the others are derived at each rendering."""

    def has(self, key: str) -> bool:
        return key in self.keys or key.startswith(self.prefixes)


_TABLE: Final = (
    SecretSpec(
        suffix=KEYS,
        writer="operator",
        keys=(
            "jwt-secret",
            "jwt-keys",
            "jwks",
            "anon-key",
            "service-role-key",
            "anon-key-asymmetric",
            "service-role-key-asymmetric",
            "api-keys",
        ),
        prefixes=("publishable-", "secret-"),
    ),
    SecretSpec(
        suffix=DATABASE,
        writer="operator",
        keys=(
            "host",
            "port",
            "dbname",
            "username",
            "password",
            "password-urlencoded",
            "password-verifier",
            "uri",
            "crypto-key",
        ),
    ),
    SecretSpec(suffix=DASHBOARD, writer="operator", keys=("username", "password")),
    SecretSpec(
        suffix=INTERNAL,
        writer="operator",
        keys=(
            "secret-key-base",
            "realtime-db-enc-key",
            "vault-enc-key",
            "logflare-public-token",
            "logflare-private-token",
            "logflare-db-enc-key",
            "s3-access-key-id",
            "s3-secret-access-key",
        ),
    ),
    SecretSpec(suffix=GATEWAY, writer="operator", keys=("kong.yml",), generated=False),
    SecretSpec(
        suffix=INPUTS,
        writer="api",
        keys=("database-password",),
        generated=False,
    ),
)

SECRETS: Final[dict[str, SecretSpec]] = {spec.suffix: spec for spec in _TABLE}

PLATFORM_KEYS: Final = ("jwt-secret", "encryption-secret", "database-password")
"""Keys of the one Secret that belongs to no project: the management API's and its database's."""
