"""What is made once and kept: a folder that either is complete or does not exist."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from supamanager_dev.progress import Progress


def root() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "supamanager"


def provide(
    folder: Path,
    files: Iterable[str],
    *,
    make: Callable[[Path], None],
    progress: Progress,
) -> Path:
    """The folder with these files in it, made by `make` if one is missing.

    `make` fills another folder, which is renamed when it is done: a build that was interrupted
    leaves nothing that could be taken for a finished one. One process makes, others wait.
    """
    names = list(files)
    if _complete(folder, names):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock(folder.parent / f".{folder.name}.lock", progress):
        if _complete(folder, names):
            return folder
        partial = folder.parent / f".{folder.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            make(partial)
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder


def _complete(folder: Path, names: list[str]) -> bool:
    return all((folder / name).is_file() for name in names)


@contextmanager
def _lock(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another process that holds {path}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
