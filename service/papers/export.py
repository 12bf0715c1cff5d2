"""A checked document as a Word file in the layout of Chinese official documents (公文格式).

In: a :class:`~service.papers.provenance.Checked` document, which is the only thing accepted here, and the official parts
around its text. Out: a .docx on A4 with 22 lines of 28 characters and styles by Chinese name. Summaries and memos
have marks [n] and the sources at the end. A draft is handed in without them (:func:`save`); beside it goes a copy
for review whose sentences carry their sources as comments, with the checklist behind it (:func:`save_review`). The
file is put in place in one step or not at all.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as RT

from service.papers import comments, docx_official, review
from service.papers import docx_styles as styles
from service.papers.comments import Comments
from service.papers.docx_body import Body, Marked, Plain
from service.papers.docx_page import page_number, section
from service.papers.docx_xml import Element, node
from service.papers.files_out import write
from service.papers.official import Official
from service.papers.presenting import clean
from service.papers.provenance import Checked

if TYPE_CHECKING:
    from service.draft.checklist import Checklist

SUFFIXES = (".docx",)
_KEPT = (RT.STYLES, RT.SETTINGS, RT.FONT_TABLE)
_ANY_TIME = datetime.datetime(2000, 1, 1)  # the same document gives the same file


def save(
    checked: Checked,
    path: Path,
    *,
    official: Official | None = None,
    office: str = "",
    day: date | None = None,
    force: bool = False,
) -> None:
    """Write a document to ``path``.

    Args:
        checked: the document.
        path: ends in .docx; an existing file stays unless ``force`` is set.
        official: the official parts; None for none but ``office`` and ``day``.
        office: 署名, the office that signs; "" for none.
        day: 成文日期; None for none.
        force: overwrite.

    Raises:
        InputError: the path cannot be written, or a file is in the way.
        StorageFull: no space is left.
    """
    write(path, to_bytes(checked, official=official, office=office, day=day), SUFFIXES, force=force)


def save_review(
    checked: Checked,
    path: Path,
    checklist: Checklist,
    *,
    official: Official | None = None,
    force: bool = False,
) -> None:
    """Write the copy for review of a draft: sources as comments, the checklist on pages of its own.

    Raises:
        InputError: the path cannot be written, or a file is in the way.
        StorageFull: no space is left.
    """
    write(path, review_bytes(checked, checklist, official=official), SUFFIXES, force=force)


def to_bytes(
    checked: Checked, *, official: Official | None = None, office: str = "", day: date | None = None
) -> bytes:
    """The bytes of the Word file."""
    document = checked.document
    parts = (official or Official(office=office, day=day)).written()
    if document.kind != "draft":
        word, footers = _blank(docx_official.STYLES if parts.formal else ())
        made = Body(document, word.part, footers, Marked())
        sources = made.sources(new_page=bool(parts.office or parts.day))
        _fill(
            word,
            (
                *_text(made, parts),
                *docx_official.end(parts),
                *docx_official.closing(parts),
                *sources,
                section(footers=footers),
            ),
        )
        return _bytes(word, document.title, document.signature)
    word, footers = _blank(docx_official.STYLES, whole_numbers=True)
    made = Body(document, word.part, footers, Plain())
    _fill(word, (*_draft(made, parts), section(footers=footers)))
    return _bytes(word, document.title)


def review_bytes(checked: Checked, checklist: Checklist, *, official: Official | None = None) -> bytes:
    """The bytes of the copy for review."""
    document = checked.document
    word, footers = _blank((*docx_official.STYLES, *comments.STYLES), whole_numbers=True)
    noted = Comments(checklist.origins)
    made = Body(document, word.part, footers, noted)
    text = _draft(made, (official or Official()).written())
    turn = node("w:p", None, node("w:pPr", None, section(footers=footers)))
    _fill(word, (*text, turn, *review.pages(checklist), section(footers=footers, sideways=True)))
    noted.keep(word)
    return _bytes(word, f"{document.title}（核对稿）", document.signature)


def _text(made: Body, parts: Official) -> list[Element]:
    """What stands before the text, the title, 主送机关, the text."""
    front, title = docx_official.front(parts), list(made.title())
    if front:
        docx_official.below_rule(title[0])
    return [*front, *title, *docx_official.addressee(parts), *made.elements()]


def _draft(made: Body, parts: Official) -> list[Element]:
    """A whole draft; its last paragraph, 附件说明, 署名 and date stay on one page."""
    text, end = _text(made, parts), docx_official.end(parts)
    docx_official.together([*text[-2:], *end])
    return [*text, *end, *docx_official.closing(parts)]


# -- the package ------------------------------------------------------------------------------------


def _blank(more: Iterable[styles.Style] = (), *, whole_numbers: bool = False) -> tuple[Any, dict[str, str]]:
    """An empty document with styles, settings and fonts of our own, and the ids of its footers."""
    word = docx.Document()
    _prune(word)
    word.part._styles_part._element = styles.styles(more, whole_numbers=whole_numbers)
    word.part._settings_part._element = styles.settings()
    word.part.part_related_by(RT.FONT_TABLE)._blob = styles.font_table()
    return word, _footers(word)


def _fill(word: Any, elements: Iterable[Element]) -> None:
    """Put the elements in place of the body."""
    body = word.element.body
    for child in list(body):
        body.remove(child)
    for element in elements:
        body.append(element)


def _bytes(word: Any, title: str, signature: str = "") -> bytes:
    """The file, with its properties: title, and in all but a clean draft what took part in making it."""
    about = word.core_properties
    about.title = clean(title)[:255]
    about.author = about.last_modified_by = ""
    about.comments = signature[:255]
    about.language = "zh-CN"
    about.created = about.modified = _ANY_TIME
    stream = BytesIO()
    word.save(stream)
    return stream.getvalue()


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
