"""The package of a Word file of ours: styles, settings and fonts in, a body, bytes out (Word 文件包).

In: styles beyond the common ones, and the elements of a body. Out: the bytes of a .docx that holds nothing of the template
that python-docx brings along, and no time of its making but those of the entries of the zip.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RT

from service.papers import docx_styles as styles
from service.papers.docx_page import page_number
from service.papers.docx_xml import Element
from service.papers.presenting import clean

_KEPT = (RT.STYLES, RT.SETTINGS, RT.FONT_TABLE)
_ANY_TIME = datetime.datetime(2000, 1, 1)  # the same document gives the same file


def blank(more: Iterable[styles.Style] = (), *, whole_numbers: bool = False) -> tuple[Any, dict[str, str]]:
    """An empty document with styles, settings and fonts of our own, and the ids of its footers."""
    word = docx.Document()
    _prune(word)
    word.part._styles_part._element = styles.styles(more, whole_numbers=whole_numbers)
    word.part._settings_part._element = styles.settings()
    word.part.part_related_by(RT.FONT_TABLE)._blob = styles.font_table()
    return word, _footers(word)


def put(word: Any, elements: Iterable[Element]) -> None:
    """Put the elements in place of the body."""
    body = word.element.body
    for child in list(body):
        body.remove(child)
    for element in elements:
        body.append(element)


def packed(word: Any, title: str, signature: str = "") -> bytes:
    """The file, with its properties: title, and in all but a clean draft what took part in making it."""
    about = word.core_properties
    about.title = clean(title)[:255]
    about.author = about.last_modified_by = ""
    about.comments = signature[:255]
    about.language = "zh-CN"
    about.created = about.modified = _ANY_TIME
    stream = BytesIO()
    word.save(stream)
    return _timeless(stream)


def _timeless(stream: BytesIO) -> bytes:
    """The same zip without the time at which each entry was written."""
    made = BytesIO()
    with ZipFile(stream) as one, ZipFile(made, "w", ZIP_DEFLATED) as other:
        for name in one.namelist():
            entry = ZipInfo(name)  # 1980-01-01, the first day that a zip knows
            entry.compress_type = ZIP_DEFLATED
            other.writestr(entry, one.read(name))
    return made.getvalue()


def _prune(word: Any) -> None:
    """Take out what python-docx's template brings along: theme, thumbnail, custom XML, English styles."""
    for holder, kept in ((word.part, _KEPT), (word.part.package, (RT.OFFICE_DOCUMENT, RT.CORE_PROPERTIES))):
        for key, relation in list(holder.rels.items()):
            if relation.reltype not in kept:
                del holder.rels[key]


def _footers(word: Any) -> dict[str, str]:
    """The parts with the page numbers, by the type of the reference."""
    made = {}
    for kind, even in (("default", False), ("even", True)):
        part, made[kind] = word.part.add_footer_part()
        for child in list(part.element):
            part.element.remove(child)
        part.element.append(page_number(even=even))
    return made
