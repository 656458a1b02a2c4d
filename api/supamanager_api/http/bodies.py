"""What bodies of requests have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character NUL")
    return text


Text = Annotated[str, StringConstraints(max_length=1024), AfterValidator(_storable)]
"""A line of text that PostgreSQL can hold."""


class Body(BaseModel):
    """Keys that we do not know are ignored: Studio sends more with every release."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
