"""Runs of characters that a text copies out of other texts (照搬), and their share of it.

In: a text, the texts that it may have copied from, and what anybody may repeat: fixed terms, names, titles, the
cells of the input. Out: every run of more than ``LONGEST`` characters that stands in a source and is not made of what
is allowed. Letters and digits count; white space and punctuation neither break a run nor lengthen it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from corpus.report import Span

LONGEST = 12  # characters in a row that nobody calls copied
WHOLE = 6  # what is allowed counts whole, or in stretches of at least so many characters

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Copied:
    """A run of ``text`` that stands in source number ``source``; ``at`` is its place there."""

    span: Span
    text: str
    source: int
    at: Span


@dataclass(frozen=True, slots=True)
class _Letters:
    """The characters of a text that count, and where each stands."""

    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        return Span(self.at[start], self.at[end - 1] + 1)


def copied(
    text: str, sources: Sequence[str], allowed: Iterable[str] = (), *, longest: int = LONGEST
) -> tuple[Copied, ...]:
    """The runs that ``text`` copied, in reading order, none inside another.

    Args:
        text: what was written.
        sources: what it may have copied from; ``Copied.source`` counts in it.
        allowed: what may be repeated. It counts against a run where it stands in it whole, or where at least
            ``WHOLE`` characters of it do; a run counts that has more than ``longest`` characters beside it.
        longest: the longest run that is no copy.
    """
    own = _letters(text)
    size = longest + 1
    if len(own.text) < size:
        return ()
    free = _allowed(own.text, allowed)
    places = _places(own.text, size)
    found: list[tuple[int, int, int, Span]] = []
    for number, source in enumerate(sources):
        other = _letters(source)
        for start, end, at in _runs(own.text, places, other.text, size):
            if sum(not free[i] for i in range(start, end)) > longest:
                found.append((start, end, number, other.span(at, at + end - start)))
    found.sort(key=lambda run: (run[0], -run[1], run[2]))
    kept: list[Copied] = []
    reached = 0
    for start, end, number, where in found:
        if end > reached:
            span = own.span(start, end)
            kept.append(Copied(span, span.of(text), number, where))
            reached = end
    return tuple(kept)


def share(text: str, found: Iterable[Copied]) -> Decimal:
    """Share of the characters of ``text`` that lie in copied runs, in percent with one decimal."""
    own = _letters(text)
    spans = [run.span for run in found]
    inside = sum(any(span.start <= at < span.end for span in spans) for at in own.at)
    percent = Decimal(100 * inside) / len(own.at) if own.at else Decimal(0)
    return percent.quantize(_TENTH, ROUND_HALF_UP)


def _letters(text: str) -> _Letters:
    pairs = [(char, at) for at, char in enumerate(text) if char.isalnum() or char in "%‰"]
    return _Letters("".join(char for char, _ in pairs), tuple(at for _, at in pairs))


def _places(text: str, size: int) -> Mapping[str, Sequence[int]]:
    """Where each stretch of ``size`` characters begins."""
    places: dict[str, list[int]] = defaultdict(list)
    for at in range(len(text) - size + 1):
        places[text[at : at + size]].append(at)
    return places


def _runs(
    text: str, places: Mapping[str, Sequence[int]], source: str, size: int
) -> Iterable[tuple[int, int, int]]:
    """Longest common runs of at least ``size``: start and end in the text, start in the source."""
    open_until: dict[int, int] = {}  # by diagonal: where in the text the run on it ends
    for at in range(len(source) - size + 1):
        for start in places.get(source[at : at + size], ()):
            if open_until.get(start - at, -1) >= start + size:
                continue
            end = start + size
            while (
                end < len(text) and at + end - start < len(source) and text[end] == source[at + end - start]
            ):
                end += 1
            open_until[start - at] = end
            yield start, end, at


def _allowed(text: str, allowed: Iterable[str]) -> list[bool]:
    """Which characters of the text belong to something that may be repeated."""
    free = [False] * len(text)
    grams = _places(text, WHOLE)
    for one in dict.fromkeys(allowed):
        flat = _letters(one).text
        if len(flat) < 2:
            continue
        if len(flat) < WHOLE:
            at = text.find(flat)
            while at >= 0:
                free[at : at + len(flat)] = [True] * len(flat)
                at = text.find(flat, at + 1)
            continue
        for start, end, _ in _runs(text, grams, flat, WHOLE):
            free[start:end] = [True] * (end - start)
    return free
