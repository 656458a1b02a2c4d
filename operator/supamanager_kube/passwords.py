"""Which passwords a project's database can be started with."""

from __future__ import annotations

import re
from typing import Final

_UNUSABLE: Final = re.compile(r"[\x00-\x1f\x7f'\\]|\$\$")

RULE: Final = "no control characters, no ', no \\ and no $$"


def usable(password: str) -> bool:
    """Whether it keeps RULE.

    The database's image writes the password as it is between quotes into SQL that a superuser runs
    at the first start, once within a body quoted with $$, and through an echo that reads \\.
    """
    return not _UNUSABLE.search(password)
