"""Clients of servers on this machine, which speak plain HTTP."""

from __future__ import annotations

import http.client
import ssl
from typing import Final

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. A client that is not given it first reads every public authority's certificate,
which costs more than all its requests."""


def answers(port: int, path: str) -> bool:
    """Whether a server on this machine says 200; False also while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
