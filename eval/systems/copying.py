"""Baselines for documents: copy last year (照抄上年) and lead-k (取开头).

In: a report, or a case of drafting. Out: a document of sentences that stand in a report, each cited. Offices do
write by copying, and overlap of words rates it high; what it never has is this year's figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.cards import Card
from corpus.errors import NotFound
from corpus.report import Report, SectionKind, Span
from corpus.sentences import sentences
from corpus.title import read_title
from eval.drafts_cases import Case as DraftCase
from eval.drafts_cases import input_of
from eval.drafts_run import library
from eval.systems.contract import Output, Setup
from eval.systems.product import OverDesk, open_desk
from eval.systems.signing import signature
from service.cited import Citation, Sentence
from service.papers.document import Document, Paragraph
from service.points.points import points

LEAD = 10  # sentences


def quoted(card: Card, report: Report, spans: Sequence[Span]) -> Paragraph:
    """Sentences of a report as they stand, each cited."""
    told = ((span, " ".join(span.of(report.text).split())) for span in spans)
    return Paragraph(
        tuple(
            Sentence(text.rstrip("。"), (Citation.at(card, span, span.of(report.text), ()),), "quoted")
            for span, text in told
            if text
        )
    )


def leading(card: Card, report: Report, k: int = LEAD) -> Paragraph:
    """The first ``k`` sentences behind the title."""
    title = read_title(report.text)
    start = title.span.end if title and title.span else 0
    return quoted(card, report, sentences(report.text, Span(start, len(report.text)))[:k])


def year_before(card: Card, cards: Sequence[Card]) -> Card:
    """The report of the same place from the nearest earlier year, of the same genre where there is one.

    Raises:
        NotFound: there is no earlier one.
    """
    if card.year is None or card.place is None:
        raise NotFound("这份报告没有注明地方或年份，找不到上一年的", where=card.title)
    earlier = [c for c in cards if c.place == card.place and c.year is not None and c.year < card.year]
    if not earlier:
        raise NotFound(f"没有{card.place}{card.year}年以前的报告可抄", where=card.title)
    return max(earlier, key=lambda c: (c.year or 0, c.genre == card.genre, c.id))


class Lead(OverDesk):
    """The beginning of the report itself."""

    def signature(self) -> Mapping[str, Any]:
        """No model takes part."""
        return signature(self.desk, lead=LEAD)

    def source(self, card: Card) -> Card:
        """The report that is quoted."""
        return card

    def summarise(self, report_id: str) -> Output:
        """Its first sentences."""
        (card,) = self.desk.cards_of([report_id])
        source = self.source(card)
        block = leading(source, self.desk.report(source.id))
        return Document("summary", f"{card.title}摘要", (block,)).to_json()


class CopyLastYear(Lead):
    """The same of the report of the year before; for drafts its next steps."""

    def source(self, card: Card) -> Card:
        """The report of the year before."""
        return year_before(card, self.desk.cards())

    def draft(self, case: DraftCase, paths: Mapping[str, Path]) -> Output:
        """The next steps of last year's report among those that the case may see.

        Raises:
            NotFound: the case sees no earlier report with such a section.
        """
        basic = input_of(case).basic
        with library(case, paths) as desk:
            before = [
                c for c in desk.cards()
                if c.place == basic.place and c.year is not None and c.year < basic.year
                and c.source_sha256 != case.sha256
            ]  # fmt: skip
            for card in sorted(before, key=lambda c: -(c.year or 0)):
                report = desk.report(card.id)
                found = points(report, card, SectionKind.NEXT_STEPS)
                if found:
                    block = quoted(card, report, [span for point in found for span in point.sentences])
                    return Document("draft", f"{basic.place}{basic.year}年工作打算", (block,)).to_json()
        raise NotFound(f"没有{basic.place}往年的打算可抄", where=case.id)


def copy_last_year(setup: Setup) -> CopyLastYear:
    """Over the data folder; drafts use the files of their case."""
    return CopyLastYear("copy-last-year", open_desk(setup))


def lead(setup: Setup) -> Lead:
    """Over the data folder."""
    return Lead("lead-k", open_desk(setup))
