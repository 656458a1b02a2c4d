"""How long the init Job waits for the database, on a clock of its own."""

from __future__ import annotations

import os
import subprocess

import pytest

import renderings
from supamanager_dev import samples
from supamanager_operator import render
from supamanager_operator.render import data

RUN = data.root() / "init" / "run.sh"
VERIFIER = "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA"


@pytest.fixture
def waits(tmp_path):
    """The seconds until it gives up, with a server that `pg_isready` says this of."""

    def program(name, text):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)

    def run(is_ready, *, seconds=None):
        clock = tmp_path / "clock"
        clock.write_text("0")
        program("date", f"cat {clock}")
        program("sleep", f"echo $(($(cat {clock}) + 10)) >{clock}.new && mv {clock}.new {clock}")
        program("psql", "echo 'no entry' >&2; exit 2")
        program("pg_isready", is_ready.format(clock=clock))
        given = {} if seconds is None else {"INIT_WAIT_SECONDS": seconds}
        done = subprocess.run(
            ["/bin/sh", RUN],
            env={
                "PATH": f"{tmp_path}:{os.defpath}",
                "PASSWORD_VERIFIER": VERIFIER,
                "JWT_EXP": "3600",
                **given,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 69
        assert "no entry" in done.stderr
        return int(clock.read_text())

    return run


def test_as_long_as_it_is_told(waits):
    assert waits("exit 2", seconds="600") == 600
    assert waits("exit 2") == 60


def test_a_server_that_answers_and_refuses_is_given_a_minute(waits):
    assert waits("exit 0", seconds="600") == 60
    assert waits("[ $(cat {clock}) -ge 300 ]", seconds="600") == 360
    assert waits("exit 0", seconds="20") == 20


@pytest.mark.parametrize("name", sorted(samples.SPECS))
def test_as_long_as_the_database_may_take(name):
    pods = renderings.pods(render.render(samples.inputs(name, "2026.09")))
    if "init" not in pods:
        return
    probe = renderings.main_container(pods["database"])["startupProbe"]
    [waits] = [
        entry["value"]
        for entry in renderings.main_container(pods["init"])["env"]
        if entry["name"] == "INIT_WAIT_SECONDS"
    ]
    assert int(waits) == probe["failureThreshold"] * probe["periodSeconds"] == 600
