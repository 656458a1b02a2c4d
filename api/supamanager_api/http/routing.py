"""The router of every route here: it keeps what a route answers for the OpenAPI document alone.

FastAPI makes a serializer of each `response_model`, for every prefix anew. Routes that answer with
a ready `Response` never use it; several MiB of a process would be spent on a document that is
seldom asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Depends
from fastapi.datastructures import DefaultPlaceholder
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.responses import Response

from supamanager_api.http.dispatch import Served
from supamanager_api.http.guard import guard

_KEY: Final = "x-answer"
_ANSWER: Final = "Answer"
"""Added to the name of a schema that something which is sent has too."""
_REFERENCE: Final = "#/components/schemas/{model}"
_models: Final[list[Any]] = []


class Router(APIRouter):
    """Every route is behind the guard."""

    def __init__(self, *, tags: Sequence[str] = ()) -> None:
        super().__init__(
            tags=list(tags),
            dependencies=[Depends(guard)],
            route_class=Served,
            generate_unique_id_function=_operation_id,
        )

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        model = options.get("response_model")
        named = model is not None and not isinstance(model, DefaultPlaceholder)
        if named and _answers_itself(endpoint):
            options["response_model"] = None
            code = options.get("status_code") or 200
            responses = dict(options.get("responses") or {})
            responses[code] = {**responses.get(code, {}), _KEY: len(_models)}
            options["responses"] = responses
            _models.append(model)
        super().add_api_route(path, endpoint, **options)


def describe(document: dict[str, Any]) -> None:
    """Put the schemas of the answers in their places."""
    places = {
        response.pop(_KEY): response
        for operations in document["paths"].values()
        for operation in operations.values()
        for response in operation["responses"].values()
        if _KEY in response
    }
    found, definitions = TypeAdapter.json_schemas(
        [(number, "serialization", TypeAdapter(_models[number])) for number in places],
        ref_template=_REFERENCE,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    told = definitions.get("$defs", {})
    names = {name: f"{name}{_ANSWER}" if name in schemas else name for name in told}
    for name, schema in told.items():
        schemas[names[name]] = _renamed(schema, names)
    for (number, _), schema in found.items():
        response = places[number]
        response.setdefault("description", "Successful Response")
        response["content"] = {"application/json": {"schema": _renamed(schema, names)}}


def _operation_id(route: APIRoute) -> str:
    """The function's name: unique and stable, and what generated clients call the operation."""
    return route.name


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """The schema with references to the names that its parts have in the document."""
    if isinstance(schema, list):
        return [_renamed(each, names) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _REFERENCE.format(model=names[value.rpartition("/")[2]])
        if key == "$ref"
        else _renamed(value, names)
        for key, value in schema.items()
    }


def _answers_itself(endpoint: Callable[..., Any]) -> bool:
    annotation = inspect.get_annotations(endpoint, eval_str=True).get("return")
    return isinstance(annotation, type) and issubclass(annotation, Response)
