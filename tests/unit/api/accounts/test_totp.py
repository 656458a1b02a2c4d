from __future__ import annotations

import base64
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qs, urlsplit

import pytest

from supamanager_api.accounts import totp

RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_examples_of_the_standard(seconds: int, expected: str):
    """RFC 6238, appendix B, the last six of its eight digits."""
    assert totp.code(RFC, seconds // totp.PERIOD) == expected


def test_a_clock_may_be_off_by_one_interval():
    now = 3_000_000.0
    present = int(now) // totp.PERIOD
    steps = range(present - 3, present + 4)
    found = [totp.matching_step(RFC, totp.code(RFC, step), now=now) for step in steps]
    assert found == [None, None, present - 1, present, present + 1, None, None]


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "\u0661" * 6])
def test_what_is_no_code(given: str):
    assert totp.matching_step(RFC, given, now=59.0) is None


def test_secrets_are_drawn():
    drawn = {totp.new_secret() for _ in range(50)}
    assert len(drawn) == 50
    assert {len(base64.b32decode(secret)) for secret in drawn} == {20}


def test_the_uri_survives_odd_names():
    uri = totp.uri(RFC, issuer="Our Plane: 50%", account="ann+1@example.test")
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    query = {name: value for name, (value,) in parse_qs(parts.query).items()}
    assert query["issuer"] == "Our Plane: 50%"
    assert query["secret"] == RFC


def test_the_picture_is_svg():
    root = ElementTree.fromstring(totp.qr_code("otpauth://totp/x?secret=y"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert int(root.attrib["width"]) > 100
