"""Which reports may answer: the hard filters of a question held against what the library has.

In: a :class:`Question` and the cards of the library. Out: a :class:`Scope` of reports and, where
something named does not exist, the sentence that says so and what there is instead. A filter never
widens silently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.cards import Card
from corpus.report import Filter, Genre
from service.lines import Line
from service.question import Question, QuestionKind

MOST_NAMED = 12  # places or years listed in a refusal


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be searched.

    ``strict_years`` holds reports of another year: only their sentences that name the asked year
    count. ``missing`` are asked-for parts that do not exist; ``refusal`` is set when nothing is left.
    """

    cards: tuple[Card, ...]
    strict_years: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()  # names that a sentence or its headings must hold
    missing: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def filter(self) -> Filter:
        """The same as a filter of the library."""
        return Filter(report_ids=tuple(card.id for card in self.cards))


Mentions = Callable[[str], Sequence[str]]  # a word → ids of the reports that hold it


def resolve(question: Question, cards: Sequence[Card], mentions: Mentions) -> Scope:
    """Apply places, years, period and genre of ``question`` to ``cards``."""
    if not cards:
        return Scope((), refusal="资料库是空的。请先用 wenheng ingest 文件或文件夹 入库")
    kept, words, missing = _by_place(question, cards, mentions)
    if not kept:
        return Scope((), missing=missing, refusal="；".join(missing))
    kept, strict, absent = _by_year(question, kept, mentions)
    missing += absent
    if not kept:
        return Scope((), missing=missing, refusal="；".join(missing))
    kept, absent = _by_period(question, kept, mentions)
    missing += absent
    if not kept:
        return Scope((), missing=missing, refusal="；".join(missing))
    kept, absent = _by_genre(question, kept)
    return Scope(kept, strict, words, missing + absent)


def admits(scope: Scope, question: Question, line: Line) -> bool:
    """Whether one sentence of the scope may be evidence: year, section and named words."""
    if line.report_id in scope.strict_years and not (set(question.years) & line.years):
        return False
    if question.sections and line.kind not in question.sections:
        return False
    return all(
        word in line.text or word in line.passage.text or word in line.headings for word in scope.words
    )


def describe(cards: Sequence[Card]) -> str:
    """Places with their years, for a refusal: 甲县（2022年、2023年）、乙区（2023年）."""
    years: dict[str, set[str]] = {}
    for card in cards:
        years.setdefault(card.place or "未注明地方", set()).add(
            f"{card.year}年" if card.year else "年份未注明"
        )
    parts = [f"{place}（{'、'.join(sorted(found))}）" for place, found in sorted(years.items())]
    more = f"等{len(parts)}处" if len(parts) > MOST_NAMED else ""
    return "、".join(parts[:MOST_NAMED]) + more


def _by_place(
    question: Question, cards: Sequence[Card], mentions: Mentions
) -> tuple[tuple[Card, ...], tuple[str, ...], tuple[str, ...]]:
    kept = tuple(c for c in cards if c.place in question.places) if question.places else tuple(cards)
    words: list[str] = []
    missing: list[str] = []
    for name in question.strangers:
        holding = set(mentions(name))
        inside = tuple(c for c in kept if c.id in holding)
        if inside and question.kind is not QuestionKind.COMPARE:
            kept = inside
            words.append(name)
        elif not holding or question.kind is QuestionKind.COMPARE or not inside:
            missing.append(f"语料中没有{name}的报告；现有：{describe(cards)}")
    if missing and not (question.kind is QuestionKind.COMPARE and question.places):
        return (), (), tuple(missing)
    return kept, tuple(words), tuple(missing)


def _by_year(
    question: Question, cards: tuple[Card, ...], mentions: Mentions
) -> tuple[tuple[Card, ...], frozenset[str], tuple[str, ...]]:
    if not question.years:
        return cards, frozenset(), ()
    exact = [c for c in cards if c.year in question.years]
    others = [c for c in cards if c.year not in question.years]
    naming = {report for year in question.years for report in mentions(f"{year}年")}
    naming |= {report for year in question.years for report in mentions(f"{year}-")}
    strict = [c for c in others if c.id in naming]
    missing = []
    for year in question.years:
        if not any(c.year == year for c in cards) and not strict:
            missing.append(_no_year(question, cards, year))
    return tuple(exact + strict), frozenset(c.id for c in strict), tuple(missing)


def _no_year(question: Question, cards: tuple[Card, ...], year: int) -> str:
    place = "、".join(question.places) or "任何地方"
    years = sorted({c.year for c in cards if c.year})
    if not years:
        return f"语料中{place}的报告没有注明年份，无法确认是{year}年；去掉年份可以再问"
    have = "、".join(f"{y}年" for y in years)
    return f"语料中没有{place}{year}年的报告；有{have}"


def _by_period(
    question: Question, cards: tuple[Card, ...], mentions: Mentions
) -> tuple[tuple[Card, ...], tuple[str, ...]]:
    periods = [p for p in question.periods if p != "下半年"]
    if not periods:
        return cards, ()
    kept = [c for c in cards if c.period in periods]
    naming = {report for period in periods for report in mentions(period)}
    kept += [c for c in cards if c.id in naming and c not in kept]
    if kept:
        return tuple(kept), ()
    have = "、".join(
        sorted({f"{c.year or ''}{'年' if c.year else ''}{c.period or '时段未注明'}" for c in cards})
    )
    place = "、".join(question.places)
    return (), (f"语料中没有{place}{'、'.join(periods)}的报告；有{have}的报告，时段不同不能代替",)


def _by_genre(question: Question, cards: tuple[Card, ...]) -> tuple[tuple[Card, ...], tuple[str, ...]]:
    if not question.genres:
        return cards, ()
    kept = tuple(c for c in cards if c.genre in question.genres)
    if kept:
        return kept, ()
    asked = "、".join(Genre(g).label for g in question.genres)
    have = "、".join(sorted({Genre(c.genre).label for c in cards}))
    return cards, (f"语料中没有该地的{asked}，以下依据{have}",)
