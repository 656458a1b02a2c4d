"""`<p>-database`: how to reach the project's PostgreSQL, and as whom."""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import quote

from supamanager_kube import names, passwords
from supamanager_kube import secrets as layout
from supamanager_kube.components import COMPONENTS
from supamanager_operator import keys
from supamanager_operator.credentials import refuse

_DATABASE: Final = "postgres"
_USER: Final = "postgres"


def complete(
    project: str, namespace: str, *, data: dict[str, str], inputs: dict[str, str]
) -> dict[str, str]:
    """The whole data of the Secret.

    `inputs` is the data of `<p>-inputs`: its `database-password` wins over generation, but only
    while there is no password yet.

    Raises:
        Stalled: a value was not made from the value it depends on, or no server can be started
            with the password.
    """
    name = names.child(project, layout.DATABASE)
    port = COMPONENTS["database"].ports["postgres"]
    data = dict(data)
    if "password" not in data:
        derived = sorted({"password-verifier", "password-urlencoded", "uri"} & data.keys())
        if derived:
            raise refuse(name, f"{', '.join(derived)} cannot be used without password")
        data["password"] = inputs.get("database-password") or secrets.token_hex(16)
    password = data["password"]
    if not password or not passwords.usable(password):
        raise refuse(name, f"password must have at least one character, {passwords.RULE}")

    data.setdefault("password-verifier", keys.scram_verifier(password))
    if not keys.verifier_matches(data["password-verifier"], password):
        raise refuse(name, "password-verifier was not made from password")
    data.setdefault("crypto-key", secrets.token_urlsafe(24))

    encoded = quote(password, safe="")
    host = names.service_host(project, "database", namespace)
    derived_values = {
        "host": host,
        "port": str(port),
        "dbname": _DATABASE,
        "username": _USER,
        "password-urlencoded": encoded,
        "uri": f"postgresql://{_USER}:{encoded}@{host}:{port}/{_DATABASE}",
    }
    for key, value in derived_values.items():
        if data.setdefault(key, value) != value:
            raise refuse(name, f"{key} does not fit the project and password")
    return data
