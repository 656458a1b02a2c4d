"""Quantities as the API server writes them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supamanager_kube import quantities


@pytest.mark.parametrize(
    ("given_", "stored"),
    [
        ("500m", "500m"),
        ("0.5", "500m"),
        (2, "2"),
        ("1000m", "1"),
        ("1000", "1k"),
        ("1500", "1500"),
        ("0.0001", "1m"),
        ("1024Mi", "1Gi"),
        ("1536Mi", "1536Mi"),
        ("0.5Gi", "512Mi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1.0001Ki", "1024103m"),
        ("1Ki", "1Ki"),
        ("1G", "1G"),
        ("1000M", "1G"),
        ("1.5G", "1500M"),
        ("0", "0"),
        ("0Mi", "0"),
        ("0010", "0010"),
        ("01000", "1k"),
        ("00", "0"),
        ("0.0000000001", "1m"),
        ("99999999999999999999", "99999999999999999999"),
    ],
)
def test_canonical(given_, stored):
    assert quantities.canonical(given_) == stored


def test_the_value():
    assert quantities.value("1.5Gi") == 3 * quantities.GIBI / 2
    assert quantities.value("500m") == Fraction(1, 2)
    assert quantities.value(7) == 7


@pytest.mark.parametrize("text", ["", "Mi", "1mi", "-1", "1 Gi", "1e3", ".5"])
def test_no_quantity(text):
    with pytest.raises(ValueError, match="not a quantity"):
        quantities.canonical(text)


@given(
    st.integers(0, 10**9),
    st.integers(0, 999),
    st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi"]),
)
def test_canonical_is_stable(whole, part, suffix):
    once = quantities.canonical(f"{whole}.{part:03}{suffix}")
    assert quantities.canonical(once) == once
