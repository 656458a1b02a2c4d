"""Each expression of a template fills one whole scalar, and no value gets out of its place."""

from __future__ import annotations

import copy
import json
import re

import jinja2
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import renderings
from supamanager_operator import render
from supamanager_operator.render import data, templates
from supamanager_operator.render.templates import Reference

TEMPLATES = sorted(path.name for path in data.root().glob("*.yaml.j2"))
EXPRESSION = r"\{\{ [^{}]+ \}\}"
KEY = rf"(?:[A-Za-z][\w.-]*|{EXPRESSION})"
WHOLE = re.compile(rf"\s*(?:- )?(?:{KEY}: )?{EXPRESSION}|\s*(?:- )?{EXPRESSION}: [\w-]+")
STATEMENT = re.compile(r"\s*\{% [^%]+ %\}")


def whole_scalars(text):
    """The lines in which an expression is only a part of a scalar."""
    return [
        line
        for line in text.splitlines()
        if ("{{" in line or "}}" in line) and not WHOLE.fullmatch(line)
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_expressions_are_whole_scalars(name):
    assert whole_scalars(data.text(name)) == []


@pytest.mark.parametrize(
    "line",
    [
        "value: http://{{ host }}",
        "value: {{ host }}:{{ port }}",
        'value: "{{ host }}"',
        "args: [{{ a }}, {{ b }}]",
        "value: {{ host }} # {{ comment }}",
        "{{ key }}-x: value",
        "  {{ a }} {{ b }}",
    ],
)
def test_the_lint_sees_parts_of_scalars(line):
    assert whole_scalars(line) == [line]


@pytest.mark.parametrize("name", TEMPLATES)
def test_statements_stand_alone_and_nothing_is_a_block_of_text(name):
    for line in data.text(name).splitlines():
        assert "{%" not in line or STATEMENT.fullmatch(line)
        assert not re.search(r"[|>][-+0-9]*$", line)
        assert "{#" not in line
        assert "| safe" not in line


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "quote \" and ' and \\",
        "a: b # c",
        "- x\n- y\r\n---\n...",
        "{{ 7 * 7 }} {% raw %}",
        "$(HOME) $$(HOME) $$ $",
        "*anchor &anchor !!python/object:os.system",
        "\x00\x07\x1f\x7f\x85\x9f",
        "\u2028---\u2029...\ufeff\ufffe",
        "日本語 🙂 é",
        "true",
        "1e3",
        "",
    ],
)
def test_a_text_survives(value):
    written = templates.finalize(value)
    read = yaml.load(f"- key: {written}\n- next\n", Loader=yaml.CSafeLoader)
    assert read == [{"key": templates.literal(value)}, "next"]
    assert renderings.expand(templates.literal(value), {"HOME": "/root"}) == value


def test_scalars_keep_their_type():
    assert [templates.finalize(value) for value in (True, 5, "5")] == ["true", "5", '"5"']


def test_a_reference_is_expanded():
    assert templates.finalize(Reference("$(A)")) == '"$(A)"'


@pytest.mark.parametrize("value", [None, [], {}, 1.5, b"x"])
def test_only_scalars_are_written(value):
    with pytest.raises(TypeError, match="must be a scalar"):
        templates.finalize(value)


def test_an_unknown_name_is_an_error():
    template = templates.environment().from_string("a: {{ missing }}")
    with pytest.raises(jinja2.UndefinedError, match="missing"):
        template.render()


def spec_with(text):
    return {
        "displayName": text,
        "http": {"host": text},
        "auth": {"siteURL": text, "redirectURLs": [text]},
        "database": {"managed": {"storage": {"className": text}, "parameters": {"name": text}}},
        "storage": {"file": {"className": text}},
        "rest": {"schemas": [text], "extraSearchPath": [text]},
        "studio": {"organizationName": text},
        "services": {
            name: {
                "image": text,
                "env": [{"name": "EXTRA", "value": text}],
                "nodeSelector": {"pool": text},
                "tolerations": [{"key": text, "value": text}],
                "priorityClassName": text,
            }
            for name in ("auth", "database")
        },
        "placement": {
            "nodeSelector": {"region": text},
            "topologySpread": [{"topologyKey": text}],
        },
    }


def shape(rendered):
    """Everything but the texts; checksums and what follows from them aside."""
    shapes = []
    for entry in rendered:
        body = copy.deepcopy(entry.body)
        if body["kind"] == "Job":
            body["metadata"]["name"] = ""
        if body["kind"] == "Secret":
            body["data"] = dict.fromkeys(body["data"], "")
        shapes.append([(path, type(value)) for path, value in renderings.scalars(body)])
    return shapes


def no_surrogates():
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(no_surrogates())
def test_no_value_breaks_out(make_inputs, text):
    inputs = make_inputs(spec_with(text))
    rendered = render.render(inputs)
    assert shape(rendered) == shape(render.render(make_inputs(spec_with("x"))))

    found = renderings.pods(rendered)
    auth = renderings.main_container(found["auth"])
    variables = renderings.environment(auth, inputs)
    assert variables["GOTRUE_SITE_URL"] == text
    assert variables["GOTRUE_URI_ALLOW_LIST"] == text
    assert variables["EXTRA"] == text
    assert variables["API_EXTERNAL_URL"] == f"https://{text}/auth/v1"
    assert found["auth"]["spec"]["nodeSelector"] == {"region": text, "pool": text}
    database = renderings.main_container(found["database"])
    assert renderings.arguments(database, inputs)[-2:] == ["-c", f"name={text}"]
    studio = renderings.environment(renderings.main_container(found["studio"]), inputs)
    assert studio["DEFAULT_PROJECT_NAME"] == text
    claims = renderings.of_kind(rendered, "PersistentVolumeClaim")
    assert json.dumps(claims["shop-storage"]["spec"]["storageClassName"]) == json.dumps(
        templates.literal(text)
    )
