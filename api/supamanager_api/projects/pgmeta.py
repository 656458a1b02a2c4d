"""A project's postgres-meta, which runs SQL as the role of the connection that it is told.

It takes the connection from a header, encrypted with the project's key in the form of CryptoJS.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from supamanager_api import errors
from supamanager_api.projects import secretdata, upstream
from supamanager_api.projects.model import ProjectRow
from supamanager_api.projects.upstream import Call
from supamanager_kube import names, secrets
from supamanager_kube.client import KubeClient

COMPONENT: Final = "meta"
CONNECTION_HEADER: Final = "x-connection-encrypted"
APPLICATION_HEADER: Final = "x-pg-application-name"

STATEMENT_SECONDS: Final = 50
"""Less than postgres-meta waits for an answer: the server then ends the statement, and no query
runs on that nobody waits for."""

_APPLICATION: Final = re.compile(r"[-\w./ ]{1,40}", re.ASCII)
_BLOCK_BITS: Final = 128
_KEY_BYTES: Final = 32


@dataclass(frozen=True)
class Connection:
    """What postgres-meta is told: an encrypted address, and a name by which the server's side of
    this one request is found."""

    encrypted: str
    application: str

    @property
    def headers(self) -> dict[str, str]:
        return {CONNECTION_HEADER: self.encrypted, APPLICATION_HEADER: self.application}

    def other(self) -> Connection:
        """The same address for another request."""
        return Connection(self.encrypted, _unique("supamanager"))

    @property
    def cancellation(self) -> dict[str, Any]:
        """The query that cancels what this request is running; its rows are what it found."""
        return {
            "query": "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = $1",
            "parameters": [self.application],
        }


async def connection(
    kube: KubeClient,
    row: ProjectRow,
    *,
    writes: bool,
    application: str = "",
    limited: bool = True,
) -> Connection:
    """A connection of the role that may write, or of the one that may only read.

    `limited`: a statement ends after STATEMENT_SECONDS.

    Raises:
        Unavailable: the API server does not answer, or the project has no database yet.
    """
    data = await secretdata.read(kube, row, secrets.DATABASE)
    if not data.keys() >= {"host", "port", "dbname", "username", "password", "crypto-key"}:
        raise errors.Unavailable(f"The project has no database yet; it is {row.status}")
    user = data["username"] if writes else names.READ_ONLY_ROLE
    place = f"{data['host']}:{data['port']}/{quote(data['dbname'], safe='')}"
    options = {"options": f"-c statement_timeout={STATEMENT_SECONDS * 1000}"} if limited else {}
    address = f"postgresql://{quote(user, safe='')}:{quote(data['password'], safe='')}@{place}"
    encrypted = encrypt(f"{address}?{urlencode(options)}", data["crypto-key"])
    named = application if _APPLICATION.fullmatch(application) else "supamanager"
    return Connection(encrypted, _unique(named))


def call(
    connection: Connection,
    method: str,
    *segments: str,
    query: Mapping[str, str] | None = None,
    body: bytes | None = None,
    read_seconds: float | None = upstream.READ_SECONDS,
) -> Call:
    """A request to postgres-meta; `body` is JSON."""
    kind = {} if body is None else {"Content-Type": "application/json"}
    return Call(
        component=COMPONENT,
        method=method,
        path=upstream.path(*segments),
        query=urlencode(query or {}),
        headers={**kind, **connection.headers},
        body=body,
        read_seconds=read_seconds,
    )


def encrypt(text: str, passphrase: str) -> str:
    """As `CryptoJS.AES.encrypt` does with a passphrase: AES-256-CBC, key and vector by MD5."""
    salt = os.urandom(8)
    block, derived = b"", b""
    while len(derived) < _KEY_BYTES + _BLOCK_BITS // 8:
        block = hashlib.md5(block + passphrase.encode() + salt, usedforsecurity=False).digest()
        derived += block
    padder = PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    cipher = Cipher(algorithms.AES(derived[:_KEY_BYTES]), modes.CBC(derived[_KEY_BYTES:]))
    encryptor = cipher.encryptor()
    encrypted = encryptor.update(padded) + encryptor.finalize()
    return base64.b64encode(b"Salted__" + salt + encrypted).decode()


def _unique(application: str) -> str:
    return f"{application} {randomness.token_hex(8)}"
