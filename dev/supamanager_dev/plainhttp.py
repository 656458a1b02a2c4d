"""Clients of servers on this machine, which speak plain HTTP."""

from __future__ import annotations

import ssl
from typing import Final

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. A client that is not given it first reads every public authority's certificate,
which costs more than all its requests."""
