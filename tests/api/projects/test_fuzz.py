"""Everything that the OpenAPI document allows, and what it does not, sent to two processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from asking import Owner, eventually, new_owner
from supamanager_api.http.permissions import ROUTES

SECONDS = int(os.environ.get("SUPAMANAGER_FUZZ_SECONDS", "600"))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
ENDS = {
    "stream_project_events": "never ends",
    "sign_out": "would end the session that all requests are sent with",
    "end_session": "the same",
    "change_password": "the same",
    "update_user": "the same",
    "delete_account": "would leave nobody to ask",
    "leave_organization": "the same",
}
"""Operations that are not sent, and why."""
LOSES = {
    "delete_project": "would leave no project to ask for",
    "delete_v1_project": "the same",
    "delete_organization": "would leave no organization to ask for",
    "remove_member": "would leave nobody to ask",
}
"""Not sent either where the names of what there is are known."""

SETTINGS = """
[[operations]]
include-path-regex = "^/pg/|/(pg-meta|storage|auth|database|analytics|api|types|disk)/"
[operations.checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "502", "503", "504"]
"""
"""No services of a project run here: what would ask them says so."""

pytestmark = pytest.mark.long


def test_nothing_that_is_sent_fails_or_is_answered_otherwise_than_described(
    api_process, cluster, tmp_path: Path
):
    """Two accounts at two processes: one makes what it asks for, and follows the links of the
    answers; the other knows the names of what there is."""
    first, second = api_process(), api_process()
    with new_owner(first) as wanderer, new_owner(second) as owner:
        ref = owner.create()
        eventually(lambda: cluster.project(ref))
        cluster.activate(ref, volumes=[{"name": "database", "size": "10Gi"}])
        owner.await_word(ref, "ACTIVE_HEALTHY")
        member = owner.client.get(f"/platform/organizations/{owner.slug}/members").json()[0]
        known = named(
            ref=ref,
            project_ref=ref,
            slug=owner.slug,
            organization_slug=owner.slug,
            gotrue_id=member["gotrue_id"],
            role_id=3,
        )
        with first.client() as client:
            operations = described(client.get("/openapi.json").json())
        runs = [
            start(
                tmp_path / "wanderer",
                wanderer,
                SETTINGS,
                left_out=operations & set(ENDS),
                phases=("coverage", "stateful"),
            ),
            start(
                tmp_path / "owner",
                owner,
                SETTINGS + known,
                left_out=operations & {*ENDS, *LOSES},
                phases=("coverage", "fuzzing", "stateful"),
            ),
        ]
        try:
            for run in runs:
                run.wait(SECONDS + 600)
        finally:
            for run in runs:
                run.kill()
    reports = [(tmp_path / name / "output").read_text() for name in ("wanderer", "owner")]
    for report in reports:
        print(report[-3000:])
    print(told(requests_of(first) + requests_of(second)))
    assert [run.returncode for run in runs] == [0, 0], "\n".join(reports)
    for api in (first, second):
        assert "a request failed" not in api.logs
        assert "a background task failed" not in api.logs


def described(document: dict[str, Any]) -> set[str]:
    return {
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    }


def requests_of(api) -> Counter[tuple[str, str, str]]:
    """How often each method and route was answered with each status, as the process counted."""
    with api.client() as client:
        families = text_string_to_metric_families(client.get("/metrics").text)
    return Counter(
        {
            tuple(sample.labels[name] for name in ("method", "route", "code")): int(sample.value)
            for family in families
            for sample in family.samples
            if sample.name == "supamanager_api_requests_total"
        }
    )


def told(requests: Counter[tuple[str, str, str]]) -> str:
    routes = {key[:2] for key in requests} & set(ROUTES)
    well = {key[:2] for key in requests if key[2].startswith("2")} & set(ROUTES)
    return (
        f"{requests.total()} requests: {len(routes)} of {len(ROUTES)} operations were asked for, "
        f"{len(well)} succeeded at least once; never: "
        + ", ".join(sorted(" ".join(route) for route in set(ROUTES) - well))
    )


def named(**values: str | int) -> str:
    return "[parameters]\n" + "".join(
        f"{name} = {json.dumps(text)}\n" for name, text in values.items()
    )


def start(
    folder: Path, owner: Owner, config: str, *, left_out: set[str], phases: tuple[str, ...]
) -> subprocess.Popen[bytes]:
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(config)
    token = owner.client.headers["Authorization"]
    excluded = [word for name in sorted(left_out) for word in ("--exclude-operation-id", name)]
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("run", str(owner.client.base_url.join("/openapi.json"))),
                *("--header", f"Authorization: {token}", *excluded),
                *("--checks", ",".join(CHECKS), "--phases", ",".join(phases)),
                *("--max-time", str(SECONDS)),
                *("--request-timeout", "30", "--continue-on-failure", "--no-color"),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
