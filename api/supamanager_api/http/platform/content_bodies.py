"""What requests for content say: filters of lists, ids, and bodies."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from supamanager_api import errors
from supamanager_api.content.model import Change, Given, Sort, Type, Visibility, Wanted
from supamanager_api.http.bodies import Body, Name, Text

LIMIT: Final = 1000


def _storable(value: Any) -> Any:
    """PostgreSQL cannot hold the character NUL, not even escaped in JSON."""
    if "\\u0000" in str([value]).replace("\x00", "\\u0000"):
        raise ValueError("must not contain the character NUL")
    return value


Empty = BeforeValidator(lambda given: given or None)
"""Studio sends filters that it does not use as empty texts."""
Json = Annotated[dict[str, Any], AfterValidator(_storable)]


class Page(BaseModel):
    """Newest first by default; the cursor of a page asks for the one that follows."""

    cursor: Annotated[Text | None, Empty] = None
    limit: int = Field(LIMIT, ge=1, le=LIMIT)
    sort_by: Literal["name", "inserted_at", ""] = ""
    sort_order: Literal["asc", "desc", ""] = ""

    @property
    def sort(self) -> Sort:
        sorts: dict[tuple[bool, bool], Sort] = {
            (True, True): "name_asc",
            (True, False): "name_desc",
            (False, True): "inserted_at_asc",
            (False, False): "inserted_at_desc",
        }
        return sorts[self.sort_by == "name", self.sort_order == "asc"]


class InFolder(Page):
    type: Annotated[Type | None, Empty] = None
    name: Annotated[Text | None, Empty] = None

    def wanted(self, *, visibility: Visibility | None) -> Wanted:
        return Wanted(
            type=self.type,
            visibility=visibility,
            name=self.name,
            sort=self.sort,
            limit=self.limit,
            cursor=self.cursor,
            full=False,
        )


class Anywhere(InFolder):
    visibility: Annotated[Visibility | None, Empty] = None
    favorite: Annotated[bool | None, Empty] = None


class Counted(BaseModel):
    type: Annotated[Type | None, Empty] = None
    name: Annotated[Text | None, Empty] = None


class Named(BaseModel):
    """What to remove: ids, separated by commas."""

    ids: Text

    @property
    def items(self) -> list[UUID]:
        try:
            ids = [UUID(part.strip()) for part in self.ids.split(",") if part.strip()]
        except ValueError:
            raise errors.Invalid("ids: are UUIDs, separated by commas") from None
        if not ids:
            raise errors.Invalid("ids: none is given")
        return list(dict.fromkeys(ids))


class One(BaseModel):
    id: UUID | None = None


class ContentBody(Body):
    """What is not in it stays as it is; the owner and the project never change."""

    name: Name | None = None
    type: Type | None = None
    visibility: Visibility | None = None
    description: Text | None = None
    content: Json | None = None
    favorite: bool | None = None
    folder_id: UUID | None = None

    def change(self) -> Change:
        given = self.model_fields_set
        return Change(
            name=self.name,
            type=self.type,
            visibility=self.visibility,
            content=self.content,
            favorite=self.favorite,
            description=Given(self.description) if "description" in given else None,
            folder=Given(self.folder_id) if "folder_id" in given else None,
        )


class UpsertContent(ContentBody):
    id: UUID


class UpdateContent(ContentBody):
    id: UUID | None = None


class CreateFolder(Body):
    name: Name
    parent_id: UUID | None = None


class UpdateFolder(Body):
    name: Name | None = None
    parent_id: UUID | None = None
