"""What else is asked of postgres-meta: types for programs, and webhooks."""

from __future__ import annotations

import secrets


def test_types_for_typescript(place):
    name = f"typed_{secrets.token_hex(4)}"
    place.rows(f"CREATE TABLE public.{name} (id int PRIMARY KEY, body text)")
    url = f"/v1/projects/{place.ref}/types/typescript"
    told = place.owner.client.get(url)
    assert told.status_code == 200, told.text
    assert f"{name}: {{" in told.json()["types"]
    other = place.owner.client.get(f"{url}?included_schemas=auth,storage").json()["types"]
    assert name not in other
    assert "auth: {" in other
    with place.member("Read-only") as reader:
        assert f"{name}: {{" in reader.get(url).json()["types"]


def test_webhooks_need_the_extension_that_sends(place, database):
    url = f"/platform/database/{place.ref}/hook-enable"
    refused = place.owner.client.post(url)
    assert refused.status_code == 400
    assert 'extension "pg_net" is not available' in refused.json()["message"]
    with place.member("Read-only") as reader:
        assert reader.post(url).status_code == 403

    # A stand-in: only the entry of the catalog, since the servers of the tests have no pg_net.
    database.sql(
        "INSERT INTO pg_extension SELECT 99999, 'pg_net', extowner, extnamespace, extrelocatable,"
        " extversion, NULL, NULL FROM pg_extension WHERE extname = 'plpgsql'"
    )
    enabled = place.owner.client.post(url)
    database.sql("DELETE FROM pg_extension WHERE oid = 99999")
    assert (enabled.status_code, enabled.content) == (201, b"")
