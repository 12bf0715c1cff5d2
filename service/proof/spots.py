"""Places where the wording itself breaks a rule, gathered by sentence.

In: spots (what stands there, what should). Out: one finding a sentence and rule. A table of patterns is all
that most language rules need; :func:`spotted` applies it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from corpus.numerals import numbers
from service.proof.rules import Finding, Rule, Severity
from service.proof.text import Line, Text

Fix = Callable[[re.Match[str]], str]
_MARK = re.compile("[，。；：！？]")
_SHOWN = 4  # spots of one sentence that are named


@dataclass(frozen=True, slots=True)
class Spot:
    """``bad`` as it stands at ``offset``; ``good`` is what should stand there, "" where only the user knows."""

    offset: int
    bad: str
    good: str = ""


def by_sentence(
    text: Text, rule: Rule, spots: Iterable[Spot], severity: Severity = Severity.LOW
) -> Iterator[Finding]:
    """The findings of one rule, each sentence once."""
    found: dict[Line, list[Spot]] = {}
    for spot in sorted(spots, key=lambda s: s.offset):
        found.setdefault(text.at(spot.offset), []).append(spot)
    for line, here in found.items():
        named = list({spot.bad: spot for spot in here}.values())[:_SHOWN]
        message = "；".join(dict.fromkeys(excerpt(text, line, spot) for spot in named))
        fixes = "、".join(_quoted(spot.good) for spot in named if spot.good)
        yield Finding(rule, severity, message, (text.cite(line),), (), f"改为{fixes}" if fixes else "")


def spotted(
    text: Text, rule: Rule, pattern: re.Pattern[str], fix: Fix | None = None, *, flat: bool = False
) -> Iterator[Finding]:
    """The findings of a pattern.

    Args:
        text: the text.
        rule: what the pattern is for.
        pattern: matches what breaks the rule.
        fix: what should stand in place of a match; one that fits already ("" or unchanged) is no finding.
        flat: search digits and signs as ASCII, and every dash as a hyphen.
    """
    where = text.reading.flat if flat else text.text
    spots = []
    for found in pattern.finditer(where):
        if text.damaged(found.start(), found.end()):
            continue
        bad = text.text[found.start() : found.end()]
        good = fix(found) if fix else ""
        if fix is None or (good and good != bad):
            spots.append(Spot(found.start(), bad, good))
    yield from by_sentence(text, rule, spots)


def excerpt(text: Text, line: Line, spot: Spot) -> str:
    """What stands there; with a numeral in it the whole clause, which is then one of the source's own."""
    end = spot.offset + len(spot.bad)
    if not numbers(spot.bad) or text.text[spot.offset : end] != spot.bad:
        return _quoted(spot.bad)
    return clause(text, line, spot.offset, end)


def clause(text: Text, line: Line, start: int, end: int) -> str:
    """The words around a stretch of a sentence, up to the marks on both sides."""
    marks = [m.end() for m in _MARK.finditer(text.text, line.span.start, start)]
    stop = _MARK.search(text.text, end, line.span.end)
    part = text.text[marks[-1] if marks else line.span.start : stop.start() if stop else line.span.end]
    return " ".join(part.split())


def _quoted(text: str) -> str:
    """An excerpt in quotation marks, unless it holds some itself."""
    flat = " ".join(text.split())
    return flat if "“" in flat or "”" in flat else f"“{flat}”"
