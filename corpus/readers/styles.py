"""What a paragraph inherits from its style in Word: heading level and list.

In: styles.xml and the direct properties of a paragraph. Out: answers for :mod:`docx_reader`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from corpus.readers.numbering import W, value

_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.I)
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d", re.I)
_BODY_TEXT = 9  # outlineLvl of ordinary text


class Styles:
    """The paragraph and numbering styles of a document."""

    def __init__(self, root: etree._Element | None) -> None:
        found = () if root is None else root.iterchildren(W + "style")
        self._styles = {style.get(W + "styleId", ""): style for style in found}
        self._default = next(
            (
                name
                for name, style in self._styles.items()
                if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true")
            ),
            "",
        )

    def _chain(self, name: str) -> Iterator[etree._Element]:
        """A style and what it is based on, nearest first."""
        seen: set[str] = set()
        name = name or self._default
        while name in self._styles and name not in seen:
            seen.add(name)
            yield self._styles[name]
            name = value(self._styles[name], "basedOn")

    def heading_level(self, properties: etree._Element | None, style: str) -> int | None:
        """1-9 for a heading, 0 for the title, None for anything else."""
        direct = () if properties is None else (properties,)
        inherited = (p for s in self._chain(style) if (p := s.find(W + "pPr")) is not None)
        for found in (*direct, *inherited):
            if (level := value(found, "outlineLvl")).isdecimal():
                return int(level) + 1 if int(level) < _BODY_TEXT else None
        for found in self._chain(style):
            name = value(found, "name")
            if name.lower() in ("title", "标题"):
                return 0
            if match := _HEADING.fullmatch(name):
                return int(match[1])
        return None

    def is_contents(self, style: str) -> bool:
        """Whether a paragraph is a line of a table of contents (目录)."""
        return any(_CONTENTS.fullmatch(value(found, "name")) for found in self._chain(style))

    def numbering(self, properties: etree._Element | None, style: str) -> tuple[str, int | None]:
        """List id and level of a paragraph: its own, else its style's; level None is for the list to say."""
        num, level = ("", None) if properties is None else _list_of(properties)
        if num:
            return num, level or 0
        for found in self._chain(style):
            if (inherited := found.find(W + "pPr")) is not None:
                num, own = _list_of(inherited)
                if num:
                    return num, level if level is not None else own
        return "", None

    def numbering_lists(self) -> dict[str, str]:
        """List (numId) of every numbering style."""
        return {
            name: num
            for name, style in self._styles.items()
            if style.get(W + "type") == "numbering"
            and (found := style.find(W + "pPr")) is not None
            and (num := _list_of(found)[0])
        }


def _list_of(properties: etree._Element) -> tuple[str, int | None]:
    """List (numId) and level of paragraph properties."""
    found = properties.find(W + "numPr")
    if found is None:
        return "", None
    level = value(found, "ilvl")
    return value(found, "numId"), int(level) if level.isdecimal() else None
