"""A Dockerfile read into its stages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Stage:
    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [text for each, text in self.instructions if each == word]

    def one(self, word: str) -> str:
        [text] = self.all(word)
        return text

    def words(self, word: str) -> list[str]:
        """An instruction in its JSON form."""
        found: list[str] = json.loads(self.one(word))
        return found

    def variables(self) -> dict[str, str]:
        pairs: Any = (pair.partition("=") for text in self.all("ENV") for pair in text.split())
        return {name: value for name, _, value in pairs}

    def health(self) -> list[str]:
        """The command of HEALTHCHECK."""
        found: list[str] = json.loads(self.one("HEALTHCHECK").partition("CMD ")[2])
        return found


def read(path: Path) -> list[Stage]:
    """The stages in order."""
    text = re.sub(r"^#.*\n", "", path.read_text(), flags=re.M)
    stages: list[Stage] = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name))
        elif word and stages:
            stages[-1].instructions.append((word, " ".join(rest.split())))
    return stages
