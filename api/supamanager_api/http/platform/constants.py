"""The calls that are always answered the same: all of them, each with its reason.

A constant is only here when it is the truth and a client breaks without it. What this product does
not have and nobody misses is not here: it answers 404 as every unknown path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from supamanager_api.http import failures
from supamanager_api.http.routing import Router

_PARAMETER: Final = re.compile(r"{(\w+)}")
_WORD: Final = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Constant:
    """`path` is under the first prefix of its router. With status 204 there is no body."""

    method: str
    path: str
    body: Any
    reason: str
    status: int = HTTPStatus.OK


CONFIGCAT: Final = "/configcat/configuration-files"

CONSTANTS: Final = (
    Constant(
        method="GET",
        path="/platform/profile/scoped-access-tokens",
        body={"tokens": []},
        reason="A token is never limited to a part of an account; the page lists both kinds.",
    ),
    Constant(
        method="GET",
        path="/platform/telemetry/feature-flags",
        body={},
        reason="No flag is set. The sign-in page and the table editor wait for this answer.",
    ),
    Constant(
        method="POST",
        path="/platform/telemetry/{event}",
        body=None,
        status=HTTPStatus.NO_CONTENT,
        reason="What people do in the dashboard is not recorded.",
    ),
    Constant(
        method="GET",
        path=f"{CONFIGCAT}/CONFIG-CAT-KEY/config_v5.json",
        body={"p": {"u": "", "r": 0}, "f": {}},
        reason="The flags of the 2024 generation: none is set.",
    ),
    Constant(
        method="GET",
        path=f"{CONFIGCAT}/configcat-proxy/frontend-v2/config_v6.json",
        body={
            "p": {"u": "", "r": 0, "s": ""},
            "f": {"enableSmartRegion": {"t": 0, "v": {"b": True}}},
        },
        reason="The one flag that is set makes the wizard ask for this platform's regions.",
    ),
    Constant(
        method="GET",
        path="/platform/stripe/invoices/overdue",
        body=[],
        reason="Nobody is billed. Every page asks.",
    ),
    Constant(
        method="GET",
        path="/platform/projects-resource-warnings",
        body=[],
        reason="Nothing measures what a project uses up. Every page asks.",
    ),
    Constant(
        method="GET",
        path="/platform/integrations/{name}",
        body=[],
        reason="There are no integrations.",
    ),
    Constant(
        method="GET",
        path="/platform/integrations/{name}/connections",
        body={"connections": []},
        reason="No repository can be connected.",
    ),
    Constant(
        method="GET",
        path="/platform/integrations/{name}/authorization",
        body=None,
        reason="Nobody is authorized elsewhere: Studio takes all but null for an authorization.",
    ),
    Constant(
        method="GET",
        path="/platform/integrations/{name}/repositories",
        body={"repositories": [], "partial_response_due_to_sso": False},
        reason="No repository can be connected.",
    ),
    Constant(
        method="GET",
        path="/platform/organizations/{slug}/oauth/apps",
        body=[],
        reason="Programs of others cannot be registered. The wizard asks on plans that are paid.",
    ),
    Constant(
        method="GET",
        path="/platform/projects/{ref}/load-balancers",
        body=[],
        reason="A project has one database. Its home page asks.",
    ),
    Constant(
        method="GET",
        path="/platform/projects/{ref}/infra-monitoring",
        body={
            "data": [],
            "series": {},
            "yAxisLimit": 0,
            "format": "",
            "total": 0,
            "totalAverage": 0,
        },
        reason="Nothing measures what a project uses; its charts are empty and not broken.",
    ),
    Constant(
        method="GET",
        path="/platform/projects/{ref}/config/supavisor",
        body=[],
        reason="There is no pooler yet; the dialog with connection strings asks.",
    ),
    Constant(
        method="GET",
        path="/platform/projects/{ref}/analytics/log-drains",
        body=[],
        reason="Logs are not sent elsewhere.",
    ),
    Constant(
        method="GET",
        path="/platform/projects/{ref}/notifications/advisor/exceptions",
        body={"exceptions": []},
        reason="No advice can be silenced.",
    ),
    Constant(
        method="GET",
        path="/v1/projects/{ref}/branches",
        body=[],
        reason="Projects have no branches. Without a list every page of a project shows an error.",
    ),
    Constant(
        method="POST",
        path="/v1/projects/{ref}/network-bans/retrieve",
        body={"banned_ipv4_addresses": []},
        status=HTTPStatus.CREATED,
        reason="Nothing bans addresses. Every page of a project asks.",
    ),
)


def _router(prefix: str) -> Router:
    router = Router(tags=["constants"])
    for constant in CONSTANTS:
        if constant.path.startswith(f"{prefix}/"):
            _add(router, constant, path=constant.path.removeprefix(prefix))
    return router


def _add(router: Router, constant: Constant, *, path: str) -> None:
    async def answer() -> Response:
        if constant.status == HTTPStatus.NO_CONTENT:
            return Response(status_code=constant.status)
        return JSONResponse(constant.body, constant.status)

    router.add_api_route(
        path,
        answer,
        methods=[constant.method],
        name="_".join([constant.method, *_WORD.findall(constant.path)]).lower(),
        description=constant.reason,
        status_code=constant.status,
        response_class=Response if constant.status == HTTPStatus.NO_CONTENT else JSONResponse,
        responses=_told(constant),
        openapi_extra={
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in _PARAMETER.findall(path)
            ]
        },
    )


def _told(constant: Constant) -> failures.Responses:
    if constant.status == HTTPStatus.NO_CONTENT:
        return {}
    # FastAPI leaves out of the document what is None.
    schema = {"type": "null"} if constant.body is None else {"const": constant.body}
    return {int(constant.status): {"content": {"application/json": {"schema": schema}}}}


platform: Final = _router("/platform")
v1: Final = _router("/v1")
configcat: Final = _router("/configcat")
