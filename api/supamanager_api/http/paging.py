"""Pages of lists whose answers have no room for a cursor.

`limit` and `cursor` ask for a page, and the header `Link` of the answer names the one that follows.
A list that nobody asks for a page of is answered whole, unless it has a length of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from supamanager_api import cursors
from supamanager_api.cursors import Key
from supamanager_api.http import failures
from supamanager_api.http.bodies import Text

Row = TypeVar("Row")

MOST: Final = 1000
HEADER: Final = "Link"
"""RFC 8288."""
LINKED: Final[failures.Responses] = {
    200: {
        "headers": {
            HEADER: {
                "description": 'The page that follows, as `<path>; rel="next"`, if there is one.',
                "schema": {"type": "string"},
            }
        }
    }
}
"""For `responses` of a route that answers in pages."""


class Page:
    """The page that a request asks for. `order` is what its list is sorted by."""

    def __init__(
        self, request: Request, response: Response, *, limit: int | None, cursor: str | None
    ) -> None:
        self._request = request
        self._response = response
        self._cursor = cursor
        self.limit = limit
        self.headers: dict[str, str] = {}

    def bounded(self, limit: int) -> Page:
        """With this limit, where the request gives none."""
        self.limit = limit if self.limit is None else self.limit
        return self

    @property
    def take(self) -> int | None:
        """How many rows to read: one more than the page has tells whether others follow."""
        return None if self.limit is None else self.limit + 1

    def after(self, order: str, *kinds: type[Key]) -> list[Any]:
        """The keys of the row that the page begins behind; Nones for the first page.

        Raises:
            Invalid: the cursor is none of this list.
        """
        if not self._cursor:
            return [None] * len(kinds)
        return cursors.read(self._cursor, order, *kinds)

    def cut(self, rows: list[Row], order: str, keys: Callable[[Row], tuple[Key, ...]]) -> list[Row]:
        """The rows of the page, of those that were read; the next one is told in the headers."""
        if self.limit is None or len(rows) <= self.limit:
            return rows
        rows = rows[: self.limit]
        asked = self._request.query_params.multi_items()
        query = [(name, value) for name, value in asked if name not in ("cursor", "offset")]
        query.append(("cursor", cursors.write(order, *keys(rows[-1]))))
        following = f'<{self._request.url.path}?{urlencode(query)}>; rel="next"'
        self.headers[HEADER] = self._response.headers[HEADER] = following
        return rows


async def _page(
    request: Request,
    response: Response,
    limit: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    cursor: Annotated[Text, Query()] = "",
) -> Page:
    return Page(request, response, limit=limit, cursor=cursor)


PageDep = Annotated[Page, Depends(_page)]
