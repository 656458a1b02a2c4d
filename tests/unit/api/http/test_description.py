from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import described
from supamanager_api.http import failures, paging
from supamanager_api.http.permissions import ROUTES, Open

WITHOUT_ETAG: Final = {
    "Keys and sealed names of projects, which no browser is to keep.": {
        "list_api_keys",
        "list_databases",
        "list_signing_keys",
    },
    "How services are at the moment: who asks waits for a change.": {
        "get_health_2024",
        "get_health_singular",
        "get_project_health",
        "list_database_statuses",
    },
    "What there is in this release, the same for everybody and for years.": {
        "list_addons",
        "list_addons_2024",
        "list_available_regions",
        "list_backups",
        "list_backups_v1",
        "list_entitlements",
        "list_restore_versions",
        "list_service_versions",
        "list_v1_addons",
        "list_v1_available_regions",
        "list_v1_entitlements",
        "list_v1_restore_versions",
    },
}
"""Lists by the names of their operations."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return described.document()


def test_the_description_is_valid(document: dict[str, Any]):
    OpenAPIV31SpecValidator(document).validate()


def test_every_operation_tells_its_security_and_its_failures(document: dict[str, Any]):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            public = ROUTES[method.upper(), path] is Open.PUBLIC
            assert operation["security"] == ([] if public else [{"token": []}])
            gotrue = path.startswith("/auth/v1/")
            for status, told in operation["responses"].items():
                if status.startswith(("4", "5")) and "*/*" not in told["content"]:
                    schema = told["content"]["application/json"]["schema"]
                    if "const" not in schema:
                        name = schema["$ref"].rpartition("/")[2]
                        assert name == ("AuthError" if gotrue else "Error"), (path, status)


def test_every_answer_has_a_shape(document: dict[str, Any]):
    """But the ones of the services of projects, which are not ours to describe."""
    loose = {
        "object without names": {"type": "object", "additionalProperties": True},
        "anything": {},
    }
    unknown = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, told in operation["responses"].items():
                schema = told.get("content", {}).get("application/json", {}).get("schema")
                bare = {key: schema[key] for key in schema if key != "title"} if schema else schema
                if bare in loose.values() and path != "/openapi.json":
                    unknown.append(f"{method} {path} {status}")
    assert not unknown


def test_an_operation_tells_the_failures_of_its_path_its_body_and_its_row(document: dict[str, Any]):
    paths = document["paths"]

    def statuses(method: str, path: str) -> set[str]:
        return {status for status in paths[path][method]["responses"] if status >= "4"}

    assert statuses("get", "/healthz") == {"5XX"}
    assert statuses("get", "/platform/profile/permissions") == {"401", "403", "5XX"}
    assert statuses("get", "/platform/projects/{ref}") == {"400", "401", "403", "404", "5XX"}
    assert statuses("patch", "/platform/projects/{ref}") == {
        *("400", "401", "403", "404", "408", "409", "413", "415", "422", "5XX")
    }
    assert statuses("post", "/platform/auth/login") == {"400", "408", "413", "415", "429", "5XX"}
    assert statuses("post", "/pg/query") == {"4XX", "5XX"}
    for path in ("/platform/auth/{ref}/config", "/v1/projects/{ref}/config/auth"):
        assert "no field for yet" in paths[path]["patch"]["responses"]["404"]["description"]


def test_what_an_answer_names_is_linked_to_the_operations_that_take_it(document: dict[str, Any]):
    paths = document["paths"]
    made = paths["/platform/projects"]["post"]["responses"]["201"]["links"]
    assert made["pause_project"] == {
        "operationId": "pause_project",
        "parameters": {"ref": "$response.body#/ref"},
    }
    assert "get_project_2024" not in made
    saved = paths["/platform/projects/{ref}/content"]["put"]["responses"]["200"]["links"]
    assert saved["get_content"]["parameters"] == {
        "ref": "$request.path.ref",
        "content_id": "$response.body#/id",
    }
    operations = {
        operation["operationId"]: operation
        for methods in paths.values()
        for operation in methods.values()
    }
    for operation in operations.values():
        for told in operation["responses"].values():
            for link in told.get("links", {}).values():
                target = operations[link["operationId"]]
                assert set(link["parameters"]) <= {
                    each["name"] for each in target.get("parameters", ())
                }


def test_lists_have_an_etag(document: dict[str, Any]):
    """But those that the services of projects answer, and those with a reason."""
    without = {
        operation["operationId"]
        for operation in (each["get"] for each in document["paths"].values() if "get" in each)
        if is_list(operation) and "304" not in operation["responses"]
    }
    assert without == set().union(*WITHOUT_ETAG.values())


def is_list(operation: dict[str, Any]) -> bool:
    """It answers an array, in pages, or is called a list."""
    responses = operation["responses"]
    if responses.get("4XX") == failures.REFUSED["4XX"]:
        return False
    told = responses.get("200", {})
    schema = told.get("content", {}).get("application/json", {}).get("schema", {})
    return (
        operation["operationId"].startswith("list_")
        or paging.HEADER in told.get("headers", {})
        or any(each.get("type") == "array" for each in (schema, *schema.get("anyOf", ())))
    )


def test_what_may_be_asked_is_not_longer_than_a_server_reads(document: dict[str, Any]):
    """Where a length is told at all; as many bytes as the longest of characters takes in a URL."""
    too_long = [
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if sum(longest(each["schema"]) for each in operation.get("parameters", ())) > 60_000
    ]
    assert not too_long


def longest(schema: dict[str, Any]) -> int:
    if "anyOf" in schema:
        return max(map(longest, schema["anyOf"]))
    if schema.get("type") == "array":
        return int(schema.get("maxItems", 1)) * longest(schema["items"])
    return len(quote("\N{GRINNING FACE}")) * int(schema.get("maxLength", 0))
