"""What bodies of requests have in common."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from starlette.datastructures import Headers

from supamanager_api import errors

FORM: Final = "application/x-www-form-urlencoded"
FORMS: Final = frozenset({"/auth/v1/verify/link"})
"""Templates of the routes that take a form. Any site can have a browser send one, so no route is
here that goes by who is signed in."""

_JSON: Final = re.compile(r"application/([-.\w]+\+)?json *(;.*)?", re.ASCII | re.IGNORECASE)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character NUL")
    return text


Text = Annotated[str, StringConstraints(max_length=1024), AfterValidator(_storable)]
"""A line of text that PostgreSQL can hold."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
"""What people call something or themselves: it is shown in lists, mails and logs, where a control
character would begin another line, or do worse."""

Name = Annotated[Line, StringConstraints(min_length=1)]

Names = Annotated[Text, Field(max_length=128)]
"""One word of a few that there are, or some of them with commas between."""


Email = Annotated[Text, Field(json_schema_extra={"format": "email"})]
"""That it is one, is looked at by who uses it."""


def one_of(*values: str | int) -> Any:
    """What is taken, for the OpenAPI document; the failure of another value is the service's."""
    return Field(json_schema_extra={"enum": list(values)})


class Body(BaseModel):
    """Keys that we do not know are ignored: Studio sends more with every release."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def check_content_type(headers: Headers, template: str) -> None:
    """Refuse a body that says to be something else than the route takes, or does not say what it
    is.

    Raises:
        WrongContentType
    """
    empty = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    if empty:
        return
    told = headers.get("content-type", "")
    if template in FORMS:
        if told.partition(";")[0].strip().lower() != FORM:
            raise errors.WrongContentType(f"The body must be a form: send Content-Type: {FORM}")
    elif not _JSON.fullmatch(told):
        raise errors.WrongContentType("The body must be JSON: send Content-Type: application/json")
