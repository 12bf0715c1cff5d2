"""Figures of a report: each number bound to its indicator, unit, period and kind.

In: the cleaned text, its sentences and its damaged spans. Out: one :class:`~corpus.report.Figure`
per quantity or rank, in order. A sentence is read clause by clause (:mod:`corpus.figure_sentence`), a
table row by its headers; what section it stands in tells the period and whether it looks ahead
(:mod:`corpus.stretches`). Masked and suspect numbers are kept without a value.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from corpus.figure_sentence import SentenceReader, touches
from corpus.numeral_roles import Role
from corpus.numeral_values import flatten
from corpus.numerals import numbers
from corpus.periods import counted_from, runs_on
from corpus.report import Figure, Span
from corpus.stretches import Stretch, by_headings, stretch_at, with_topics
from corpus.table_figures import read_row

_BREAK = re.compile(r"[；;，、\s]")
_LONGEST = 1200  # characters


def read_figures(
    text: str,
    sentences: Sequence[Span],
    damages: Sequence[Span] = (),
    period: str = "",
    stretches: Sequence[Stretch] | None = None,
) -> tuple[Figure, ...]:
    """All figures of ``text``.

    Args:
        text: the cleaned text of one report.
        sentences: its sentences, in order, not overlapping.
        damages: spans that no repair could restore; they yield no figures.
        period: the report's own period, for figures whose sentence names none.
        stretches: what its sections speak of; read from its headings where not given.
    """
    found = [n for n in numbers(text) if n.role in (Role.QUANTITY, Role.RANK)]
    starts = [n.span.start for n in found]
    flat = flatten(text)
    year = _year_of(period)
    parts = with_topics(flat, by_headings(flat, period) if stretches is None else stretches, year)
    figures: list[Figure] = []
    running = ""  # the period of the parts before, while a sentence runs on behind a ；
    for sentence in sentences:
        part = stretch_at(parts, sentence.start, period)
        row = read_row(text, sentence, part.period)
        if row is not None:
            figures.extend(f for f in row if not touches(f.span, damages))
            continue
        own = running or part.period
        running = runs_on(flat, sentence, running)
        for piece in _pieces(flat, sentence):
            first, last = bisect_left(starts, piece.start), bisect_left(starts, piece.end)
            inside = [n for n in found[first:last] if not touches(n.whole, damages)]
            if inside:
                led = _broken(flat, piece.start)
                reader = SentenceReader(
                    text, flat, piece, sentence, inside, damages, own, part.ahead, part.title, led
                )
                figures.extend(_placed(reader.figures(), part, year))
    return tuple(figures)


# The last clause before a line break within a sentence; a heading has no 。 before it on its line.
_BROKEN = re.compile(
    r"[。；;](?P<words>[^\n。；;，,：:！!？?]+(?:\n\s*[^\n。；;，,：:！!？?]{1,8}){0,2})\n\s*$"
)
_BACK = 60  # characters that are looked at


def _broken(flat: str, start: int) -> str:
    """What a line said that broke off before its sentence ended: 广义货币M⏎2⏎预期增长13%."""
    if "\n" not in flat[max(0, start - 2) : start]:
        return ""
    found = _BROKEN.search(flat, max(0, start - _BACK), start)
    return found["words"].replace("\n", "") if found else ""


_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def _year_of(period: str) -> int | None:
    """The year that the report's own period names."""
    found = _YEAR.match(period)
    return int(found[0]) if found else None


def _placed(figures: Iterator[Figure], part: Stretch, year: int | None) -> Iterator[Figure]:
    """The figures with times that count from the year of their section, where that is another."""
    if part.year is None or part.year == year:
        return figures
    last = part.year
    return (replace(f, period=counted_from(f.period, last)) for f in figures)


def _pieces(flat: str, sentence: Span) -> Iterator[Span]:
    """The sentence, or pieces of it: a flattened table without a full stop must not cost its square."""
    start = sentence.start
    while sentence.end - start > _LONGEST:
        marks = [m.end() for m in _BREAK.finditer(flat, start + _LONGEST // 2, start + _LONGEST)]
        end = marks[-1] if marks else start + _LONGEST
        yield Span(start, end)
        start = end
    yield Span(start, sentence.end)


def total(figure: Figure) -> Decimal | None:
    """The value in the figure's own unit: 1.5万人 is 15000."""
    return None if figure.value is None else figure.value * figure.factor
