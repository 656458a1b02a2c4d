"""The account that PostgreSQL runs under when we are root: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """`nobody` when we are root; else None: no change of account is needed, or possible."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def open_to_all(path: Path) -> bool:
    """Whether any account may enter every folder above `path` and read it."""
    wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
    real = path.resolve()
    if real.stat().st_mode & wanted != wanted:
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)


def hand_over(path: Path, account: Account) -> None:
    """Make a file, or a folder with all that is in it, the account's."""
    for each in [path, *path.rglob("*")]:
        os.chown(each, account.uid, account.gid, follow_symlinks=False)
