"""What the hook for DNS has still to be told of projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from supamanager_api import sql

Word = Literal["CREATE", "DELETE"]


@dataclass(frozen=True)
class Due:
    """One word about the names of one project; `attempt` counts from 1."""

    project_id: int
    project_ref: str
    word: str
    claim: int
    attempt: int


ADD = sql.Exec[str]("AddDnsRecords")
CLAIM = sql.One[Due, float]("ClaimDnsRecord")
FINISH = sql.Exec[int, int, str]("FinishDnsRecord")
POSTPONE = sql.Exec[int, int, float]("PostponeDnsRecord")


def hostnames(ref: str, *, domain: str) -> tuple[str, str]:
    """The names of a project: of its API and of its database."""
    return f"{ref}.{domain}", f"db.{ref}.{domain}"
