"""The header `Idempotency-Key`: a request that is sent again is done once."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request

from supamanager_api import errors, idempotency
from supamanager_api.context import Context
from supamanager_api.idempotency import Json, Keep

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[!-~]{1,255}")


async def once(
    request: Request,
    context: Context,
    *,
    account_id: int,
    work: Callable[[Keep], Awaitable[Json]],
) -> Json:
    """The answer of the work, or the one that was given to this request before.

    Raises:
        Invalid: the header's value.
        Unprocessable: the key was sent with another body.
    """
    value = request.headers.get(HEADER)
    if value is None:
        return await work(idempotency.nothing)
    if not _KEY.fullmatch(value):
        raise errors.Invalid(f"{HEADER}: must be 1 to 255 visible ASCII characters")
    asked = json.dumps([request.url.path, await request.json()], sort_keys=True)
    secret = context.settings.encryption_secret.get_secret_value()
    fingerprint = hmac.digest(secret.encode(), asked.encode(), "sha256")
    return await idempotency.once(
        context.database, idempotency.Key(account_id, value, fingerprint), work
    )
