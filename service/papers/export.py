"""A checked document as a Word file in the layout of Chinese official documents (公文格式).

In: a :class:`~service.papers.provenance.Checked` document, which is the only thing accepted here, and the official parts
around its text. Out: a .docx on A4 with 22 lines of 28 characters and styles by Chinese name. Summaries and memos
have marks [n] and the sources at the end. A draft is handed in without them (:func:`save`); beside it goes a copy
for review whose sentences carry their sources as comments, with the checklist behind it (:func:`save_review`). The
file is put in place in one step or not at all.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from service.papers import comments, docx_official, docx_package, review
from service.papers.comments import Comments
from service.papers.docx_body import Body, Marked, Plain
from service.papers.docx_page import section
from service.papers.docx_xml import Element, node
from service.papers.files_out import write
from service.papers.official import Official
from service.papers.provenance import Checked

if TYPE_CHECKING:
    from service.draft.checklist import Checklist

SUFFIXES = (".docx",)


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
        word, footers = docx_package.blank(docx_official.STYLES if parts.formal else ())
        made = Body(document, word.part, footers, Marked())
        sources = made.sources(new_page=bool(parts.office or parts.day))
        docx_package.put(
            word,
            (
                *_text(made, parts),
                *docx_official.end(parts),
                *docx_official.closing(parts),
                *sources,
                section(footers=footers),
            ),
        )
        return docx_package.packed(word, document.title, document.signature)
    word, footers = docx_package.blank(docx_official.STYLES, whole_numbers=True)
    made = Body(document, word.part, footers, Plain())
    docx_package.put(word, (*_draft(made, parts), section(footers=footers)))
    return docx_package.packed(word, document.title)


def review_bytes(checked: Checked, checklist: Checklist, *, official: Official | None = None) -> bytes:
    """The bytes of the copy for review."""
    document = checked.document
    word, footers = docx_package.blank((*docx_official.STYLES, *comments.STYLES), whole_numbers=True)
    noted = Comments(checklist.origins)
    made = Body(document, word.part, footers, noted)
    text = _draft(made, (official or Official()).written(), marked=True)
    turn = node("w:p", None, node("w:pPr", None, section(footers=footers)))
    docx_package.put(word, (*text, turn, *review.pages(checklist), section(footers=footers, sideways=True)))
    noted.keep(word)
    return docx_package.packed(word, f"{document.title}（核对稿）", document.signature)


def _text(made: Body, parts: Official) -> list[Element]:
    """What stands before the text, the title, 主送机关, the text."""
    front, title = docx_official.front(parts), list(made.title())
    if front:
        docx_official.below_rule(title[0])
    return [*front, *title, *docx_official.addressee(parts), *made.elements()]


def _draft(made: Body, parts: Official, *, marked: bool = False) -> list[Element]:
    """A whole draft; its last paragraph, 附件说明, 署名 and date stay on one page."""
    text, end = _text(made, parts), docx_official.end(parts, marked=marked)
    docx_official.together([*text[-2:], *end])
    return [*text, *end, *docx_official.closing(parts)]
