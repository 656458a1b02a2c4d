"""The notation in which answers are described must find what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

import shapes

NAMED = {"profile": {"id": "int", "(name)": "string|null"}}


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (1, "int"),
        (1.5, "number"),
        ("", "string"),
        (None, "string|null"),
        (False, "=false"),
        ("false", "=false"),
        (7, "=7"),
        ("7", "=7"),
        ("42P01", "=42P01"),
        ("b", "~a|b"),
        ("a\nLINE 2: b", "~(?s).*LINE 2:.*"),
        ("2026-01-01T00:00:00.123Z", "time"),
        ("2026-01-01T00:00:00+00:00", "time"),
        ("c0ffee00-0000-4000-8000-000000000000", "uuid"),
        ("http://a.example:8000/rest/v1/", "url"),
        ("flagfernvoledoorpear", "ref"),
        ({"id": 1, "other": 2}, "@profile"),
        ({"id": 1, "name": None}, {"@": "@profile", "id": "=1"}),
        ([], ["int"]),
        ([], []),
        ([{"a": 1}, {"a": 2}], [{"a": "int"}, {"a": "=2"}]),
    ],
)
def test_what_fits_has_no_problem(value: Any, shape: Any) -> None:
    assert shapes.problems(value, shape, NAMED) == []


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (True, "int"),
        (True, "=1"),
        (1, "=true"),
        (0, "=false"),
        ("1", "int"),
        (None, "string"),
        ("", "text"),
        (1, "~1"),
        ("ab", "~a"),
        ("yesterday", "time"),
        ("2026-01-01T00:00:00", "time"),
        ("/rest/v1/", "url"),
        ("a.b", "jwt"),
        ("short", "ref"),
        ({}, "@profile"),
        ({"id": 1, "name": 5}, "@profile"),
        ({"id": 2}, {"@": "@profile", "id": "=1"}),
        ({"id": "1"}, {"@": "@profile"}),
        (None, ["int"]),
        ([1], []),
        ([1, "2"], ["int"]),
        ([], ["any", "=1"]),
        ([{"a": 1}], [{"a": "int"}, {"a": "=2"}]),
        ([], {"a": "int"}),
    ],
)
def test_what_does_not_fit_has_one(value: Any, shape: Any) -> None:
    [problem] = shapes.problems(value, shape, NAMED)
    assert problem


@pytest.mark.parametrize("shape", ["integer", "@nobody", 5, {"a": "nul"}])
def test_a_shape_with_a_slip_is_an_error(shape: Any) -> None:
    with pytest.raises(shapes.Unknown):
        shapes.problems({"a": 1}, shape, NAMED)
