"""The page that a link in a mail leads to: a form, which does what the link is for.

Programs that check mail follow links, so following one changes nothing: a person presses a button.
The form is without script, and its policy of content is its own.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends
from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse

from supamanager_api import errors
from supamanager_api.accounts.verification import Kind
from supamanager_api.http import cors
from supamanager_api.http.bodies import FORM, Body, Text

PATH: Final = "/verify/link"

_ACTION: Final = PATH.removeprefix("/")
"""Relative to the page, which may be behind a prefix that only the proxy in front knows."""
_MOST_FIELDS: Final = 16


@dataclass(frozen=True)
class _Words:
    title: str
    button: str


_CONFIRMATION: Final = _Words("Confirm your e-mail address", "Confirm")
_WORDS: Final = {
    Kind.SIGN_UP: _CONFIRMATION,
    Kind.EMAIL: _CONFIRMATION,
    Kind.EMAIL_CHANGE: _Words("Confirm your new e-mail address", "Confirm"),
    Kind.RECOVERY: _Words("Set a new password", "Continue"),
}

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
<p>If it was not you who asked for this, close this page: nothing changes.</p>
<form method="post" action="{action}">
{fields}
<button type="submit">{button}</button>
</form>
</body>
</html>
"""


class Link(Body):
    """What a link in a mail carries."""

    token: Text
    type: Kind
    redirect_to: Annotated[str | None, Field(max_length=1024)] = None


def page(link: Link, *, studio_url: str) -> HTMLResponse:
    """The same for every token: whether one is valid is not looked at here."""
    values = {"token": link.token, "type": link.type.value, "redirect_to": link.redirect_to}
    fields = [
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in values.items()
        if value is not None
    ]
    words = _WORDS[link.type]
    text = _PAGE.format(
        title=words.title, action=_ACTION, fields="\n".join(fields), button=words.button
    )
    # Browsers ask the policy of a form about where its answer redirects to as well.
    policy = (
        f"default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {cors.origin_of(studio_url)}"
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


async def _sent(request: Request) -> Link:
    """The link that a form was sent with.

    Raises:
        Invalid
    """
    try:
        body = (await request.body()).decode()
        return Link.model_validate(dict(parse_qsl(body, max_num_fields=_MOST_FIELDS)))
    except ValidationError as failure:
        names = ", ".join(str(each["loc"][0]) for each in failure.errors())
        raise errors.Invalid(f"{names}: is missing, or not valid") from None
    except ValueError:
        raise errors.Invalid("The body is no form of a link") from None


Sent = Annotated[Link, Depends(_sent)]

DESCRIBED: Final = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["token", "type"],
                    "properties": {
                        "token": {"type": "string"},
                        "type": {"type": "string", "enum": [kind.value for kind in Kind]},
                        "redirect_to": {"type": "string"},
                    },
                }
            }
        },
    }
}
"""The form for the OpenAPI document: FastAPI reads only bodies that it parses itself."""
