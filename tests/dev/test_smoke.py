"""The smoke test against a stub of a project: it passes, and each thing that is wrong fails it.

Row level security is that of a real PostgreSQL; everything else of the project is a stub.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import projectstub
from projectstub import ProjectStub
from supamanager_dev import smoke
from supamanager_dev.firstproject import FirstProject


@pytest.fixture
def stub(database_url: str) -> Iterator[ProjectStub]:
    with projectstub.running(database_url) as running:
        yield running


@pytest.fixture
def file(stub: ProjectStub, tmp_path: Path) -> Path:
    project = FirstProject(
        api=stub.management,
        email="admin@example.com",
        password="a-password",
        ref="abcdefghijklmnopqrst",
        url="http://abcdefghijklmnopqrst.example.com",
        anon_key=stub.anon_key,
        service_role_key=stub.service_key,
    )
    project.write(tmp_path / "project.json")
    return tmp_path / "project.json"


def test_seven_steps_are_told_and_nothing_is_left(
    stub: ProjectStub, file: Path, capsys: pytest.CaptureFixture[str]
):
    assert smoke.main([str(file), "--gateway", stub.gateway]) == 0
    told = [line.partition("  ")[0].strip() for line in capsys.readouterr().out.splitlines()]
    assert [line.removesuffix(" ok") for line in told] == [
        *("sign up", "token", "rows", "storage", "realtime", "function", "log line")
    ]
    assert stub.buckets == {}
    # A second run finds nothing of the first one in its way.
    assert smoke.main([str(file), "--gateway", stub.gateway]) == 0


@pytest.mark.parametrize(
    ("fault", "step", "words"),
    [
        ("mails", "sign up", "does it wait for a mail"),
        ("any token", "token", "GET /auth/v1/user: 200"),
        ("unknown table", "rows", "is not served"),
        ("no policy", "rows", "one sees one's own: no"),
        ("torn file", "storage", "the file is what was sent: no"),
        ("open bucket", "storage", "/file.bin: 200"),
        ("no sockets", "realtime", "the WebSocket is refused with 403"),
        ("closed channel", "realtime", "it may not be joined"),
        ("other words", "realtime", "one hears what another says: no"),
        ("hanging up", "realtime", "realtime:smoke-"),
        ("open function", "function", "GET /functions/v1/none-"),
        ("no log", "log line", "waited 2 s in vain for the line of /functions/v1/none-"),
    ],
)
def test_what_is_wrong_is_named_with_its_step(
    stub: ProjectStub,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: str,
    step: str,
    words: str,
):
    monkeypatch.setattr(smoke, "_SETTLED_SECONDS", 2.0)
    monkeypatch.setattr(smoke, "_LOG_SECONDS", 2.0)
    stub.faults.add(fault)
    assert smoke.main([str(file), "--gateway", stub.gateway]) == 1
    complaint = capsys.readouterr().err
    assert f"the smoke test failed: {step}: " in complaint
    assert words in complaint
    assert stub.service_key not in complaint
    assert stub.anon_key not in complaint


def test_a_project_that_is_away_is_told(
    stub: ProjectStub, file: Path, capsys: pytest.CaptureFixture[str]
):
    assert smoke.main([str(file), "--gateway", "http://127.0.0.1:9"]) == 1
    assert "the smoke test failed: sign up: " in capsys.readouterr().err
    assert stub.log == []


@pytest.mark.parametrize("text", ["", "[]", '{"api": "http://localhost"}'])
def test_a_file_that_is_no_project_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
):
    (tmp_path / "project.json").write_text(text)
    assert smoke.main([str(tmp_path / "project.json")]) == 1
    assert str(tmp_path / "project.json") in capsys.readouterr().err


def test_what_holds_keys_is_for_its_owner_only(file: Path):
    assert file.stat().st_mode & 0o777 == 0o600
