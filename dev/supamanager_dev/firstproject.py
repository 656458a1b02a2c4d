"""An account, an organization and a project by the management API, as a person would make them.

`python -m supamanager_dev.firstproject API FILE` waits until the project is active and writes how
both are reached into a file that nobody else may read.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console

from supamanager_dev import activation
from supamanager_dev.errors import DevError
from supamanager_dev.managementapi import ManagementApi

PATIENCE: Final = 1800.0
"""Seconds: the images of twelve services are pulled meanwhile."""
_REGION: Final = "mars-1"
_NAME: Final = "First"


@dataclass(frozen=True, kw_only=True)
class FirstProject:
    """What the file holds."""

    api: str
    email: str
    password: str
    ref: str
    url: str
    anon_key: str
    service_role_key: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises DevError for a file that is no such."""
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(**document)
        except (OSError, ValueError, TypeError) as error:
            raise DevError(f"{path}: {error}") from error

    def write(self, path: Path) -> None:
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def make(console: Console, url: str, *, patience: float = PATIENCE) -> FirstProject:
    """Another account and project at each call. People may sign up in it without a mail.

    Raises:
        ApiError
        NotActive
    """
    email = f"admin-{secrets.token_hex(4)}@example.com"
    password = f"{secrets.token_urlsafe(16)}aA1!"
    with ManagementApi(url) as api:
        api.sign_up(email, password)
        organization = api.create_organization("First")
        begun = time.monotonic()
        ref = api.create_project(
            organization, _NAME, region=_REGION, database_password=secrets.token_urlsafe(24)
        )
        api.configure_auth(ref, MAILER_AUTOCONFIRM=True)
        seconds = activation.await_active(
            console, api, ref, name=_NAME, begun=begun, patience=patience
        )
        access = api.access(ref)
    console.print(f"project {ref} active after {seconds:.1f} s", highlight=False)
    return FirstProject(
        api=url,
        email=email,
        password=password,
        ref=ref,
        url=access.url,
        anon_key=access.anon_key,
        service_role_key=access.service_role_key,
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m supamanager_dev.firstproject")
    parser.add_argument("api", help="the management API: scheme, host and port")
    parser.add_argument("file", type=Path, help="written: address, account, keys")
    options = parser.parse_args(arguments)
    try:
        make(Console(), options.api.rstrip("/")).write(options.file)
    except DevError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
