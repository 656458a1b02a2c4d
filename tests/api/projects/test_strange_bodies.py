"""Texts that JSON can hold and YAML reads otherwise: what is applied is sent as YAML."""

from __future__ import annotations

import pytest

from asking import eventually

NAMES = [
    "Mars \U0001f680",
    "\U0010ffff\U000d1043",
    "a\x85b\u2028c\u2029d",
    "\ufeff\ufffe\uffff \x9f",
    '\\ud83d\\ude80 "\\n',
    "é漢 #: - {x}",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_arrives_in_the_cluster_as_it_was_typed(owner, cluster, name: str):
    ref = owner.create(name=name)
    live = eventually(lambda: cluster.project(ref))
    assert live["spec"]["displayName"] == name
    assert owner.client.get(f"/platform/projects/{ref}").json()["name"] == name


def test_schemas_that_cannot_be_are_refused(owner):
    strange = ["\U000d1043\u00b7", ".T", "\x1c_4\t", "", ":", "\x1cm\u00f2\\"]
    answer = owner.ask(postgres_engine="15", data_api_exposed_schemas=strange)
    assert answer.status_code == 422, answer.text


def test_half_a_character_is_refused(owner):
    answer = owner.client.post(
        "/platform/projects",
        content=b'{"name": "\\ud83d", "organization_slug": "%s"}' % owner.slug.encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400, answer.text
