"""Prompt files, each with a version, and their loader.

In: a prompt's name and its variables. Out: messages for a chat model and a signature
``name@version#hash`` that every output carries. A released file never changes: a new wording is a
new file with the next version. A missing or unknown variable is an error.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

FILE = re.compile(r"^(?P<name>[a-z_]+)\.v(?P<version>\d+)\.md$")
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
PART = re.compile(r"^# (system|user)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One released prompt: ``parts`` are (role, template) in order."""

    name: str
    version: int
    digest: str
    parts: tuple[tuple[str, str], ...]

    @property
    def signature(self) -> str:
        """``name@version#hash``, as recorded with every output."""
        return f"{self.name}@{self.version}#{self.digest}"

    def messages(self, **variables: str) -> list[tuple[str, str]]:
        """Fill the templates.

        Raises:
            KeyError: a variable of the template is missing, or one is given that it lacks.
        """
        wanted = {name for _, text in self.parts for name in VARIABLE.findall(text)}
        if wanted != set(variables):
            raise KeyError(f"{self.signature} wants {sorted(wanted)}, got {sorted(variables)}")
        return [(role, VARIABLE.sub(lambda m: variables[m[1]], text)) for role, text in self.parts]


@cache
def load(name: str, version: int | None = None) -> Prompt:
    """The prompt ``name``, the newest version unless one is named.

    Raises:
        KeyError: there is no such prompt or version.
    """
    found = {
        int(match["version"]): entry
        for entry in resources.files(__name__).iterdir()
        if (match := FILE.match(entry.name)) and match["name"] == name
    }
    if not found or (version is not None and version not in found):
        raise KeyError(f"no prompt {name!r} version {version!r}; there are {sorted(found)}")
    number = version if version is not None else max(found)
    text = found[number].read_text(encoding="utf-8")
    pieces = PART.split(text)
    parts = tuple((role, body.strip()) for role, body in zip(pieces[1::2], pieces[2::2], strict=True))
    return Prompt(name, number, hashlib.sha256(text.encode()).hexdigest()[:8], parts)
