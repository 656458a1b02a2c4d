"""What a route says about the failures of its own; those that all routes have are in
`description`."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from supamanager_api import errors as failures
from supamanager_api.http.errors import STATUS

Responses: TypeAlias = dict[int | str, dict[str, Any]]

_DESCRIPTIONS: Final[dict[type[failures.ApiError], str]] = {
    failures.Invalid: "The request says something that cannot be.",
    failures.Unauthenticated: "There is no token, or it is over.",
    failures.Forbidden: "The account may not.",
    failures.NotFound: "There is no such thing, or it is another's.",
    failures.Conflict: "It contradicts what is there.",
    failures.WrongContentType: "The body is not of the kind that is described, or does not say so.",
    failures.Unprocessable: "The values are refused.",
    failures.TooManyRequests: "Too often; `Retry-After` says when to come again.",
}


def told(*kinds: type[failures.ApiError]) -> Responses:
    """For `responses` of a route."""
    return {STATUS[kind]: {"description": _DESCRIPTIONS[kind]} for kind in kinds}


INTENT: Final = told(failures.Conflict, failures.Unprocessable)
"""Of a change of a project: the cluster may refuse it, or others own what it changes."""

LATER: Final[Responses] = {
    **INTENT,
    404: {
        "description": "There is no such project, or it is another's; or a setting that the"
        " resource has no field for yet is to be changed: the message names both."
    },
}
"""Of a change of a document with names that are not offered yet."""

ANY: Final[dict[str, Any]] = {"*/*": {}}
REFUSED: Final[Responses] = {
    "4XX": {"description": "What we refuse, or the project's service does.", "content": ANY},
    "5XX": {"description": "It failed here, or in the project's service.", "content": ANY},
}
"""Of a route that asks a service of a project, whose failures are passed on."""
RELAYED: Final[Responses] = {
    "2XX": {"description": "What the project's service answers.", "content": ANY},
    **REFUSED,
}
"""Of a route that passes on whatever the service answers, untouched."""
