"""A request and `kubectl apply` for one ref at once: one resource, one row, the fields of both.

Nobody can know a ref before it is drawn, so the drawing is replaced here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from asking import eventually
from supamanager_api import applier, background, migrations, mirror, settings
from supamanager_api.database import Connection, Database
from supamanager_api.organizations.model import Actor
from supamanager_api.projects import claims, inputs, refs, rehearsal, submission
from supamanager_api.projects.model import ProjectRow, Wish
from supamanager_api.projects.ownership import Allowance
from supamanager_api.projects.service import Projects
from supamanager_kube.client import KubeClient

REFS = ("amberbirchcometdrift", "cedardaisyemberflute", "grovehazelirisjasper",
        "lilacmaplenoonolives", "pearlquartzriverstar")  # fmt: skip


@dataclass
class Parts:
    """The API's own parts in the test's process."""

    projects: Projects
    kube: KubeClient
    organization_id: int
    account_id: int
    slug: str = "acme"

    def wish(self, name: str = "Mine") -> Wish:
        places = settings.read(ENVIRONMENT).regions
        return Wish(
            name=name,
            organization_id=self.organization_id,
            organization_slug=self.slug,
            cloud_provider="K8S",
            region=next(iter(places.values())),
            spec={},
        )

    async def create(self) -> ProjectRow:
        async def nothing(connection: Connection, row: ProjectRow) -> None:
            pass

        actor = Actor(self.account_id, lambda *_: None)
        return await self.projects.create(actor, self.wish(), keep=nothing)


ENVIRONMENT = {
    "DATABASE_URL": "postgresql://localhost/none",
    "JWT_SECRET": "kU7!mQ2#vX9@bN4$wL6^hT1&zR8*cJ3(",
    "ENCRYPTION_SECRET": "pE5%gY0)sD2_fK7+aV4=oB9-iC6?uH1<",
    "DOMAIN_BASE": "projects.test",
    "DOMAIN_STUDIO_URL": "https://studio.test",
}


@pytest.fixture
async def parts(
    database_url: str,
    api_environment: dict[str, str],
    namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Parts]:
    monkeypatch.setenv("KUBECONFIG", api_environment["KUBECONFIG"])
    configuration = settings.read({**ENVIRONMENT, "PROJECTS_NAMESPACE": namespace})
    database = await Database.open(database_url)
    async with database.dedicated() as connection:
        await migrations.run(connection, migrations.load())
    async with database.acquire() as connection:
        organization_id = await connection.fetchval(
            "INSERT INTO organizations (slug, name) VALUES ('acme', 'Acme') RETURNING id"
        )
        account_id = await connection.fetchval(
            "INSERT INTO accounts (email, password_hash, username) VALUES ('a', '', 'a') "
            "RETURNING id"
        )
        await connection.execute(
            "INSERT INTO organization_membership (organization_id, account_id, role) "
            "VALUES ($1, $2, 'Owner')",
            organization_id,
            account_id,
        )
    kube = await KubeClient.connect(user_agent="supamanager-api/test")
    vault = inputs.Vault(configuration.encryption_secret.get_secret_value())
    tasks = background.Background()
    worker = applier.Applier(database, kube, vault=vault)
    watcher = mirror.Mirror(database, kube, settings=configuration)
    tasks.start(background.Task("applier", worker.run))
    tasks.start(background.Task("mirror", watcher.run))
    projects = Projects(database, kube, settings=configuration, vault=vault)
    yield Parts(projects, kube, organization_id, account_id)
    await tasks.stop()
    await kube.close()
    await database.close()
    # TLS connections end in later turns of the loop.
    await asyncio.sleep(0.25)


def always(monkeypatch: pytest.MonkeyPatch, ref: str) -> None:
    monkeypatch.setattr(refs, "draw", lambda: ref)


async def settled(cluster, rows: Callable, ref: str) -> dict:
    """The one resource, once the one row is applied and mirrored."""

    def check() -> dict:
        found = rows(
            "SELECT project_ref, organization_id IS NOT NULL AS owned, resource_uid, "
            "intent_revision = applied_revision AS applied, mirror_epoch FROM project"
        )
        assert len(found) == 1, found
        live = cluster.project(ref)
        assert live is not None
        assert found[0]["project_ref"] == ref
        assert found[0]["applied"]
        assert found[0]["owned"]
        assert found[0]["mirror_epoch"]
        assert found[0]["resource_uid"] == live["metadata"]["uid"]
        assert live["metadata"]["labels"]["supamanager.io/ref"] == ref
        return live

    return dict(await asyncio.to_thread(eventually, check))


def of_both(live: dict) -> None:
    assert live["spec"]["displayName"] == "Mine"
    assert live["spec"]["size"] == "large"
    assert live["spec"]["http"]["host"] == f"{live['metadata']['name']}.projects.test"
    assert live["metadata"]["labels"]["supamanager.io/organization"] == "acme"


@pytest.mark.parametrize("ref", REFS)
async def test_both_at_once(parts, cluster, rows, monkeypatch, ref):
    always(monkeypatch, ref)
    await asyncio.gather(
        parts.create(),
        asyncio.to_thread(cluster.apply, ref, {"size": "large"}),
    )
    of_both(await settled(cluster, rows, ref))
    assert len(cluster.projects()) == 1


async def test_kubectl_first(parts, cluster, rows, monkeypatch):
    ref = REFS[0]
    await asyncio.to_thread(cluster.apply, ref, {"size": "large"})
    await asyncio.to_thread(eventually, lambda: rows("SELECT id FROM project"))
    always(monkeypatch, ref)
    row = await parts.create()
    assert row.project_ref == ref
    of_both(await settled(cluster, rows, ref))


async def test_adopted_while_it_was_asked_for(parts, cluster, rows, monkeypatch):
    """Between the drawing of the ref and the storing of the row."""
    ref, other = REFS[0], REFS[1]
    drawn = iter([ref, other])
    monkeypatch.setattr(refs, "draw", lambda: next(drawn))
    rehearse = rehearsal.change

    async def late(*arguments, **named):
        await asyncio.to_thread(cluster.apply, ref, {"size": "large"})
        await asyncio.to_thread(eventually, lambda: rows("SELECT id FROM project"))
        return await rehearse(*arguments, **named)

    monkeypatch.setattr(rehearsal, "change", late)
    row = await parts.create()
    assert row.project_ref == ref
    of_both(await settled(cluster, rows, ref))


async def test_others_are_not_taken_over(parts, cluster, rows, monkeypatch):
    """A resource of another organization under the ref that is drawn: another ref is drawn."""
    ref, second = REFS[0], REFS[1]
    await asyncio.to_thread(
        cluster.control_plane.kubectl, "annotate", "--overwrite", "namespace", cluster.namespace,
        "supamanager.io/organizations=*",
    )  # fmt: skip
    async with parts.projects._database.acquire() as connection:
        await connection.execute("INSERT INTO organizations (slug, name) VALUES ('other', 'O')")
    await asyncio.to_thread(
        cluster.apply, ref, {"size": "large"}, labels={"supamanager.io/organization": "other"}
    )
    await asyncio.to_thread(
        eventually, lambda: rows("SELECT id FROM project WHERE organization_id IS NOT NULL")
    )
    drawn = iter([ref, second])
    monkeypatch.setattr(refs, "draw", lambda: next(drawn))
    row = await parts.create()
    assert row.project_ref == second


async def test_what_the_server_says_to_a_uid(parts, cluster, monkeypatch):
    """409 when the object is gone, 422 when another has its name: nothing is made or changed."""
    cluster.apply("first", {"displayName": "A"})
    uid = cluster.project("first")["metadata"]["uid"]
    body = {
        "apiVersion": "supamanager.io/v1alpha1",
        "kind": "SupabaseProject",
        "metadata": {"name": "first", "namespace": cluster.namespace, "uid": uid},
        "spec": {"paused": True},
    }
    done = await submission.submit(parts.kube, body, asked=set())
    assert done.body["metadata"]["uid"] == uid
    cluster.kubectl("delete", "sbp", "first")
    with pytest.raises(submission.ResourceGone):
        await submission.submit(parts.kube, body, asked=set())
    assert cluster.project("first") is None
    cluster.apply("first", {"displayName": "B"})
    with pytest.raises(submission.ResourceGone):
        await submission.submit(parts.kube, body, asked=set())
    assert cluster.project("first")["spec"]["paused"] is False


async def test_a_changed_annotation_is_followed(cluster, rows, parts):
    ref = (await parts.create()).project_ref
    await settled(cluster, rows, ref)
    async with parts.projects._database.transaction() as connection:
        await claims.decide(connection, cluster.namespace, Allowance.parse("nobody"))
    assert rows("SELECT organization_id AS o FROM project") == [{"o": None}]
    async with parts.projects._database.transaction() as connection:
        await claims.decide(connection, cluster.namespace, Allowance.parse("acme"))
    assert rows("SELECT organization_id AS o FROM project") == [{"o": parts.organization_id}]
