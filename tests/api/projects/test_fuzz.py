"""Everything that the OpenAPI document allows, and what it does not, sent to two processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from asking import eventually, new_owner

SECONDS = int(os.environ.get("SUPAMANAGER_FUZZ_SECONDS", "600"))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
LEFT_OUT = {
    "stream_project_events": "never ends",
    "sign_out": "would end the session that all requests are sent with",
    "delete_project": "would leave no project to ask for",
    "delete_organization": "would leave no organization to ask for",
    "delete_account": "would leave nobody to ask",
    "delete_profile": "would leave nobody to ask",
    "leave_organization": "would leave nobody to ask",
    "remove_member": "would leave nobody to ask",
    "change_password": "would end the session",
    "update_user": "would end the session",
}
"""Operations that are not sent, and why."""

SETTINGS = """
[[operations]]
include-path-regex = "^/pg/|/(pg-meta|storage|auth|database|analytics|api)/|/types/typescript$"
[operations.checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "502", "503", "504"]
"""
"""No services of a project run here: what would ask them says so."""

pytestmark = pytest.mark.long


def test_nothing_that_is_sent_fails_or_is_answered_otherwise_than_described(
    api_process, cluster, tmp_path: Path
):
    first, second = api_process(), api_process()
    with new_owner(first) as owner:
        ref = owner.create()
        eventually(lambda: cluster.project(ref))
        cluster.activate(ref)
        owner.await_word(ref, "ACTIVE_HEALTHY")
        token = owner.client.headers["Authorization"]
        with first.client() as client:
            paths = client.get("/openapi.json").json()["paths"]
        known = {each["operationId"] for methods in paths.values() for each in methods.values()}
        left_out = [
            word
            for name in sorted(known & set(LEFT_OUT))
            for word in ("--exclude-operation-id", name)
        ]
        # One of the two runs knows the names of what there is, the other draws names.
        settings = SETTINGS, SETTINGS + named(ref=ref, slug=owner.slug)
        runs = [
            start(
                tmp_path / str(number),
                api.url,
                config,
                options=("--header", f"Authorization: {token}", *left_out),
            )
            for number, (api, config) in enumerate(zip((first, second), settings, strict=True))
        ]
        try:
            for run in runs:
                run.wait(SECONDS + 600)
        finally:
            for run in runs:
                run.kill()
    reports = [(tmp_path / str(number) / "output").read_text() for number in (0, 1)]
    for report in reports:
        print(report[-3000:])
    assert [run.returncode for run in runs] == [0, 0], "\n".join(reports)
    for api in (first, second):
        assert "a request failed" not in api.logs
        assert "a background task failed" not in api.logs


def named(**values: str) -> str:
    return "[parameters]\n" + "".join(
        f"{name} = {json.dumps(text)}\n" for name, text in values.items()
    )


def start(
    folder: Path, url: str, config: str, *, options: tuple[str, ...]
) -> subprocess.Popen[bytes]:
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(config)
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            [
                *(Path(sys.executable).with_name("schemathesis"), "run", f"{url}/openapi.json"),
                *("--checks", ",".join(CHECKS), "--max-time", str(SECONDS)),
                *("--request-timeout", "30", "--continue-on-failure", "--no-color", *options),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
