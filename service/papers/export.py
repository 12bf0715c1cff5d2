"""A checked document as a Word file in the layout of Chinese official documents (公文格式).

In: a :class:`~service.papers.provenance.Checked` document, which is the only thing accepted here. Out: a .docx on
A4 with 22 lines of 28 characters, styles by Chinese name, 署名 and date where given, and the sources at the
end, to which the marks [n] lead. The file is put in place in one step or not at all.
"""

from __future__ import annotations

import datetime
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RT

from service.papers import docx_styles as styles
from service.papers.docx_body import Body
from service.papers.docx_page import page_number, section, width_of
from service.papers.docx_xml import Element, node, paragraph, run
from service.papers.files_out import write
from service.papers.presenting import clean
from service.papers.provenance import Checked

SUFFIXES = (".docx",)
_KEPT = (RT.STYLES, RT.SETTINGS, RT.FONT_TABLE)
_ANY_TIME = datetime.datetime(2000, 1, 1)  # the same document gives the same file


def save(
    checked: Checked, path: Path, *, office: str = "", day: date | None = None, force: bool = False
) -> None:
    """Write a document to ``path``.

    Args:
        checked: the document.
        path: ends in .docx; an existing file stays unless ``force`` is set.
        office: 署名, the office that signs; "" for none.
        day: 成文日期; None for none.
        force: overwrite.

    Raises:
        InputError: the path cannot be written, or a file is in the way.
        StorageFull: no space is left.
    """
    write(path, to_bytes(checked, office=office, day=day), SUFFIXES, force=force)


def to_bytes(checked: Checked, *, office: str = "", day: date | None = None) -> bytes:
    """The bytes of the Word file."""
    word = docx.Document()
    _prune(word)
    _dress(word)
    body = word.element.body
    for child in list(body):
        body.remove(child)
    footers = _footers(word)
    made = Body(checked.document, word.part, footers)
    for element in made.elements():
        body.append(element)
    for element in signature(clean(office), day):
        body.append(element)
    for element in made.sources(new_page=bool(office or day)):
        body.append(element)
    body.append(section(footers=footers))
    _describe(word, checked)
    stream = BytesIO()
    word.save(stream)
    return stream.getvalue()


def signature(office: str, day: date | None) -> list[Element]:
    """署名 and 成文日期: the date begins two characters right of the office, and ends two from the margin
    where it is the longer one (GB/T 9704-2012, 7.3.5.2).
    """
    if not office and day is None:
        return []
    told = f"{day.year}年{day.month}月{day.day}日" if day else ""
    office_width, day_width = width_of(office), width_of(told)
    office_right, day_right = 2.0, 2.0 + office_width - day_width - 2
    if day_right < 2:
        office_right, day_right = 2 + day_width + 2 - office_width, 2.0
    made = [paragraph(styles.BODY)]
    if office:
        made.append(_signed(office, office_right if told else 2.0))
    if told:
        made.append(_signed(told, day_right if office else 2.0))
    return made


def _signed(text: str, right: float) -> Element:
    indent = node("w:ind", {"w:rightChars": round(right * 100), "w:right": round(right * 320)})
    return paragraph(styles.SIGNED, run(text), properties=[indent])


# -- the package ------------------------------------------------------------------------------------


def _prune(word: Any) -> None:
    """Take out what python-docx's template brings along: theme, thumbnail, custom XML, English styles."""
    for holder, kept in ((word.part, _KEPT), (word.part.package, (RT.OFFICE_DOCUMENT, RT.CORE_PROPERTIES))):
        for key, relation in list(holder.rels.items()):
            if relation.reltype not in kept:
                del holder.rels[key]


def _dress(word: Any) -> None:
    """Styles, settings and fonts of our own."""
    word.part._styles_part._element = styles.styles()
    word.part._settings_part._element = styles.settings()
    word.part.part_related_by(RT.FONT_TABLE)._blob = styles.font_table()


def _footers(word: Any) -> dict[str, str]:
    """The parts with the page numbers, by the type of the reference."""
    made = {}
    for kind, even in (("default", False), ("even", True)):
        part, made[kind] = word.part.add_footer_part()
        for child in list(part.element):
            part.element.remove(child)
        part.element.append(page_number(even=even))
    return made


def _describe(word: Any, checked: Checked) -> None:
    """The properties of the file: title and what took part in making it."""
    about = word.core_properties
    about.title = clean(checked.document.title)[:255]
    about.author = about.last_modified_by = ""
    about.comments = checked.document.signature[:255]
    about.language = "zh-CN"
    about.created = about.modified = _ANY_TIME
