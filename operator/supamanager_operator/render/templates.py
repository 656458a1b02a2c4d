"""Templates of Kubernetes objects.

A template is YAML with Jinja2 statements. Each `{{ … }}` fills one whole YAML scalar and is
written as JSON, which is a YAML scalar too: no value can break out of its place. Values that
Kubernetes expands (`$(NAME)` in variables and arguments) are literal unless they are a Reference.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

import jinja2
import yaml

from supamanager_operator.render import data

_SPECIAL: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Valid in a JSON text, but a line break, a mark or an error to a YAML reader."""


class Reference(str):
    """Text whose `$(NAME)` stands for the value of an earlier variable of the same container."""

    __slots__ = ()


def literal(text: str) -> str:
    """Text that Kubernetes expands to `text` itself."""
    return text.replace("$", "$$")


def finalize(value: Any) -> str:
    """The JSON form of one scalar.

    Raises:
        TypeError: the value is no text, number or truth value.
    """
    if isinstance(value, jinja2.Undefined):
        return str(value)
    if isinstance(value, str):
        text = value if isinstance(value, Reference) else literal(value)
        encoded = json.dumps(text, ensure_ascii=False)
        return _SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", encoded)
    if isinstance(value, bool | int):
        return json.dumps(value)
    raise TypeError(f"a template's value must be a scalar, not {type(value).__name__}")


@cache
def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(data.text),
        autoescape=jinja2.select_autoescape(enabled_extensions=()),
        undefined=jinja2.StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def documents(name: str, context: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of the template `manifests/<name>.yaml.j2`."""
    text = environment().get_template(f"{name}.yaml.j2").render(context)
    return [body for body in yaml.load_all(text, Loader=yaml.CSafeLoader) if body]
