from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from jinja2 import meta

from supamanager_api.mails import templates
from supamanager_api.mails.model import Kind

FOLDER = Path(templates.__file__).parent / "templates"


def test_each_kind_has_a_template():
    assert {path.stem for path in FOLDER.iterdir()} == {str(kind) for kind in Kind}


@pytest.mark.parametrize("kind", Kind)
def test_every_field_is_needed_and_shown(kind: Kind):
    source = (FOLDER / f"{kind}.txt").read_text()
    needed = meta.find_undeclared_variables(jinja2.Environment().parse(source))
    fields = {name: f"<{name}>" for name in needed}
    text = templates.render(kind, fields)
    assert all(value in text.subject + text.body for value in fields.values())
    assert text.subject
    assert text.body.endswith("\n")
    for name in needed:
        with pytest.raises(jinja2.UndefinedError, match=name):
            templates.render(kind, {key: fields[key] for key in needed if key != name})
