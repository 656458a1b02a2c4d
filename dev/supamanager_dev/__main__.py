"""`python -m supamanager_dev up [--once]` and `python -m supamanager_dev docs [--check]`."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from supamanager_dev import up
from supamanager_dev.errors import DevError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m supamanager_dev", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("up", help="start everything and make one project")
    command.add_argument(
        "--once", action="store_true", help="end when the project is active, telling the seconds"
    )
    command = commands.add_parser("docs", help="write the generated parts of the documentation")
    command.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    if options.command == "docs":
        return _docs(check=options.check)
    try:
        seconds = up.run(Console(), once=options.once)
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


if __name__ == "__main__":
    sys.exit(main())
