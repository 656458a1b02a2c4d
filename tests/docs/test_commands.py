"""Every command of the documentation, typed into a shell in the order of its pages.

kubectl and Helm are the real ones, on a real control plane; the platform's pods run as processes,
from what the charts made and nothing else. Pods of projects are KWOK's. What has no container here
is in `not-run.yaml`.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import secrets
import shutil
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import doccommands
from doccommands import Block
from shell import CommandFailed, Shell
from supamanager_dev import binaries, helm, rbac
from supamanager_dev.controlplane import ControlPlane
from supamanager_dev.errors import ApiError
from supamanager_dev.kubelet import Kubelet
from supamanager_dev.managementapi import ManagementApi
from supamanager_dev.poddatabase import IMAGE, PodDatabases
from supamanager_dev.postgres import Postgres, from_wheel
from supamanager_dev.progress import wait_until

HOME = rbac.NAMESPACE
PROJECTS = rbac.PROJECTS_NAMESPACE
PLATFORM = "supamanager-secrets"
EMAIL = "you@example.com"
PATIENCE = 180
PATCH = (
    "kubectl -n supamanager patch secret supamanager-secrets --type merge "
    "--patch-file /dev/stdin <<END"
)

Body = dict[str, Any]


@pytest.fixture
def cluster(announce: Callable[[str], None]) -> Iterator[ControlPlane]:
    """Nothing of ours is installed."""
    binaries.ensure(announce)
    with ControlPlane(crds=None, without_kwok=[HOME]) as running:
        yield running


@pytest.fixture
def databases(cluster: ControlPlane) -> Iterator[PodDatabases]:
    with PodDatabases(cluster) as running:
        yield running


@pytest.fixture
def kubelet(cluster: ControlPlane, databases: PodDatabases) -> Iterator[Kubelet]:
    with Kubelet(cluster, HOME, stand_ins={IMAGE: databases.start}) as running:
        yield running
        running.check()


@pytest.fixture
def bash(cluster: ControlPlane, tmp_path: Path, announce: Callable[[str], None]) -> Iterator[Shell]:
    """In a folder that holds what a checkout has for those who install it."""
    for name in ("charts", "deploy"):
        shutil.copytree(doccommands.ROOT / name, tmp_path / name)
    config = tmp_path / "kubeconfig"
    shutil.copy(cluster.admin_kubeconfig, config)
    programs = (
        sysconfig.get_path("scripts"),
        helm.ensure(announce).parent,
        from_wheel().program("pg_restore").parent,
    )
    environment = {
        "PATH": ":".join([*map(str, programs), os.defpath, "/usr/bin"]),
        "HOME": str(tmp_path),
        "KUBECONFIG": str(config),
        "LC_ALL": "C.UTF-8",
    }
    with Shell(tmp_path, environment) as running:
        yield running


class Road:
    """Somebody who goes along one of the roads; `before` is what they do besides, by the first line
    of the block that comes after it, behind `section: ` where that is not enough."""

    def __init__(self, bash: Shell, road: str) -> None:
        self._bash = bash
        self._blocks = doccommands.on_road(road)
        self._entries = doccommands.entries()
        self.before: dict[str, Callable[[], None]] = {}

    def go(self) -> None:
        unused = set(self.before)
        count, begun = 0, time.monotonic()
        failures = []
        for block in self._blocks:
            for key in self.before.keys() & {block.first, f"{block.section}: {block.first}"}:
                self.before[key]()
                unused.discard(key)
            if doccommands.entry_of(block, self._entries) is None:
                count += doccommands.commands(block.text)
                try:
                    self._type(block)
                except CommandFailed as error:
                    failures.append(f"{block.place}: {error}")
        assert not failures, "\n".join(failures)
        assert not unused, "no such block on this road"
        print(f"{count} commands in {time.monotonic() - begun:.0f} s")

    def _type(self, block: Block) -> None:
        begun = time.monotonic()
        self._bash.run(block.text, timeout=PATIENCE)
        print(f"{time.monotonic() - begun:6.1f} s  {block.place}  {block.first}")


def example(page: str, *, containing: str) -> str:
    """A block of YAML of a page, as a reader saves it."""
    [found] = [
        block.text
        for block in doccommands.blocks(doccommands.ROOT / page)
        if block.language == "yaml" and containing in block.text
    ]
    return found


def secret(cluster: ControlPlane, name: str, namespace: str) -> dict[str, str]:
    data = cluster.get("secret", name, "-n", namespace)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def owned(body: Body) -> bool:
    return "ownerReferences" in body["metadata"]


def assert_nothing_is_left(cluster: ControlPlane) -> None:
    kinds = "namespaces,clusterroles,clusterrolebindings,crd"
    left = cluster.kubectl("get", kinds, "-o", "name").split()
    assert [name for name in left if "supamanager" in name] == []


class Platform:
    """What a reader has besides the commands: an account, and the address of the database."""

    def __init__(
        self, cluster: ControlPlane, kubelet: Kubelet, databases: PodDatabases, bash: Shell
    ) -> None:
        self.cluster = cluster
        self._kubelet = kubelet
        self._databases = databases
        self._bash = bash
        self._password = f"{secrets.token_urlsafe(16)}aA1!"

    @property
    def url(self) -> str:
        return f"http://{self._kubelet.address('supa-manager', 8080)}"

    def sql(self, command: str) -> str:
        """As the newest server's own superuser, which in a cluster is `kubectl exec`."""
        return self._databases.servers[-1].psql(command, database="supamanager")

    def as_administrator(self) -> None:
        """An account whose address is confirmed, and an organization."""
        with ManagementApi(self.url) as api:
            api.sign_up(EMAIL, self._password)
            slug = api.create_organization("Team")
        self.sql(f"UPDATE accounts SET email_confirmed_at = now() WHERE email = '{EMAIL}'")
        self._bash.run(
            "helm upgrade supamanager charts/supamanager -n supamanager --wait "
            "--reset-then-reuse-values --set-string "
            f"api.settings.PLATFORM_ADMINS={EMAIL}\n",
            timeout=PATIENCE,
        )
        with ManagementApi(self.url) as api:
            api.sign_in(EMAIL, self._password)
            self._bash.set("TOKEN", api.token)
        self._bash.set("API", self.url)
        self._bash.set("SLUG", slug)

    def in_the_database(self, section: str, program: str) -> None:
        """A block of the page on recovery whose commands run in the container of the database: by
        the same programs, outside of it."""
        [block] = [
            block
            for block in doccommands.all_commands()
            if (block.page, block.section) == ("docs/recovery.md", section)
            and f"database-0 -- {program}" in block.text
        ]
        text, count = re.subn(r"kubectl -n supamanager exec (?:-i )?database-0 -- ", "", block.text)
        assert count == doccommands.commands(block.text)
        host, _, port = self._kubelet.address("database", 5432).partition(":")
        password = secret(self.cluster, PLATFORM, HOME)["database-password"]
        for name, value in (("HOST", host), ("PORT", port), ("PASSWORD", password)):
            self._bash.set(f"PG{name}", value)
        self._bash.run(text, timeout=PATIENCE)

    def has_table(self, name: str) -> bool:
        return bool(self.sql(f"SELECT to_regclass('{name}')").strip())

    def backed_up(self) -> None:
        self.in_the_database("backing-up-the-management-database", "pg_dump")

    def restored(self) -> None:
        self.in_the_database("restoring-the-management-database", "pg_restore")

    def knows_the_database(self) -> None:
        password = secret(self.cluster, PLATFORM, HOME)["database-password"]
        address = self._kubelet.address("database", 5432)
        self._bash.set("DATABASE_URL", f"postgresql://supamanager:{password}@{address}/supamanager")

    def assert_refused(self, password: str) -> None:
        """By the server, over the network."""
        host, _, port = self._kubelet.address("database", 5432).partition(":")

        async def connect() -> None:
            connection = await asyncpg.connect(
                host=host, port=int(port), user="supamanager", password=password
            )
            await connection.close()

        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(connect())

    def signs_in(self) -> None:
        def signed_in() -> bool:
            # A pod that was restarted may still wait for the database, which was as well.
            try:
                with ManagementApi(self.url) as api:
                    api.sign_in(EMAIL, self._password)
            except ApiError:
                return False
            return True

        wait_until(signed_in, "a sign-in", timeout=PATIENCE)

    def loses_its_secret(self) -> Body:
        """Returns what it was."""
        known: Body = self.cluster.get("secret", PLATFORM, "-n", HOME)
        self.cluster.kubectl("delete", "secret", PLATFORM, "-n", HOME)
        return known

    def gives_the_server_the_new_password(self, page: str) -> None:
        """The commands of the page up to the pipe; what comes out goes to the server."""
        [block] = [
            block
            for block in doccommands.all_commands()
            if block.page == page and "ALTER ROLE" in block.text
        ]
        command, _, rest = block.text.partition(" \\\n  | ")
        assert rest == "kubectl -n supamanager exec -i database-0 -- psql -U supamanager -q\n"
        self.sql(self._bash.run(command, timeout=PATIENCE))


def test_the_road_with_helm(
    cluster: ControlPlane,
    kubelet: Kubelet,
    databases: PodDatabases,
    bash: Shell,
    tmp_path: Path,
    management_postgres: Postgres,
):
    platform = Platform(cluster, kubelet, databases, bash)
    road = Road(bash, "helm")
    shop = tmp_path / "shop.yaml"
    keys: dict[str, dict[str, str]] = {}

    def save(page: str, containing: str) -> Callable[[], None]:
        return lambda: shop.write_text(example(page, containing=containing)) and None

    def remember_keys() -> None:
        for suffix in ("keys", "dashboard"):
            keys[suffix] = secret(cluster, f"shop-{suffix}", PROJECTS)

    def keys_are_new() -> None:
        """All that was taken out is made again, with other values."""
        for suffix, names in (
            ("keys", ("jwt-secret", "jwks", "anon-key", "service-role-key", "api-keys")),
            ("dashboard", ("password",)),
        ):
            for name in names:
                known = keys[suffix][name]
                wait_until(
                    lambda suffix=suffix, name=name, known=known: (
                        secret(cluster, f"shop-{suffix}", PROJECTS).get(name) not in (None, known)
                    ),
                    f"a new {name}",
                    timeout=30,
                )

    def remember_the_platforms() -> None:
        keys["platform"] = secret(cluster, PLATFORM, HOME)

    def one_key_is_new() -> None:
        old, new = keys["platform"], secret(cluster, PLATFORM, HOME)
        changed = {name for name in old | new if old.get(name) != new.get(name)}
        assert changed == {"database-password"}
        platform.gives_the_server_the_new_password("docs/security.md")

    def the_old_password_is_taken_back() -> None:
        platform.signs_in()
        platform.assert_refused(keys["platform"]["database-password"])

    def a_backup_is_made() -> None:
        platform.backed_up()
        platform.sql("CREATE TABLE younger ()")

    def what_was_restored_is_right() -> None:
        platform.signs_in()
        assert not platform.has_table("younger")
        platform.in_the_database("restoring-the-management-database", "dropdb")

    def the_new_server_works() -> None:
        platform.signs_in()
        assert len(databases.servers) == 2
        secret_of_the_platform_is_lost()

    def another_server_is_there() -> None:
        platform.backed_up()
        password = secrets.token_urlsafe(24)
        management_postgres.psql(
            f"CREATE ROLE moved LOGIN PASSWORD '{password}'", "CREATE DATABASE moved OWNER moved"
        )
        place = f"127.0.0.1:{management_postgres.port}/moved"
        bash.set("DATABASE_URL", f"postgresql://moved:{password}@{place}")
        for name, value in (
            ("PORT", str(management_postgres.port)),
            ("USER", "moved"),
            ("PASSWORD", password),
            ("DATABASE", "moved"),
        ):
            bash.set(f"PG{name}", value)

    def it_has_moved() -> None:
        platform.signs_in()
        stored = management_postgres.psql("SELECT email FROM accounts", database="moved")
        assert EMAIL in stored.split()

    def secret_of_the_platform_is_lost() -> None:
        keys["platform"] = {"uid": platform.loses_its_secret()["metadata"]["uid"]}

    def the_copy_is_back_and_lost_again() -> None:
        platform.signs_in()
        secret_of_the_platform_is_lost()

    def another_was_made() -> None:
        made = cluster.get("secret", PLATFORM, "-n", HOME)
        assert made["metadata"]["uid"] != keys["platform"]["uid"]
        platform.gives_the_server_the_new_password("docs/recovery.md")

    road.before = {
        "kubectl config set-context --current --namespace supamanager-projects": save(
            "docs/operator.md", "name: shop"
        ),
        "kubectl apply --server-side -f shop.yaml": save("README.md", "name: shop"),
        'curl -fsS -X PUT -H "Authorization: Bearer $TOKEN" '
        "-H 'Content-Type: application/json' \\": platform.as_administrator,
        "python -m supamanager_api.audit export > audit.jsonl   # every entry, one a line": (
            platform.knows_the_database
        ),
        "NS=supamanager-projects P=shop": remember_keys,
        f"the-platforms-secrets: {PATCH}": keys_are_new,
        f"the-password-of-the-management-database: {PATCH}": remember_the_platforms,
        "kubectl -n supamanager rollout restart statefulset/database deployment/supa-manager": (
            one_key_is_new
        ),
        "with-helm: helm upgrade supamanager-crds charts/supamanager-crds -n supamanager": (
            the_old_password_is_taken_back
        ),
        "kubectl -n supamanager exec database-0 -- pg_dump -U supamanager --format=custom "
        "supamanager > management.dump": a_backup_is_made,
        "kubectl -n supamanager exec database-0 -- createdb -U supamanager "
        "--maintenance-db=postgres restored": platform.restored,
        "kubectl -n supamanager exec database-0 -- dropdb -U supamanager "
        "--maintenance-db=postgres replaced": what_was_restored_is_right,
        "kubectl -n supamanager delete statefulset/database --cascade=foreground --timeout=5m": (
            platform.backed_up
        ),
        "a-newer-postgresql: helm upgrade supamanager charts/supamanager -n supamanager "
        "--reset-then-reuse-values --wait --set api.replicas=2": platform.restored,
        "kubectl replace --force -f copy-of-supamanager-secrets.yaml": the_new_server_works,
        'pg_restore --no-owner --no-privileges --exit-on-error --dbname="$PGDATABASE" '
        "management.dump": another_server_is_there,
        "kubectl -n supamanager delete persistentvolumeclaim/database --timeout=5m": it_has_moved,
        "kubectl -n supamanager rollout restart deployment/supamanager-operator": (
            the_copy_is_back_and_lost_again
        ),
        "kubectl -n supamanager rollout restart deployment/supa-manager": another_was_made,
        "kubectl delete supabaseprojects --all -n supamanager-projects --timeout=10m": (
            platform.signs_in
        ),
    }
    road.go()
    assert_nothing_is_left(cluster)
    management_postgres.drop_database("moved")
    management_postgres.psql("DROP ROLE moved")


def test_the_road_with_kubectl_and_kustomize(cluster: ControlPlane, kubelet: Kubelet, bash: Shell):
    kubelet.check()
    road = Road(bash, "kubectl")

    def no_pod_of_a_test_was_left() -> None:
        pods = cluster.get("pods", "-n", HOME)["items"]
        assert pods
        assert [each["metadata"]["name"] for each in pods if not owned(each)] == []

    road.before = {
        "the-first-project: kubectl apply --server-side -f - <<'END'": no_pod_of_a_test_was_left
    }
    road.go()
    assert_nothing_is_left(cluster)
