"""What the scripts of the database's start need of its pod."""

from __future__ import annotations

import renderings
from supamanager_dev import samples
from supamanager_operator import render


def test_the_marker_lies_beside_the_data_on_their_volume():
    pods = renderings.pods(render.render(samples.inputs("empty", "2026.09")))
    container = renderings.main_container(pods["database"])
    shell, script, folder, marker = container["command"]
    assert (shell, script) == ("sh", "/scripts/start.sh")
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    beside = mounts[marker.rpartition("/")[0]]
    assert beside["name"] == mounts[folder]["name"]
    assert beside["subPath"] != mounts[folder]["subPath"]
    # Only this probe ends the first start, and no pod reaches the server before it has.
    assert container["startupProbe"]["exec"]["command"] == ["sh", "/scripts/started.sh", marker]
    assert mounts["/scripts"]["name"] == "scripts"
