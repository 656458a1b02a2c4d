"""The command that a newcomer types, as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from supamanager_dev import binaries
from supamanager_kube.components import COMPONENTS

COMMAND = [sys.executable, "-m", "supamanager_dev", "up", "--once"]


@pytest.fixture(autouse=True)
def programs(announce: Callable[[str], None]) -> None:
    binaries.ensure(announce)


def test_a_project_asked_for_over_http_becomes_active():
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *lines, last = done.stdout.splitlines()
    title, _, seconds = last.partition(": ")
    assert title == "active_seconds"
    assert 0 < float(seconds) < 120
    count = len(COMPONENTS)
    assert any(f"Active {count}/{count}" in line for line in lines)
    assert any(line.startswith("anon key:    eyJ") for line in lines)
    assert any(line.startswith("service key: eyJ") for line in lines)


def test_a_process_that_cannot_start_is_told_with_its_log():
    environment = {**os.environ, "SUPAMANAGER_WORKERS": "many"}
    done = subprocess.run(
        COMMAND, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1
    assert "operator ended with code" in done.stderr
    assert "SUPAMANAGER_WORKERS" in done.stderr
    assert "active_seconds" not in done.stdout
