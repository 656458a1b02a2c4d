"""A real browser without a screen: Chromium, driven by its DevTools protocol.

The program comes from npm with the libraries that it needs, so no package of the system is
missing; versions and checksums are in `dev/chromium/package-lock.json`. On machines that it is not
built for, a Chromium of the system is taken.
"""

from __future__ import annotations

import os
import platform
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from supamanager_dev import npm
from supamanager_dev.errors import ToolMissing
from supamanager_dev.progress import Progress, silent, wait_until
from supamanager_dev.resource import Resource
from supamanager_dev.supervisor import Supervisor

MODULE: Final = Path(__file__).parents[1] / "chromium"
_PACKED: Final = "node_modules/@sparticuz/chromium/bin"
_ARCHIVES: Final = ("al2023", "fonts")
"""Libraries, and fonts."""
_FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{cache}/fonts</cachedir></fontconfig>
"""
_SYSTEM: Final = ("chromium", "chromium-browser", "google-chrome")
_START_SECONDS: Final = 60.0

_FLAGS: Final = (
    "--headless",
    # Its sandbox needs rights that a container or an unprivileged user may not have; what is opened
    # here are pages of our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


@dataclass(frozen=True)
class Installation:
    """`folder` holds the libraries and fonts of the program, or is None if it needs none."""

    program: Path
    folder: Path | None


def ensure(progress: Progress = silent) -> Installation:
    """The browser, fetched if it is missing.

    Raises:
        ToolMissing: there is none for this machine.
    """
    if platform.system() != "Linux" or platform.machine().lower() not in ("x86_64", "amd64"):
        return _of_the_system()
    folder = npm.ensure("chromium", MODULE, ["chromium"], finish=_unpack, progress=progress)
    return Installation(folder / "chromium", folder)


class Chromium(Resource):
    """A context manager: the browser runs inside, with a profile of its own that is thrown away."""

    def __init__(self, *, progress: Progress = silent) -> None:
        self._progress = progress
        self._supervisor: Supervisor | None = None
        self.url = ""
        """Where the DevTools protocol is spoken."""

    def __enter__(self) -> Self:
        installation = ensure(self._progress)
        self._supervisor = supervisor = Supervisor("chromium")
        try:
            profile = supervisor.directory / "profile"
            supervisor.start(
                "chromium",
                [installation.program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
                env=_environment(installation, home=supervisor.directory),
            )
            told = profile / "DevToolsActivePort"
            wait_until(
                lambda: told.exists() and told.read_text().count("\n") == 1,
                "the browser",
                timeout=_START_SECONDS,
                alive=lambda: supervisor.check("chromium"),
            )
            port, path = told.read_text().splitlines()
        except BaseException:
            self.close()
            raise
        self.url = f"ws://127.0.0.1:{port}{path}"
        return self

    def close(self) -> None:
        if self._supervisor is not None:
            self._supervisor.close()
            self._supervisor = None


def _of_the_system() -> Installation:
    for name in _SYSTEM:
        if program := shutil.which(name):
            return Installation(Path(program), None)
    raise ToolMissing(
        "there is no Chromium in npm for this machine; install your system's: "
        "apt-get install chromium"
    )


def _unpack(supervisor: Supervisor, folder: Path) -> None:
    packed = folder / _PACKED
    for name in ("chromium", *(f"{archive}.tar" for archive in _ARCHIVES)):
        supervisor.run(
            "unpack", [npm.NODE, MODULE / "unpack.mjs", packed / f"{name}.br", folder / name]
        )
    for archive in _ARCHIVES:
        path = folder / f"{archive}.tar"
        with tarfile.open(path) as tar:
            # The first versions of 3.11 know no filter; the package's hash is locked all the same.
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            tar.extractall(folder)  # noqa: S202
        path.unlink()
    shutil.rmtree(folder / "node_modules")
    (folder / "chromium").chmod(0o755)


def _environment(installation: Installation, *, home: Path) -> dict[str, str]:
    environment = {**os.environ, "HOME": str(home)}
    if installation.folder is not None:
        fonts = home / "fonts.conf"
        fonts.write_text(_FONTS.format(folder=installation.folder, cache=home))
        environment["LD_LIBRARY_PATH"] = str(installation.folder / "lib")
        environment["FONTCONFIG_FILE"] = str(fonts)
    return environment
