"""`python -m supamanager_dev up`, `fetch`, `program NAME` and `docs`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from supamanager_dev import helm, kind, kubectl, up
from supamanager_dev.errors import DevError
from supamanager_dev.progress import to_stderr

_PROGRAMS: Final[dict[str, Callable[[], Path]]] = {
    "helm": lambda: helm.ensure(to_stderr),
    "kind": lambda: kind.ensure(to_stderr),
    "kubectl": kubectl.program,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m supamanager_dev", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("up", help="start everything and make one project")
    command.add_argument(
        "--once", action="store_true", help="end when the project is active, telling the seconds"
    )
    command.add_argument(
        "--kubeconfig",
        type=Path,
        metavar="FILE",
        help="use this cluster instead of a control plane of our own",
    )
    command = commands.add_parser("docs", help="write the generated parts of the documentation")
    command.add_argument("--check", action="store_true", help="compare instead of writing")
    commands.add_parser("fetch", help="build and fetch every program that the tests run")
    command = commands.add_parser("program", help="print where a program is, made if it is missing")
    command.add_argument("name", choices=sorted(_PROGRAMS))
    options = parser.parse_args(arguments)
    if options.command == "docs":
        return _docs(check=options.check)
    try:
        if options.command == "fetch":
            return _fetch()
        if options.command == "program":
            print(_PROGRAMS[options.name]())
            return 0
        seconds = up.run(Console(), once=options.once, kubeconfig=options.kubeconfig)
    except DevError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.once:
        print(f"active_seconds: {seconds:.1f}")
    return 0


def _docs(*, check: bool) -> int:
    # It imports operator and API, which `up` need not wait for.
    from supamanager_dev import docs

    return docs.run(check=check)


def _fetch() -> int:
    """Before the tests and not among them: a compiler at work makes what they wait for late."""
    from supamanager_dev import actionlint, binaries, chromium, flux, foreignkinds, projectdb

    for ensure in (
        *(binaries.ensure, helm.ensure, kind.ensure, foreignkinds.ensure),
        *(projectdb.ensure, chromium.ensure, flux.ensure, actionlint.ensure),
    ):
        ensure(lambda line: print(line, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
