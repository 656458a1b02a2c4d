"""Scrubber, host claims, inventory and settings."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from builders import project
from supamanager_kube import kinds, labels
from supamanager_kube.conditions import Reason
from supamanager_operator.claims import HostClaims
from supamanager_operator.errors import Ending, Stalled
from supamanager_operator.inventory import Inventory
from supamanager_operator.limiter import TokenBucket
from supamanager_operator.scrub import Scrubber
from supamanager_operator.settings import InvalidSetting, Settings


def test_the_scrubber_knows_both_forms_of_a_value() -> None:
    scrub = Scrubber([{"password": "p@ss/word", "host": "db.example", "port": "5432"}])
    text = scrub("login p@ss/word at\npostgresql://u:p%40ss%2Fword@db.example:5432 failed")
    assert text == "login [redacted] at postgresql://u:[redacted]@db.example:5432 failed"


def test_the_scrubber_takes_the_longest_value_first_and_bounds_the_text() -> None:
    scrub = Scrubber([{"a": "secret", "b": "secretlonger"}])
    assert scrub("x secretlonger y") == "x [redacted] y"
    assert len(scrub("y" * 9000)) == 1024


def claim(name: str, host: str, created: str) -> dict[str, Any]:
    return {
        "metadata": {
            "namespace": "team",
            "name": name,
            "uid": f"uid-{name}",
            "creationTimestamp": created,
        },
        "spec": {"http": {"host": host}},
    }


def test_a_host_belongs_to_the_oldest() -> None:
    claims = HostClaims(domain_base="")
    assert claims.record(claim("young", "a.example", "2026-02-01T00:00:00Z")) == set()
    assert claims.record(claim("old", "a.example", "2026-01-01T00:00:00Z")) == {("team", "young")}
    spec = {"http": {"host": "a.example"}}
    claims.check(project(spec, name="old"))
    with pytest.raises(Stalled, match="belongs to the older project team/old") as refusal:
        claims.check(project(spec, name="young"))
    assert refusal.value.reason is Reason.HOST_CONFLICT
    assert claims.remove(("team", "old")) == {("team", "young")}
    claims.check(project(spec, name="young"))


def test_a_port_makes_no_other_host() -> None:
    claims = HostClaims(domain_base="base.example")
    claims.record(claim("old", "a.example:8443", "2026-01-01T00:00:00Z"))
    young = claim("young", "a.example", "2026-02-01T00:00:00Z")
    assert claims.record(young) == {("team", "old")}
    with pytest.raises(Stalled, match="belongs to the older project team/old"):
        claims.check(project({"http": {"host": "a.example:443"}}, name="young"))
    spec = {"http": {"host": "abc.base.example:443"}}
    claims.check(project(spec, labels={labels.REF: "abc"}))
    with pytest.raises(Stalled, match=r"below base\.example"):
        claims.check(project(spec, labels={labels.REF: "other"}))


def test_a_host_below_the_domain_belongs_to_its_ref() -> None:
    claims = HostClaims(domain_base="base.example")
    spec = {"http": {"host": "abc.base.example"}}
    claims.check(project(spec, labels={labels.REF: "abc"}))
    claims.check(project({"http": {"host": "elsewhere.example"}}))
    with pytest.raises(Stalled, match=r"below base\.example"):
        claims.check(project(spec, labels={labels.REF: "other"}))
    with pytest.raises(Stalled, match=r"below base\.example"):
        claims.check(project(spec))


def config_map(
    version: int, *, data: str = "1", uid: str = "u1", **metadata: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "demo-x",
            "namespace": "team",
            "uid": uid,
            "resourceVersion": str(version),
            "labels": {labels.PROJECT: "demo", labels.PROJECT_UID: "p1"},
            **metadata,
        },
        "data": {"x": data},
    }


KEY = ("team", "demo")
CHILD = ("ConfigMap", "demo-x")


def test_the_inventory_reports_changes_only() -> None:
    inventory = Inventory()
    assert inventory.record(kinds.CONFIG_MAP, config_map(1)) == KEY
    assert inventory.record(kinds.CONFIG_MAP, config_map(1)) is None
    assert inventory.record(kinds.CONFIG_MAP, config_map(2)) is None
    assert inventory.record(kinds.CONFIG_MAP, config_map(3, data="2")) == KEY
    # An older event that arrives late changes nothing.
    assert inventory.record(kinds.CONFIG_MAP, config_map(2)) is None
    assert inventory.record(kinds.CONFIG_MAP, config_map(1, uid="u2")) == KEY


def test_the_content_is_kept_until_it_is_verified() -> None:
    inventory = Inventory()
    inventory.record(kinds.CONFIG_MAP, config_map(1))
    content = inventory.children(KEY)[CHILD].content()
    assert content is not None
    assert content["data"] == {"x": "1"}
    inventory.verified(KEY, CHILD)
    assert inventory.children(KEY)[CHILD].content() is None
    inventory.record(kinds.CONFIG_MAP, config_map(2))
    assert inventory.children(KEY)[CHILD].content() is None
    inventory.record(kinds.CONFIG_MAP, config_map(3, data="2"))
    assert inventory.children(KEY)[CHILD].content() is not None


def test_only_the_deleted_object_is_forgotten() -> None:
    inventory = Inventory()
    inventory.record(kinds.CONFIG_MAP, config_map(1, uid="u2"))
    assert inventory.remove(kinds.CONFIG_MAP, config_map(1, uid="u1")) is None
    assert inventory.remove(kinds.CONFIG_MAP, config_map(1, uid="u2")) == KEY
    assert inventory.keys() == []


def test_a_listing_finds_what_a_watch_has_missed() -> None:
    inventory = Inventory()
    inventory.record(kinds.CONFIG_MAP, config_map(1))
    assert inventory.reconcile_listing(kinds.CONFIG_MAP, iter([config_map(9)])) == set()
    assert inventory.reconcile_listing(kinds.CONFIG_MAP, iter([])) == {KEY}
    assert inventory.children(KEY) == {}
    assert inventory.reconcile_listing(kinds.CONFIG_MAP, iter([config_map(9)])) == {KEY}


def test_settings_are_read_from_their_variables() -> None:
    settings = Settings.read(
        {
            "SUPAMANAGER_NAMESPACES": "a, b",
            "SUPAMANAGER_RATE": "7.5",
            "SUPAMANAGER_HEALTH_PORT": "1",
            "OTHER": "x",
        }
    )
    assert settings.namespaces == ("a", "b")
    assert settings.rate == 7.5
    assert settings.health_port == 1
    assert not settings.cluster_wide
    assert Settings.read({"SUPAMANAGER_NAMESPACES": "*"}).cluster_wide


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "many"),
        ("RATE", "-1"),
        ("NAMESPACES", ""),
        ("NAMESPACES", "a,*"),
        ("LOG_LEVEL", "x"),
        ("PLATFORM_SECRET", "supamanager-secrets"),
        ("PLATFORM_SECRET", "a/b/c"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"SUPAMANAGER_{name}"):
        Settings.read({f"SUPAMANAGER_{name}": value})


async def test_the_bucket_lets_a_burst_through_and_then_waits() -> None:
    started = time.monotonic()
    bucket = TokenBucket(rate=10, burst=3)
    for _ in range(5):
        await bucket.acquire()
    waited = time.monotonic() - started
    assert waited >= 0.19
    started = time.monotonic()
    for _ in range(100):
        await TokenBucket(rate=0, burst=1).acquire()
    assert time.monotonic() - started < waited


@pytest.mark.parametrize("rate", [0, 0.01])
async def test_a_bucket_that_was_closed_lets_nobody_through_not_even_who_waits(rate: float) -> None:
    bucket = TokenBucket(rate=rate, burst=1)
    await bucket.acquire()
    waiting = asyncio.create_task(bucket.acquire()) if rate else None
    await asyncio.sleep(0)
    bucket.close()
    if waiting:
        with pytest.raises(Ending):
            await waiting
    with pytest.raises(Ending):
        await bucket.acquire()
