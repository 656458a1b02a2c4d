"""`python -m supamanager_api.audit`: export the audit log, and verify it.

Exit codes: 0 = whole, 1 = the chain is broken, 2 = it could not be read.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg

from supamanager_api import errors, settings
from supamanager_api.audit import chain, queries
from supamanager_api.audit.chain import Broken, Link, Mark
from supamanager_api.database import Connection

_AT_ONCE: Final = 1000
_CONNECT_SECONDS: Final = 10.0


def main() -> int:
    arguments = _parser().parse_args()
    try:
        if arguments.command == "export":
            asyncio.run(_export(after=arguments.after))
        elif arguments.file is not None:
            _report(_verify_file(arguments.file, expected=arguments.expect))
        else:
            _report(asyncio.run(_verify(expected=arguments.expect)))
    except Broken as broken:
        sys.stderr.write(f"broken: {broken}\n")
        return 1
    except (errors.StartError, OSError, UnicodeDecodeError, asyncpg.PostgresError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m supamanager_api.audit",
        description="The audit log of the database of DATABASE_URL.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write the entries as JSON lines")
    export.add_argument(
        "--after", type=int, default=0, metavar="POSITION", help="only what came after this entry"
    )
    verify = commands.add_parser("verify", help="find an entry that was changed or removed")
    verify.add_argument(
        "file", type=Path, nargs="?", help="a whole export, instead of the database"
    )
    verify.add_argument(
        "--expect",
        type=_mark,
        action="append",
        default=[],
        metavar="POSITION:HASH",
        help="an entry as it was known before, as `verify` prints the last one",
    )
    return parser


def _mark(text: str) -> Mark:
    match = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not POSITION:HASH")
    return Mark(int(match[1]), bytes.fromhex(match[2]))


async def _export(*, after: int) -> None:
    async with _snapshot() as connection:
        async for link in _links(connection, after=after):
            sys.stdout.write(f"{link.line()}\n")


async def _verify(*, expected: Iterable[Mark]) -> Mark:
    verifier = chain.Verifier(expected)
    async with _snapshot() as connection:
        async for link in _links(connection, after=0):
            verifier.add(link)
        head = await queries.HEAD.certain(connection)
    verifier.finish(Mark(head.position, head.hash))
    return verifier.last


def _verify_file(path: Path, *, expected: Iterable[Mark]) -> Mark:
    verifier = chain.Verifier(expected)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            verifier.add(Link.parse(line.removesuffix("\n")))
    verifier.finish()
    return verifier.last


@asynccontextmanager
async def _snapshot() -> AsyncIterator[Connection]:
    """What is appended meanwhile is not seen."""
    url = settings.database_url(os.environ)
    connection: asyncpg.Connection[Any] = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    finally:
        await connection.close()


async def _links(connection: Connection, *, after: int) -> AsyncIterator[Link]:
    while rows := await queries.LINKS(connection, after, _AT_ONCE):
        for row in rows:
            yield Link.of(row)
        after = rows[-1].position


def _report(last: Mark) -> None:
    sys.stdout.write(f"whole: {last.position} entries; the last is {last}\n")


if __name__ == "__main__":
    sys.exit(main())
