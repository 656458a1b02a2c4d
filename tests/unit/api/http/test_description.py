from __future__ import annotations

from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

from supamanager_api.http.permissions import ROUTES, Open


def test_the_description_is_valid(application: FastAPI):
    OpenAPIV31SpecValidator(application.openapi()).validate()


def test_every_operation_tells_its_security_and_its_failures(application: FastAPI):
    for path, operations in application.openapi()["paths"].items():
        for method, operation in operations.items():
            public = ROUTES[method.upper(), path] is Open.PUBLIC
            assert operation["security"] == ([] if public else [{"token": []}])
            schema = operation["responses"]["4XX"]["content"]["application/json"]["schema"]
            gotrue = path.startswith("/auth/v1/")
            assert schema["$ref"].rpartition("/")[2] == ("AuthError" if gotrue else "Error")
            assert "422" not in operation["responses"]
