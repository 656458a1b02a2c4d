"""What mails say: `templates/<kind>.txt`, the subject in the first line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from supamanager_api.mails.model import Kind

if TYPE_CHECKING:
    import jinja2

_FOLDER: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


def render(kind: Kind, fields: dict[str, str]) -> Text:
    """
    Raises:
        jinja2.UndefinedError: the template needs another field.
    """
    whole = _environment().get_template(f"{kind}.txt").render(fields)
    subject, _, body = whole.partition("\n")
    # What somebody typed, as a name, must not begin a header of its own.
    return Text(subject=" ".join(subject.split()), body=body.strip() + "\n")


@cache
def _environment() -> jinja2.Environment:
    # A process that sends no mails needs none of it.
    import jinja2

    def one_line(value: object) -> object:
        """A field fills a part of a line; it cannot add lines of its own."""
        return value if isinstance(value, jinja2.Undefined) else " ".join(str(value).split())

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=jinja2.select_autoescape(enabled_extensions=()),
        undefined=jinja2.StrictUndefined,
        finalize=one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )
