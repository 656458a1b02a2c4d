"""The guard of every route: it lets a request through by the route's row of the table."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from supamanager_api import errors, origin
from supamanager_api.http import authorization, bodies, permissions


async def guard(request: Request) -> None:
    """Authorize the request and leave the principal in its state.

    Raises:
        Forbidden: also for a route that has no row.
        ApiError: as `authorization.authorize`, and for the wrong content type.
    """
    route: Any = request.scope["route"]
    template: str = route.template
    request.scope["supamanager.route"] = template
    access = permissions.ROUTES.get((request.method, template))
    if access is None:
        raise errors.Forbidden("This route is closed")
    if (current := origin.CURRENT.get()) is not None:
        current.route = template
        current.status = route.status_code or 200
    # Of every body, also one that its route passes on as it came, or does not read.
    bodies.check_content_type(request.headers, template)
    request.state.principal = await authorization.authorize(request, access)
