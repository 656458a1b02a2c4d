"""`docs/settings.md`: every setting of operator, API and `dev/` with its default and meaning.

The meanings of the operator's and of those of `dev/` are the texts below their fields, which Python
does not keep: they are read from the source.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticUndefined

from supamanager_api import settings as api_settings
from supamanager_api.content import quotas
from supamanager_api.projects import regions
from supamanager_dev import generated
from supamanager_dev import settings as dev_settings
from supamanager_dev.errors import DevError
from supamanager_dev.generated import Block
from supamanager_operator import settings as operator_settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = tuple[str, str, str]
"""Name, default and meaning."""

_COMPUTED: Final = {
    "watch_namespaces": "`PROJECTS_NAMESPACE`",
    "regions": f"`{regions.DEFAULT}`",
    "organization_quota": "`{}`",
    "content_quota": f"`{quotas.TOLD}`",
    "rate_limits": "empty",
    "permissions": "the four roles' own",
}
"""Defaults of the API that are worked out at the start."""


class SettingWithoutMeaning(DevError):
    """Names the setting that has no text."""


def operator() -> str:
    return _table(_rows(operator_settings.Settings, operator_settings.PREFIX))


def api() -> str:
    return _table(_api_rows())


def downloads() -> str:
    return _table(_rows(dev_settings.Settings, dev_settings.PREFIX))


def _rows(settings: type[DataclassInstance], prefix: str) -> Iterator[Row]:
    meanings = _texts_below_fields(settings)
    for field in dataclasses.fields(settings):
        name = prefix + field.name.upper()
        yield name, _default(field.default), meanings.get(field.name, "")


def _api_rows() -> Iterator[Row]:
    for field, info in api_settings.Settings.model_fields.items():
        if field in _COMPUTED:
            default = _COMPUTED[field]
        else:
            default = "required" if info.is_required() else _default(info.default)
        yield field.upper(), default, info.description or ""


def _texts_below_fields(class_: type) -> dict[str, str]:
    [tree] = ast.parse(inspect.getsource(class_)).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                found[name] = inspect.cleandoc(meaning)
    return found


def _default(value: Any) -> str:
    """As it would be written into the environment."""
    match value:
        case bool():
            text = json.dumps(value)
        case tuple() | frozenset():
            text = ",".join(sorted(map(str, value)))
        case float():
            text = f"{value:g}"
        case _ if value is PydanticUndefined:
            raise DevError("a default that is worked out at the start must be told in _COMPUTED")
        case _:
            text = str(value)
    return f"`{text}`" if text else "empty"


def _table(rows: Iterable[Row]) -> str:
    lines = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, default, meaning in rows:
        if not meaning:
            raise SettingWithoutMeaning(f"the setting {name} has no text that says what it means")
        text = " ".join(meaning.split()).replace("<", r"\<")
        lines.append(f"| `{name}` | {_cell(default)} | {_cell(text)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


BLOCKS: Final = (
    Block("settings.md", "operator", operator),
    Block("settings.md", "api", api),
    Block("settings.md", "downloads", downloads),
)

if __name__ == "__main__":
    sys.exit(generated.main("settings_table", BLOCKS))
