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
        runs = []
        for number, api in enumerate((first, second)):
            folder = tmp_path / str(number)
            folder.mkdir()
            values = {"ref": ref, "slug": owner.slug, "organization_slug": owner.slug}
            lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
            # One of the two knows the names of what there is, the other draws names.
            parameters = "[parameters]\n" + "\n".join(lines) + "\n" if number == 0 else ""
            (folder / "schemathesis.toml").write_text(parameters)
            output = (folder / "output").open("wb")
            left_out = [
                word
                for name in sorted(known & set(LEFT_OUT))
                for word in ("--exclude-operation-id", name)
            ]
            runs.append(
                subprocess.Popen(
                    [
                        *(
                            sys.executable,
                            "-c",
                            "from schemathesis.cli import schemathesis; schemathesis()",
                            "run",
                            f"{api.url}/openapi.json",
                        ),
                        *("--header", f"Authorization: {token}", "--checks", ",".join(CHECKS)),
                        *("--max-time", str(SECONDS), "--request-timeout", "30"),
                        *("--continue-on-failure", "--no-color", *left_out),
                    ],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )
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
