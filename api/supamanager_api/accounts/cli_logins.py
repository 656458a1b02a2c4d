"""Signing a command line in: a person approves it in the browser and tells it a code.

The command line draws a session's id and a pair of keys on the curve P-256. The browser brings
both here; a personal token is encrypted for the command line, which comes for it with the code.
The code keeps a stranger's command line from being approved by mistake: it is shown to the person
who approves, and has to be typed in where the token arrives.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from supamanager_api import errors, ratelimits
from supamanager_api.accounts import queries
from supamanager_api.accounts.access_tokens import AccessTokens
from supamanager_api.accounts.model import Client, CliLoginRow, Identity
from supamanager_api.database import Database

_SECONDS: Final = 600.0
_NONCE: Final = 12
_FAILURES: Final = 5
_NAME: Final = "cli"


@dataclass(frozen=True)
class Sealed:
    """Everything in hexadecimal digits."""

    ciphertext: str
    public_key: str
    nonce: str


class CliLogins:
    def __init__(
        self, database: Database, tokens: AccessTokens, *, limits: ratelimits.RateLimits
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._limits = limits

    async def approve(
        self, identity: Identity, session_id: UUID, *, public_key: str, name: str | None
    ) -> str:
        """Lay a token ready for the command line; returns the nonce, whose first eight digits are
        the code.

        Raises:
            Invalid: the key is none, or the name.
            Conflict: this session was approved before.
        """
        key = _public_key(public_key)
        async with self._database.transaction() as connection:
            made = await self._tokens.create_in(
                connection, identity, name or _NAME, expires_at=None
            )
            sealed = seal(made.token, key)
            if not await queries.CREATE_CLI_LOGIN(
                connection,
                session_id,
                made.row.id,
                sealed.ciphertext,
                sealed.public_key,
                sealed.nonce,
                _SECONDS,
            ):
                raise errors.Conflict("This command line was approved before; start it again")
        return sealed.nonce

    async def collect(self, session_id: UUID, code: str, *, client: Client) -> CliLoginRow:
        """What was laid ready; an answer that got lost can be asked for again until it is over.
        After five wrong codes the token is revoked.

        Raises:
            NotFound: nothing is laid ready for this session and code.
            TooManyRequests
        """
        await self._limits.take((ratelimits.CLI_ADDRESS, ratelimits.network(client.address)))
        async with self._database.transaction() as connection:
            row = await queries.COLLECT_CLI_LOGIN(connection, session_id, code.strip().lower())
            if row is None:
                failed = await queries.FAIL_CLI_LOGIN(connection, session_id)
                if failed and failed.failures >= _FAILURES:
                    await queries.REVOKE_ACCESS_TOKEN(connection, failed.access_token_id)
        if row is None:
            raise errors.NotFound("No command line with this session and code is approved")
        return row


def seal(token: str, receiver: ec.EllipticCurvePublicKey) -> Sealed:
    """The token for whoever holds the private key."""
    own = ec.generate_private_key(ec.SECP256R1())
    shared = own.exchange(ec.ECDH(), receiver)
    nonce = os.urandom(_NONCE)
    public = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Sealed(
        ciphertext=AESGCM(shared).encrypt(nonce, token.encode(), None).hex(),
        public_key=public.hex(),
        nonce=nonce.hex(),
    )


def _public_key(text: str) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(text))
    except ValueError:
        raise errors.Invalid("public_key is no point of P-256 in hexadecimal digits") from None
