"""Mails with a code and a link for an account that exists."""

from __future__ import annotations

from supamanager_api.accounts import codes, queries
from supamanager_api.database import Connection
from supamanager_api.mails.model import Kind
from supamanager_api.mails.service import Mails


async def send(
    connection: Connection,
    mails: Mails,
    kind: Kind,
    *,
    account_id: int,
    purpose: str,
    address: str,
    drawn: codes.Drawn,
    link: str,
    **fields: str,
) -> None:
    """Keep the code in place of the account's last one for the purpose, and mail it."""
    await queries.REPLACE_CODE(
        connection,
        account_id,
        purpose,
        address,
        drawn.code_hash,
        drawn.link_hash,
        codes.SECONDS,
    )
    await mails.enqueue(
        connection,
        address,
        kind,
        code=drawn.code,
        link=link,
        validity=codes.VALIDITY,
        **fields,
    )
