from __future__ import annotations

import json
from pathlib import Path

import pytest

from supamanager_kube import errors, kinds
from supamanager_kube.client import KubeClient


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current cluster is one that does not answer."""
    named = {"name": "dead"}
    path = tmp_path / "kubeconfig"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "dead",
                "clusters": [{**named, "cluster": {"server": "http://127.0.0.1:9"}}],
                "users": [{**named, "user": {"token": "none"}}],
                "contexts": [{**named, "context": {"cluster": "dead", "user": "dead"}}],
            }
        )
    )
    monkeypatch.setenv("KUBECONFIG", str(path))


async def test_how_often_it_asks_when_nobody_answers(nowhere: None):
    sent: list[str] = []
    async with await KubeClient.connect(
        user_agent="test", observer=lambda verb, code: sent.append(f"{verb} {code}")
    ) as client:
        with pytest.raises(errors.Unreachable):
            await client.hurried().get(kinds.SECRET, "shop", "demo-keys")
        assert sent == ["GET 0"] * 2
        with pytest.raises(errors.Unreachable):
            await client.create(kinds.SECRET, {"metadata": {"namespace": "shop"}}, manager="test")
        assert sent == ["GET 0"] * 2 + ["POST 0"]
