"""One list item a point: its title and core in the source's own words, as long as the summary allows.

In: a :class:`~service.points.points.Point` and the ranking of its report. Out: a quoted sentence that cites
exactly the sentences used. Every point becomes an item at every length; a shorter one is cut to its
title and core clause. What stands in damaged text says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.report import Report, SectionKind, Span
from service.cited import Citation, Sentence
from service.points.points import Point
from service.points.unlabelled import bare
from service.summary.cutting import ENDS, cut, tidy
from service.summary.ranking import Ranking, choose

DAMAGED = "（原文此处有损坏）"
DEEDS = (SectionKind.ACHIEVEMENTS, SectionKind.HIGHLIGHTS)
LEAST_LEFT = 8  # characters behind a title that are worth an item of their own
CLOSED = re.compile(r"[。；;：:，,！？\s]")


# What makes a statement a problem; a title that says it needs no more.
LACK = re.compile(
    r"不足|不够|不[高强全齐优深实多大广均畅到及完]|缺|匮乏|短板|老化|陈旧|难|滞后|薄弱|偏低|低于|差距|未|没有|无法|不能|紧张|缓慢|较慢|下降|减少|流失|影响[了到着]|制约|压力|矛盾|参差|松|弱|断层|反复|依赖|超[标编载]|积压|闲置|占用|空白"
)


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a point is shown: so many sentences, each cut to so many characters."""

    sentences: int
    characters: int


def item(report: Report, ranking: Ranking, point: Point, room: Room, said: Sequence[str] = ()) -> Sentence:
    """A point as one item of a list; what was ``said`` before is left to where it stands."""
    title = tidy(point.title).strip(ENDS)
    lead, rest = _parted(report, point, title)
    chosen = _chosen(ranking, point, rest, room.sentences, said)
    parts: list[str] = []
    used: list[Span] = []
    core = LACK if point.kind is SectionKind.PROBLEMS and not LACK.search(title) else None
    if lead is not None:  # the title is but the beginning of its sentence
        parts.append(cut(bare(lead.of(report.text)), max(room.characters, len(title) + 2), core))
        used.append(lead)
        chosen = chosen[: room.sentences - 1]
    if core and not any(core.search(span.of(report.text)) for span in (*used, *chosen)):
        chosen += tuple(span for span in rest if core.search(span.of(report.text)))[:1]
    for span in chosen:
        text = bare(span.of(report.text))
        text = text.removeprefix(title).lstrip(ENDS) if not parts else text
        shorter = cut(text, room.characters, core if not any(map(LACK.search, parts)) else None)
        if shorter:
            parts.append(shorter)
            used.append(span)
    text = _joined(title if lead is None else "", parts)
    return _sentence(ranking, point, text, _cited(ranking, point, used, title))


def headline(report: Report, ranking: Ranking, point: Point, most: int) -> Sentence:
    """The title of a point alone."""
    title = tidy(point.title).strip(ENDS)
    lead, _ = _parted(report, point, title)
    text = title if lead is None else cut(bare(lead.of(report.text)), max(most, len(title) + 2))
    return _sentence(ranking, point, text, _cited(ranking, point, () if lead is None else (lead,), title))


def _sentence(ranking: Ranking, point: Point, text: str, spans: Sequence[Span]) -> Sentence:
    """A quoted sentence on these spans; where one is damaged, it says so."""
    found = [ranking.of(span) for span in spans]
    mark = DAMAGED if any(s.damaged for s in found) else ""
    cited = tuple(Citation.at(point.card, s.span, s.text, s.path) for s in found)
    return Sentence(text + mark, cited, "quoted")


def _parted(report: Report, point: Point, title: str) -> tuple[Span | None, tuple[Span, ...]]:
    """The sentence whose beginning is the title, and the sentences to choose from.

    The first is None where the title stands by itself (a heading) or is glued to what follows it.
    """
    if not point.sentences:
        return point.span, ()
    first, rest = point.sentences[0], point.sentences[1:]
    text = tidy(bare(first.of(report.text)))
    if text.strip(ENDS) == title:
        return None, rest
    if not text.startswith(title):
        return None, point.sentences
    behind = text[len(title) :]
    if CLOSED.match(behind) and behind[:1] not in "。：:":
        return first, rest
    return None, point.sentences if len(behind.strip(ENDS)) >= LEAST_LEFT else rest


def _chosen(
    ranking: Ranking, point: Point, rest: Sequence[Span], count: int, said: Sequence[str]
) -> tuple[Span, ...]:
    """The sentences that say most: of a problem or a task the first, of a deed the weightiest."""
    advice = set(point.advice)
    own = [ranking.of(span) for span in rest if span not in advice]
    told = [ranking.of(span) for span in rest if span in advice]
    own = [s for s in own if len(s.text.strip()) > 4]
    if point.kind in DEEDS:
        picked = choose(own, count, said) or choose(own, 1) or tuple(own[:1])
    elif len(own) <= count:
        picked = (*own, *(told if count > 1 else ()))
    else:  # the matter is said first
        more = choose(own[1:], count - 1, [s.text for s in own[:1]]) if count > 1 else ()
        picked = (*own[:1], *more, *(told[:1] if count > 1 else ()))
    return tuple(s.span for s in picked)


def _joined(title: str, parts: Sequence[str]) -> str:
    body = "。".join(parts)
    return f"{title}：{body}" if title and body else title or body


def _cited(ranking: Ranking, point: Point, used: Sequence[Span], title: str) -> tuple[Span, ...]:
    """The sentences used, and the first one where no other citation holds the title."""
    found = [ranking.of(span) for span in used]
    named = any(title in tidy(s.text) or any(title in tidy(part) for part in s.path) for s in found)
    if named:
        return tuple(used)
    return tuple(dict.fromkeys((_holding(ranking, point, title), *used)))


def _holding(ranking: Ranking, point: Point, title: str) -> Span:
    """The stretch from the beginning of a point in which its title stands."""
    for span in point.sentences:
        if title in tidy(bare(ranking.of(Span(point.span.start, span.end)).text)):
            return Span(point.span.start, span.end)
    return point.span
