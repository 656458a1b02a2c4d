"""A project's PostgreSQL before the init Job has run, and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from projectsql import Project, like_the_image
from supamanager_dev import projectdb


@pytest.fixture(scope="module", params=projectdb.MAJORS, ids=lambda major: f"pg{major}")
def server(
    request: pytest.FixtureRequest, announce: Callable[[str], None]
) -> Iterator[projectdb.ProjectPostgres]:
    projectdb.ensure(announce)
    settings = {"wal_level": "logical", "log_statement": "all", "log_min_error_statement": "error"}
    with projectdb.ProjectPostgres(request.param, settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def blank(server: projectdb.ProjectPostgres) -> Project:
    return like_the_image(server)


@pytest.fixture(scope="module")
def project(blank: Project) -> Project:
    """After the first run."""
    result = blank.init()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    return blank
