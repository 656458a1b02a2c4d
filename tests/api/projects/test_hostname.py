"""The host that a project's resource names for itself."""

from __future__ import annotations

from asking import eventually

OWN = "api.shop.example.com"


def test_a_host_of_the_platform_is_no_custom_hostname(owner, cluster):
    ref = owner.create()
    host = eventually(lambda: cluster.project(ref))["spec"]["http"]["host"]
    answer = owner.client.get(f"/v1/projects/{ref}/custom-hostname")
    assert host == f"{ref}.projects.test"
    assert answer.status_code == 400
    assert answer.json() == {"message": "The project has no custom hostname configuration"}


def test_a_host_that_the_resource_names_is_told_and_whether_it_is_reached(owner, cluster):
    ref = owner.create()
    eventually(lambda: cluster.project(ref))

    def asked():
        return owner.client.get(f"/v1/projects/{ref}/custom-hostname")

    cluster.apply(ref, {"http": {"host": f"{OWN}:8443"}}, force=True)
    told = eventually(lambda: (answer := asked()).status_code == 200 and answer.json())
    assert (told["status"], told["custom_hostname"]) == ("2_initiated", OWN)
    unseen = told["data"]["result"]
    assert (unseen["status"], unseen["ssl"]["status"]) == ("pending", "pending_deployment")
    assert unseen["verification_errors"] == ["the operator has not seen the newest change"]

    cluster.report(ref, Ready="False/Starting", NetworkReady="False/CertificatePending")
    eventually(lambda: "NetworkReady is so" in asked().text)
    assert asked().json()["status"] == "2_initiated"

    cluster.report(ref, Ready="True/Active", NetworkReady="True/Accepted")
    told = eventually(
        lambda: (now := asked().json())["status"] == "5_services_reconfigured" and now
    )
    assert told == {
        "status": "5_services_reconfigured",
        "custom_hostname": OWN,
        "data": {
            "success": True,
            "errors": [],
            "messages": [],
            "result": {
                "id": ref,
                "hostname": OWN,
                "ssl": {"status": "active", "validation_records": [], "validation_errors": []},
                "ownership_verification": {"type": "", "name": "", "value": ""},
                "custom_origin_server": f"{ref}.projects.test",
                "status": "active",
                "verification_errors": [],
            },
        },
    }


def test_a_project_without_a_host_has_no_custom_hostname(owner, cluster, rows):
    cluster.apply("bare", {}, labels={"supamanager.io/organization": owner.slug})
    eventually(lambda: rows("SELECT 1 AS one FROM project WHERE resource_name = 'bare'"))
    (found,) = rows("SELECT project_ref FROM project WHERE resource_name = 'bare'")
    path = f"/v1/projects/{found['project_ref']}/custom-hostname"
    answer = eventually(lambda: (got := owner.client.get(path)).status_code != 404 and got)
    assert (answer.status_code, "custom hostname configuration" in answer.text) == (400, True)
