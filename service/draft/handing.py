"""A draft as files: the clean copy and the copy to check, or Markdown, or JSON (交付).

In: a draft and where it is to go. Out: the files that were written. Both Word files are made from one checked document,
so that a numeral without a source stops both; what cannot be written is refused before any work begins.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from service.draft import fields
from service.draft.assembling import document
from service.draft.checklist import Checklist, checklist
from service.draft.drafts import Draft
from service.draft.inputs import Basic
from service.draft.session import opener
from service.papers import files_out
from service.papers.markdown import markdown
from service.papers.official import Official
from service.papers.presenting import masked
from service.papers.provenance import Checked, OpenReport, checked

if TYPE_CHECKING:
    from service.papers.template import Slot
    from service.papers.template_form import Form

SUFFIXES = (".docx", ".json", ".md")
REVIEW = ".核对.docx"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a draft goes: ``out`` None for the terminal; ``review`` only beside a Word file. ``template`` is a file,
    ``form`` a template as it was read.
    """

    out: Path | None = None
    review: Path | None = None
    template: Path | None = None
    force: bool = False
    form: Form | None = None

    def ready(self) -> Target:
        """The same with the path of the review copy and the template, if all of it can be written.

        Raises:
            InputError: a path that cannot be written, two that are one, or a template that cannot be filled.
        """
        if self.out is None:
            if self.review or self.template:
                option = "--review" if self.review else "--template"
                raise InputError(
                    f"{option} 要与 -o 一起用", remedy="请用 -o 给出成稿的文件名，如 -o draft.docx"
                )
            return self
        files_out.writable(self.out, SUFFIXES, force=self.force)
        if self.out.suffix.lower() != ".docx":
            if self.review or self.template:
                raise InputError(
                    "核对稿和模板只用于 .docx", where=str(self.out), remedy="请把 -o 的扩展名写成 .docx"
                )
            return self
        review = self.review or self.out.with_name(self.out.stem + REVIEW)
        if review.resolve() == self.out.resolve():
            raise InputError(
                "成稿和核对稿是同一个文件", where=str(review), remedy="请给 --review 另一个文件名"
            )
        files_out.writable(review, (".docx",), force=self.force)
        if self.template is None:
            return replace(self, review=review)
        from service.papers import template_form  # python-docx is slow to load

        return replace(self, review=review, form=template_form.load(self.template))


def official(basic: Basic, **chosen: Any) -> Official:
    """The official parts: what the options say (None: nothing), else what 基本信息 says.

    Raises:
        InputError: a 发文字号 or a date of a wrong form.
    """
    own = {
        "office": basic.office,
        "day": basic.day,
        "number": basic.number,
        "signer": basic.signer,
        "addressee": basic.addressee,
        "attachments": basic.attachments,
        "copies": basic.copies,
    }
    return Official(**{**own, **{name: value for name, value in chosen.items() if value is not None}})


def filled_in(draft: Draft, form: Form, parts: Official) -> tuple[Slot, ...]:
    """What a template would be filled with by a draft as it is now, and what is still missing."""
    from service.papers import template  # jinja2 and docxtpl

    basic = draft.given.basic
    return template.preview(document(draft), form, official=parts, place=basic.place, year=basic.year)


def day_of(text: str) -> date | None:
    """A date as it is typed; None for "".

    Raises:
        InputError: it is none.
    """
    try:
        return fields.day_of(text)
    except fields.Wrong as error:
        raise InputError(str(error), where="成文日期") from error


@dataclass(frozen=True, slots=True)
class Handed:
    """What went out: the checked document, its checklist, the files."""

    checked: Checked
    checklist: Checklist
    files: tuple[Path, ...] = ()


def hand_out(draft: Draft, target: Target, parts: Official, report: OpenReport) -> Handed:
    """Check a draft and write its files.

    Raises:
        Unsourced: a numeral leads to no source; nothing is written.
        InputError: a path that cannot be written, or a template that does not fit.
    """
    made = document(draft)
    sound = checked(made, opener(draft.given, report))
    found = checklist(draft, made, day=parts.day)
    out = target.out
    if out is None:
        return Handed(sound, found)
    if out.suffix.lower() == ".docx":
        return Handed(sound, found, _word(Handed(sound, found), target, parts, draft.given.basic))
    text = (
        markdown(sound)
        if out.suffix.lower() == ".md"
        else json.dumps(masked(made.to_json()), ensure_ascii=False, indent=2) + "\n"
    )
    files_out.write(out, text.encode("utf-8"), SUFFIXES, force=target.force)
    return Handed(sound, found, (out,))


def _word(made: Handed, target: Target, parts: Official, basic: Basic) -> tuple[Path, ...]:
    """The clean copy and the one to check; both are made before one is written."""
    from service.papers import export  # python-docx is slow to load

    assert target.out is not None and target.review is not None
    if target.form is None:
        clean = export.to_bytes(made.checked, official=parts)
    else:
        from service.papers import template

        clean = template.fill(made.checked, target.form, official=parts, place=basic.place, year=basic.year)
    review = export.review_bytes(made.checked, made.checklist, official=parts)
    for path, data in ((target.out, clean), (target.review, review)):
        files_out.write(path, data, (".docx",), force=target.force)
    return (target.out, target.review)
