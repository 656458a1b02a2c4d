"""What is told of a project's database, from its first moment on."""

from __future__ import annotations

from asking import eventually, new_owner


def test_the_database_of_a_project_that_comes_up(api, owner):
    ref = owner.create(desired_instance_size="micro")
    told = owner.client.get(f"/platform/projects/{ref}/databases").json()
    assert [each["identifier"] for each in told] == [ref]
    primary = told[0]
    assert primary["status"] == "COMING_UP"
    assert primary["db_host"] == f"db.{ref}.projects.test"
    assert (primary["db_port"], primary["db_name"], primary["db_user"]) == (
        5432,
        "postgres",
        "postgres",
    )
    assert primary["restUrl"] == f"https://{ref}.projects.test/rest/v1/"
    assert primary["size"] == "micro"
    assert primary["connection_string_read_only"] is None
    assert told == owner.client.get(f"/projects/{ref}/databases").json()
    detail = owner.client.get(f"/platform/projects/{ref}").json()
    assert primary["connectionString"] == detail["connectionString"]
    assert ref not in primary["connectionString"]
    assert owner.client.get(f"/platform/projects/{owner.create()}/databases").json()[0][
        "connectionString"
    ] not in (primary["connectionString"], "")
    with new_owner(api) as other:
        for path in ("databases", "databases-statuses", "config/pgbouncer", "config/supavisor"):
            for name in (ref, "default"):
                assert other.client.get(f"/platform/projects/{name}/{path}").status_code == 404


def test_the_words_of_a_database(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))

    def become(word: str, **conditions: str) -> None:
        cluster.report(ref, **conditions)

        def check() -> bool:
            path = f"/platform/projects/{ref}/databases-statuses"
            told = owner.client.get(path).json()
            assert told == [{"identifier": ref, "status": word}]
            return True

        eventually(check)

    become("ACTIVE_HEALTHY", Ready="True/Active", DatabaseReady="True/Available")
    become("ACTIVE_HEALTHY", Ready="False/Degraded", DatabaseReady="True/Available")
    become("ACTIVE_UNHEALTHY", Ready="False/Degraded", DatabaseReady="False/CrashLoopBackOff")
    become("RESTORING", Ready="False/Starting", Paused="False/Running")
    assert owner.client.post(f"/platform/projects/{ref}/pause").status_code == 201
    become("GOING_DOWN", Ready="False/Paused", Paused="True/Requested")
    owner.await_word(ref, "INACTIVE")


def test_there_is_no_pooler(owner):
    ref = owner.create()
    told = owner.client.get(f"/platform/projects/{ref}/config/pgbouncer").json()
    assert told["pgbouncer_enabled"] is False
    host = f"db.{ref}.projects.test"
    assert (
        told["connection_string"] == f"postgresql://postgres:[YOUR-PASSWORD]@{host}:5432/postgres"
    )
    assert owner.client.get(f"/platform/projects/{ref}/config/supavisor").json() == []
