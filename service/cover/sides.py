"""The two sides of a comparison, out of whatever the user names (对照双方).

In: a report, an input table or a draft of the store. Out: a :class:`~service.pursuit.pursuit.Side`: the report with its
card and its rows of the ledger, as the user corrected them. An input table becomes a plan of which each row is a section,
so that it is read as any other plan and cited by its rows; a draft becomes the text that it stands for.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from corpus.aliases import Aliases
from corpus.corrections import all_corrections
from corpus.errors import InputError
from corpus.figures import read_figures
from corpus.ledger import rows_of
from corpus.library import Library
from corpus.parse import parse, sentence_spans
from corpus.report import Field, RawDocument, Report, Section, SectionKind, Span
from corpus.stretches import by_sections
from service.draft.drafts import Draft
from service.draft.inputs import DraftInput
from service.draft.source import SHEETS, as_source
from service.papers.document import Heading, Paragraph
from service.papers.presenting import Labels, Piece, clean, items, piece
from service.proof.text import Text
from service.pursuit.pursuit import Side


def side(report: Report, library: Library, aliases: Aliases) -> Side:
    """A report as one side; its figures as the user corrected them."""
    text = Text(report, aliases)
    cards = {card.id: card for card in library.cards(merged=True)}
    rows = rows_of(report, aliases, all_corrections(library.database))
    return Side(report, cards.get(report.id, text.card), rows)


def only(reports: tuple[Report, ...], named: str) -> Report:
    """The one report of a file.

    Raises:
        InputError: the file holds several.
    """
    if len(reports) > 1:
        titles = "；".join(f"《{report.metadata.title}》" for report in reports)
        raise InputError(
            f"文件里有{len(reports)}份报告：{titles}",
            where=named,
            remedy="请先用 wenheng ingest 入库，再写其中一份的编号",
        )
    return reports[0]


def as_plan(given: DraftInput) -> Report:
    """An input table as a plan; values of past years are no aims, and are left out of its figures."""
    source = as_source(given)
    text, year = source.report.text, given.basic.year
    aimed = frozenset(row.at for row in given.indicators if row.target is not None)
    kinds = dict.fromkeys(SHEETS, SectionKind.OVERVIEW) | {SHEETS[3]: SectionKind.NEXT_STEPS}
    sections = tuple(
        Section(
            1, "", title := _title(span.of(text)), Span(span.start, span.start + len(title)), span,
            SectionKind.GOALS if address in aimed else kinds[sheet], (sheet, title),
        )
        for address, sheet, span in source.spans
    )  # fmt: skip
    about = replace(source.report.metadata, year=Field(str(year), "user"))
    parts = by_sections(len(text), sections, about, f"{year}年")
    found = read_figures(text, sentence_spans(text, sections), (), f"{year}年", parts)
    figures = tuple(figure for figure in found if not _past(figure.period, year))
    return replace(source.report, metadata=about, sections=sections, figures=figures)


def _past(period: str, year: int) -> bool:
    """Whether a period names a year before that of the plan."""
    named = re.match(r"(?:19|20)\d\d(?=年)", period)
    return bool(named) and int(named[0]) < year if named else False


def of_draft(draft: Draft) -> Report:
    """A draft of the store as the text that it stands for, headings with their labels."""
    from service.draft.assembling import document  # what it needs takes its time

    made, basic, labels = document(draft), draft.given.basic, Labels()
    lines = [made.title]
    for block in made.blocks:
        if isinstance(block, Heading):
            lines.append(f"{labels.next(block)[1]}{clean(block.text)}")
        elif isinstance(block, Paragraph):
            lines += ["".join(map(str, group)) for group in _groups(block)]
    text = "\n".join(lines)
    data = text.encode()
    raw = RawDocument(f"{made.title}.txt", hashlib.sha256(data).hexdigest(), len(data), "txt", text)
    (report,) = parse(raw)[:1]
    about = replace(report.metadata, place=Field(basic.place, "user"), year=Field(str(basic.year), "user"))
    return replace(report, metadata=about)


def _groups(block: Paragraph) -> tuple[tuple[Piece, ...], ...]:
    """The sentences of a paragraph as readers see them, without marks of sources."""
    plain = [replace(sentence, citations=(), derived=()) for sentence in block.sentences]
    return items(plain, {}) if block.listed else (tuple(piece(sentence, {}) for sentence in plain),)


def is_input(path: Path) -> bool:
    """Whether a path names an input table."""
    from service.draft.input_files import SUFFIXES  # openpyxl takes its time

    return path.suffix.lower() in (*SUFFIXES, ".xlsm", ".xls")


def _title(line: str) -> str:
    """What a row is about: its words up to the first mark."""
    return line.split("。")[0].split("：")[0]
