"""Words and small objects that answers have in common.

Answers are TypedDicts: mypy compares them with the functions that make them, the OpenAPI document
tells them, and no request pays for a second look at what was just made. They come from
`typing_extensions`, since pydantic reads those of Python 3.11 nowhere else.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from supamanager_api.projects.status import Word

Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339."""
Status: TypeAlias = Annotated[str, Field(json_schema_extra={"enum": [str(word) for word in Word]})]
"""One of the words of a project, where it was read as text."""
Id: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class Nothing(TypedDict):
    """It is done, and there is nothing to tell of it."""


class Numbered(TypedDict):
    id: int


class Identified(TypedDict):
    id: UUID
