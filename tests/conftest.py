"""Fixtures that start real servers, each on first use: a test without them starts nothing."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from supamanager_dev.controlplane import ControlPlane
    from supamanager_dev.postgres import Postgres
    from supamanager_dev.projectdb import ProjectPostgres

# How fast an example runs depends on what else the machine does.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.load_profile("default")

FIGURE = "figure"
_measured: list[str] = []
"""By fixtures of the session, which no report belongs to: the next test's takes them along."""

AUDIT_LOGS = "SUPAMANAGER_TEST_AUDIT_LOGS"
"""Names a folder that keeps the audit log of every control plane of the suite."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what is imported and collected is ever garbage: it is not looked through for it,
    now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Keeps a line with what the test has measured: all of them are printed after the last test."""
    return partial(record_property, FIGURE)


def pytest_runtest_call(item: pytest.Item) -> None:
    while _measured:
        item.user_properties.append((FIGURE, _measured.pop(0)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures = [
        f"{report.nodeid}: {value}"
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, value in report.user_properties
        if report.when == "call" and name == FIGURE
    ]
    if figures:
        terminalreporter.section("figures")
        for line in sorted(figures):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def announce(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Prints a line past pytest's capture: for what is made once and takes minutes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    terminal = request.config.pluginmanager.getplugin("terminalreporter")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.write_line(line)

    return say


@pytest.fixture(scope="session")
def control_plane(announce: Callable[[str], None]) -> Iterator[ControlPlane]:
    """One real control plane for the whole session."""
    from supamanager_dev import binaries
    from supamanager_dev.controlplane import ControlPlane

    binaries.ensure(announce)
    begun = time.monotonic()
    with ControlPlane() as running:
        _measured.append(f"the control plane was ready after {time.monotonic() - begun:.1f} s")
        yield running
        if folder := os.environ.get(AUDIT_LOGS):
            name = os.environ.get("PYTEST_XDIST_WORKER", "alone")
            shutil.copy(running.audit_log, Path(folder) / f"{name}.log")


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A fresh namespace for projects, as the chart makes it; deleted afterwards."""
    from supamanager_dev import rbac

    name = f"test-{secrets.token_hex(4)}"
    control_plane.create_namespace(
        name, labels=rbac.PROJECTS_LABELS, annotations=rbac.PROJECTS_ANNOTATIONS
    )
    yield name
    control_plane.remove_namespace(name)


@pytest.fixture(scope="session")
def management_postgres() -> Iterator[Postgres]:
    """One PostgreSQL server for the whole session."""
    from supamanager_dev.postgres import Postgres

    with Postgres() as running:
        yield running


@pytest.fixture
def database_url(management_postgres: Postgres) -> Iterator[str]:
    """The address of a fresh, empty database; dropped afterwards."""
    name = f"test_{secrets.token_hex(4)}"
    yield management_postgres.create_database(name)
    management_postgres.drop_database(name)


@pytest.fixture(scope="session", params=[15, 17], ids=["pg15", "pg17"])
def project_postgres(
    request: pytest.FixtureRequest, announce: Callable[[str], None]
) -> Iterator[ProjectPostgres]:
    """A server as a project's database has it: the test runs once for each major version."""
    from supamanager_dev import projectdb

    projectdb.ensure(announce)
    with projectdb.ProjectPostgres(request.param) as running:
        yield running
