"""Argo CD's health check of a project, run by a Lua interpreter of the version that it has."""

from __future__ import annotations

from typing import Any

import lupa.lua51 as lupa
import pytest
import yaml

from supamanager_dev import argocd, gitops_table
from supamanager_dev.gitops_table import State
from supamanager_kube.conditions import Reason

# What Argo CD's interpreter has of the standard library, when nobody asks for more.
LIBRARIES = {"_G", "package", "table", "os"}
STATES = gitops_table.states()


def health(resource: dict[str, Any]) -> dict[str, str]:
    """What the script that is in the patch returns for a resource."""
    script = yaml.safe_load(argocd.PATCH.read_text())["data"][argocd.KEY]
    runtime = lupa.LuaRuntime()
    names = runtime.globals()
    for name in [name for name, value in names.items() if lupa.lua_type(value) == "table"]:
        if name not in LIBRARIES:
            names[name] = None
    names.obj = runtime.table_from(resource, recursive=True)
    return dict(runtime.execute(script).items())


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_argo_cd_tells_the_state(state: State):
    told = health(state.resource)
    assert told["status"] == state.argo
    assert told["message"]


def test_the_message_is_that_of_the_condition():
    by_name = {state.name: health(state.resource)["message"] for state in STATES}
    assert by_name["active"] == "Active: all services are ready"
    assert by_name["degraded"] == "Degraded: 1 of 12 services are not ready: rest"
    assert by_name["stalled"].startswith(f"{Reason.UNKNOWN_VERSION}: ")
    assert by_name["edited"] == "The operator has not seen the last change yet"


def test_a_resource_without_a_status_is_not_healthy():
    """As a definition without the default, or a tool that drops the status, would give it."""
    [active] = [state.resource for state in STATES if state.name == "active"]
    del active["status"]
    assert health(active)["status"] == "Progressing"


def test_every_verdict_of_argo_cd_occurs():
    assert {state.argo for state in STATES} == {"Healthy", "Progressing", "Suspended", "Degraded"}
