from __future__ import annotations

import json
import logging
import sys

from supamanager_api import logs


def line(message: str, *args: object, **extra: object) -> dict[str, object]:
    record = logging.getLogger("test").makeRecord(
        "test", logging.INFO, "file", 1, message, args, None, extra=extra
    )
    return json.loads(logs.formatter().format(record))


def test_a_line():
    made = line("hello %s", "you", project="p")
    assert made["message"] == "hello you"
    assert made["level"] == "INFO"
    assert made["logger"] == "test"
    assert made["project"] == "p"
    assert str(made["time"]).endswith("+00:00")
    assert "request_id" not in made


def test_the_id_of_the_request():
    token = logs.request_id.set("r-1")
    try:
        assert line("hello")["request_id"] == "r-1"
    finally:
        logs.request_id.reset(token)


def test_one_line_even_with_a_traceback():
    try:
        raise ValueError("several\nlines")
    except ValueError:
        record = logging.getLogger("test").makeRecord(
            "test", logging.ERROR, "file", 1, "failed\nbadly", (), sys.exc_info()
        )
    text = logs.formatter().format(record)
    assert "\n" not in text
    assert "ValueError: several\nlines" in json.loads(text)["exception"]


def test_values_that_json_does_not_know():
    assert line("x", value={1, 2})["value"] == "{1, 2}"
