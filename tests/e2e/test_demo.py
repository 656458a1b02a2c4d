"""The command that a newcomer types, as a whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import making
from supamanager_dev import binaries
from supamanager_kube.components import COMPONENTS

COMMAND = [sys.executable, "-m", "supamanager_dev", "up", "--once"]


@pytest.fixture(autouse=True)
def programs(announce: Callable[[str], None]) -> None:
    binaries.ensure(announce)


def test_a_project_asked_for_over_http_becomes_active_and_ctrl_c_leaves_nothing_behind():
    """`make up`, as the README has it."""
    done = making.interrupted("up", at="Running until Ctrl-C.", timeout=300)
    assert "Running until Ctrl-C." in done.stdout, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "Stopping."
    assert done.stderr == ""
    count = len(COMPONENTS)
    assert any(f"Active {count}/{count}" in line for line in lines)
    assert any(line.startswith("anon key:    eyJ") for line in lines)
    assert any(line.startswith("service key: eyJ") for line in lines)
    [kubeconfig] = re.findall(r"export KUBECONFIG=(\S+)", done.stdout)
    assert not Path(kubeconfig).parent.exists()
    [api] = re.findall(r"^API: +(http\S+)$", done.stdout, re.MULTILINE)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{api}/healthz")


def test_a_process_that_cannot_start_is_told_with_its_log():
    environment = {**os.environ, "SUPAMANAGER_WORKERS": "many"}
    done = subprocess.run(
        COMMAND, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1
    assert "operator ended with code" in done.stderr
    assert "SUPAMANAGER_WORKERS" in done.stderr
    assert "active_seconds" not in done.stdout
