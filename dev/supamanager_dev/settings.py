"""Where the tools of `dev/` download from: one environment variable each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self
from urllib.parse import urlsplit

from supamanager_dev.errors import DevError

PREFIX: Final = "SUPAMANAGER_DOWNLOAD_"


class InvalidSetting(DevError):
    """A variable's value cannot be used; the message names the variable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The variable of a field is its name in capitals behind `SUPAMANAGER_DOWNLOAD_`."""

    kubernetes: str = "https://dl.k8s.io"
    """Has `release/VERSION/bin/linux/ARCH/NAME` and `NAME.sha256` of Kubernetes' programs."""
    helm: str = "https://get.helm.sh"
    """Has Helm's archives, each with its `.sha256sum`."""
    github: str = "https://github.com"
    """Has the releases of etcd, KWOK and kind, as `OWNER/NAME/releases/download/VERSION/FILE`."""
    github_api: str = "https://api.github.com"
    """Tells the checksums of KWOK, which publishes them in no file."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises InvalidSetting."""
        found = {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            if (text := environment.get(name)) is not None:
                if text and urlsplit(text).scheme not in ("http", "https"):
                    raise InvalidSetting(f"{name}: {text!r} is no http or https URL")
                found[field.name] = text.rstrip("/")
        return cls(**found)
