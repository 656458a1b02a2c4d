from __future__ import annotations

import pytest
from starlette.requests import Request

from supamanager_api.http import etags


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def test_what_the_client_has_is_not_sent_again():
    first = etags.answer(request(), [{"a": "ü"}])
    assert first.body == '[{"a":"ü"}]'.encode()
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = etags.answer(request(if_none_match=known), [{"a": "ü"}])
        assert (again.status_code, again.body) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("known", ["", "x", 'W/"x"', '"'])
def test_anything_else_is_answered(known: str):
    assert etags.answer(request(if_none_match=known), []).body == b"[]"


def test_a_change_changes_the_tag():
    tags = {etags.answer(request(), content).headers["etag"] for content in ([], [1], {}, [2])}
    assert len(tags) == 4
