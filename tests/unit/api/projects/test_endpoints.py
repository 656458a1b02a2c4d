from __future__ import annotations

import pytest

from supamanager_api.projects import endpoints


def test_a_services_url():
    url = endpoints.service_url(
        "http://{project}-{component}.{namespace}.svc:{port}",
        project="p", component="meta", namespace="n", port="http",
    )  # fmt: skip
    assert url == "http://p-meta.n.svc:8080"
    url = endpoints.service_url(
        "http://127.0.0.1:9/{component}", project="p", component="rest", namespace="n",
        port="admin",
    )  # fmt: skip
    assert url == "http://127.0.0.1:9/rest"
    with pytest.raises(KeyError):
        endpoints.service_url("x", project="p", component="nope", namespace="n", port="http")
