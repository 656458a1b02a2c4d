"""`python -m supamanager_api.recovery`: make the organizations again that resources belong to.

For a management database that was emptied: the mirror has brought the projects back, and their
labels and the annotations of their namespaces tell the slugs of organizations that are not there.
Without `--owner` they are only listed. Exit codes: 0 = done, 2 = it could not be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

from supamanager_api import errors, settingchecks, settings
from supamanager_api.accounts import queries as account_queries
from supamanager_api.database import Connection, Database
from supamanager_api.organizations import queries as organization_queries
from supamanager_api.permissions import Role
from supamanager_api.projects import claims, queries
from supamanager_api.projects.allowances import Allowances
from supamanager_api.projects.ownership import ANY, Allowance
from supamanager_kube import errors as kube_errors
from supamanager_kube.client import KubeClient

_SLUG: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m supamanager_api.recovery", description="Make lost organizations again."
    )
    parser.add_argument(
        "--owner", metavar="EMAIL", help="the account that is to own them; without it, list them"
    )
    try:
        lost = asyncio.run(_run(parser.parse_args().owner))
    except (errors.StartError, errors.ApiError, kube_errors.KubeError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    for slug, count in sorted(lost.items()):
        sys.stdout.write(f"{slug}: {count} project{'' if count == 1 else 's'}\n")
    return 0


async def _run(owner: str | None) -> dict[str, int]:
    """The slugs that no organization had, and how many projects are theirs."""
    configuration = settings.read(os.environ)
    async with AsyncExitStack() as stack:
        database = await Database.open(configuration.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        kube = await stack.enter_async_context(
            await KubeClient.connect(user_agent="supamanager-api/recovery")
        )
        async with database.acquire() as connection:
            rows = await queries.MIRRORED(connection, None)
        allowances = Allowances(kube)
        # Nobody may list all namespaces here: of those, our own is the one that has a name.
        watched = {
            configuration.projects_namespace if each == settingchecks.EVERY_NAMESPACE else each
            for each in configuration.watch_namespaces
        }
        allowed = {
            namespace: await allowances.get(namespace)
            for namespace in sorted(watched | {row.namespace for row in rows})
        }
        async with database.transaction() as connection:
            lost = await _lost(connection, allowed)
            if owner is not None:
                await _make(connection, lost, owner=owner)
                for namespace, allowance in allowed.items():
                    await claims.decide(connection, namespace, allowance)
        return lost


async def _lost(connection: Connection, allowed: Mapping[str, Allowance]) -> dict[str, int]:
    found: dict[str, int] = {}
    for namespace, allowance in allowed.items():
        for slug in allowance.slugs:
            if slug != ANY:
                found.setdefault(slug, 0)
        for row in await queries.MIRRORED(connection, namespace):
            if claimed := allowance.claim(row.organization_seen):
                found[claimed] = found.get(claimed, 0) + 1
    return {
        slug: count
        for slug, count in found.items()
        if _SLUG.fullmatch(slug) and await queries.ORGANIZATION_BY_SLUG(connection, slug) is None
    }


async def _make(connection: Connection, lost: Mapping[str, int], *, owner: str) -> None:
    """Raises NotFound: no account has the address."""
    account = await account_queries.ACCOUNT_BY_EMAIL(connection, owner)
    if account is None:
        raise errors.NotFound(f"No account has the address {owner}: sign up with it first")
    for slug in sorted(lost):
        made = await organization_queries.CREATE_ORGANIZATION(connection, slug, slug)
        if made is not None:
            await organization_queries.CREATE_MEMBERSHIP(
                connection, made.id, account.id, Role.OWNER
            )


if __name__ == "__main__":
    sys.exit(main())
