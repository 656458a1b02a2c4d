"""Deleting what is over, in every replica: a row that is gone is not deleted twice."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from typing import Final

from supamanager_api import sql
from supamanager_api.background import Task
from supamanager_api.context import Context
from supamanager_api.database import Database

logger = logging.getLogger(__name__)

_PAUSE: Final = 300.0


class Expiry:
    """Each statement is repeatable, and keeps to itself what it means by over."""

    def __init__(self, database: Database, statements: Sequence[sql.Exec[()]]) -> None:
        self._database = database
        self._statements = statements

    async def run(self) -> None:
        """Work until cancelled, or until the database is lost."""
        while True:
            for statement in self._statements:
                async with self._database.transaction() as connection:
                    deleted = await statement(connection)
                if deleted:
                    logger.info(
                        "deleted what is over",
                        extra={"query": statement.statement.name, "rows": deleted},
                    )
            await asyncio.sleep(_PAUSE * random.uniform(0.5, 1.0))  # noqa: S311


def task(context: Context) -> Task:
    return Task("expiry", Expiry(context.database, context.expiries).run)
