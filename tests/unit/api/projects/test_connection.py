from __future__ import annotations

import re

import pytest

from supamanager_api.projects.connection import Connection, Connections, Unsealed

REF = "a" * 20
CONNECTIONS = Connections("s" * 40)


def test_sealed_and_opened():
    token = CONNECTIONS.seal(REF, 7)
    assert re.fullmatch(r"[-\w]{40,200}", token, re.ASCII)
    assert REF not in token
    assert Connections("s" * 40).open(token) == Connection(REF, 7)
    assert token == CONNECTIONS.seal(REF, 7)
    assert len({token, CONNECTIONS.seal(REF, 8), CONNECTIONS.seal("b" * 20, 7)}) == 3


def test_nothing_else_opens():
    token = CONNECTIONS.seal(REF, 7)
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for other in ("", "x", changed, token + "AAAA", token[:-4], "é" * 40, "=" * 8, "a" * 5000):
        with pytest.raises(Unsealed):
            CONNECTIONS.open(other)
    with pytest.raises(Unsealed):
        Connections("t" * 40).open(token)
