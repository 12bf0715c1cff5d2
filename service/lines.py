"""Sentences with what is needed to understand them: heading path, the words before, the report.

In: passages of the library. Out: :class:`Line`, the unit that is ranked, sent to the model, checked
against and cited.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType

from corpus.cards import Card
from corpus.figures import read_figures
from corpus.report import Figure, Passage, SectionKind, Span
from corpus.sentences import sentences

YEAR_IN_TEXT = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*(?:年|[-—－～~至](?=(?:19|20)\d{2}))")
DATE = re.compile(r"\d{1,2}\s*月|(?:19|20)\d{2}\s*年")
CLAUSE = re.compile(r"[，,；;。！？!?\n]")
MEANING = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
REFERENCE = re.compile(
    r"[\[［][JMDNCPSR][\]］]\s*[.．,，]|^[\[［]?参考文献"
)  # 参考文献: other people's titles
FIVE_YEARS = {"十二五": range(2011, 2016), "十三五": range(2016, 2021), "十四五": range(2021, 2026)}


@dataclass(frozen=True, eq=False)
class Line:
    """One sentence of one report; ``span`` counts in the report's cleaned text.

    ``before`` is the sentence in front of it in the same passage ("" at its start).
    """

    card: Card
    passage: Passage
    span: Span
    text: str
    before: str
    stored: tuple[Figure, ...] = ()  # its figures as the library has them, spans in the report

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and (self.report_id, self.span) == (other.report_id, other.span)

    def __hash__(self) -> int:
        return hash((self.card.id, self.span.start))

    @property
    def report_id(self) -> str:
        """Id of the report that it stands in."""
        return self.card.id

    @property
    def path(self) -> tuple[str, ...]:
        """Headings from the top down."""
        return self.passage.path

    @property
    def kind(self) -> SectionKind:
        """What its section is for."""
        return self.passage.kind

    @cached_property
    def headings(self) -> str:
        """Heading path as one string for matching, with the report's title."""
        return " ".join((*self.path, self.card.title))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Figures of this sentence, spans relative to ``text``.

        The library knows from the sections whether a figure is a target and of which period; a sentence
        alone does not tell. Damaged sentences have none there; they are read for quotation.
        """
        if self.stored:
            at, whole = self.span.start, Span(0, len(self.text))
            return tuple(
                replace(f, span=Span(f.span.start - at, f.span.end - at), sentence=whole) for f in self.stored
            )
        return read_figures(self.text, (Span(0, len(self.text)),), (), "")

    @cached_property
    def years(self) -> frozenset[int]:
        """Years named in the sentence (a five-year plan counts for each of its years)."""
        named = {int(year) for year in YEAR_IN_TEXT.findall(self.text)}
        for name, years in FIVE_YEARS.items():
            if name in self.text:
                named.update(years)
        return frozenset(named)


def _is_heading(text: str, path: tuple[str, ...]) -> bool:
    """Whether a sentence is no more than its own heading, which every line of the section carries anyway."""
    letters = "".join(MEANING.findall(text))
    return (
        bool(path)
        and letters == "".join(MEANING.findall(path[-1]))
        and not any(c.isdigit() for c in text[6:])
    )


def clause_at(text: str, span: Span) -> Span:
    """The stretch between punctuation marks that ``span`` stands in."""
    starts = [m.end() for m in CLAUSE.finditer(text, 0, span.start)]
    stop = CLAUSE.search(text, span.end)
    return Span(starts[-1] if starts else 0, stop.start() if stop else len(text))


@lru_cache(maxsize=20000)
def _spans(text: str) -> tuple[Span, ...]:
    return sentences(text, Span(0, len(text)))


def _inside(figures: Sequence[Figure], span: Span) -> tuple[Figure, ...]:
    """Those of a report's figures, in reading order, that begin in ``span``."""
    low, high = (bisect_left(figures, at, key=lambda f: f.span.start) for at in (span.start, span.end))
    return tuple(figures[low:high])


def lines_of(
    passages: Iterable[Passage],
    cards: Mapping[str, Card],
    figures: Mapping[str, Sequence[Figure]] = MappingProxyType({}),
) -> tuple[Line, ...]:
    """All sentences of ``passages`` in order; passages of unknown reports are left out.

    ``figures`` are those of the library by report, in reading order; without them each sentence is read alone.
    """
    found: list[Line] = []
    for passage in passages:
        card = cards.get(passage.report_id)
        if card is None:
            continue
        before = ""
        for span in _spans(passage.text):
            text = span.of(passage.text)
            if len(MEANING.findall(text)) < 3 or REFERENCE.search(text):
                continue
            if _is_heading(text, passage.path):
                before = text
                continue
            at = passage.span.start + span.start
            span = Span(at, at + len(text))
            found.append(Line(card, passage, span, text, before, _inside(figures.get(card.id, ()), span)))
            before = text
    return tuple(found)
