"""What a setting's text must look like, and what is made of it.

Every function raises ValueError with words that follow the setting's name.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, SecretStr

_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SECRET_LENGTH: Final = 32
_WELL_KNOWN: Final = (
    "change-me",
    "changeme",
    "your-super-secret",
    "super-secret-jwt-token",
    "supersecret",
    "your-secret",
    "your-encryption-key",
    "0123456789",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
)
"""Beginnings of the sample secrets of this and similar products, in lower case."""
_DISTINCT: Final = 8
"""A secret of fewer different characters was typed, not drawn."""

EVERY_NAMESPACE: Final = "*"


def secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if len(text) < _SECRET_LENGTH:
        raise ValueError(f"must have at least {_SECRET_LENGTH} characters; it has {len(text)}")
    if text.lower().startswith(_WELL_KNOWN) or len(set(text)) < _DISTINCT:
        raise ValueError("is a well-known or guessable value; draw a random one")
    return value


def postgres_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("must be a URL that begins with postgresql://")
    return value


def domain(value: str) -> str:
    value = value.strip().rstrip(".").lower()
    if not all(_LABEL.fullmatch(label) for label in value.split(".")):
        raise ValueError("must be a host name without scheme, port and path")
    return value


def web_url(value: str) -> str:
    try:
        url = urlsplit(value)
        sound = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("must be a URL that begins with http:// or https://")
    return value.rstrip("/")


def optional_url(value: str) -> str:
    return web_url(value) if value else value


def namespace(value: str) -> str:
    if not _LABEL.fullmatch(value):
        raise ValueError(f"{value!r} is not the name of a namespace")
    return value


def namespaces(value: tuple[str, ...]) -> tuple[str, ...]:
    if EVERY_NAMESPACE in value:
        return (EVERY_NAMESPACE,)
    return tuple(dict.fromkeys(namespace(name) for name in value))


def service_url(value: str) -> str:
    known = {"project", "component", "namespace", "port"}
    try:
        named = {field for _, field, _, _ in string.Formatter().parse(value) if field is not None}
    except ValueError as error:
        raise ValueError(f"is not a template: {error}") from None
    if named - known:
        raise ValueError(f"may only name {', '.join(sorted(known))}")
    return value


def parts(value: object) -> object:
    """The elements of a text with commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def folded(value: frozenset[str]) -> frozenset[str]:
    return frozenset(item.lower() for item in value)


def parsed(parse: Callable[[str], object]) -> BeforeValidator:
    """Texts go through `parse`; a value that was made in Python is taken as it is."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)
