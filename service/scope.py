"""Which reports may answer: the hard filters of a question held against what the library has.

In: a :class:`Question` and the cards of the library. Out: a :class:`Scope` of reports and, where
something named does not exist, the sentence that says so and what there is instead. A filter never
widens silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.cards import Card
from corpus.report import Filter, Genre
from service.lines import Line
from service.naming import short_name
from service.question import Question, QuestionKind

# What most titles hold: 2022年工作 names no report.
COMMON = re.compile(r"[\d年度]|[上下]半|全?[县区市]|工作|总结|报告|计划|要点|汇报|情况|卫生|健康|计生|局")
TITLE_RUN = 6  # characters in a row by which a question names a report's title
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
        return Scope((), refusal="资料库是空的。请先把报告入库")
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
    if not _of_period(question, line):
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
    kept = (
        tuple(c for c in cards if c.place in question.places)
        if question.places
        else _by_title(question, cards)
    )
    words: list[str] = []
    missing: list[str] = []
    for name in question.strangers:
        holding = set(mentions(name))
        inside = tuple(c for c in kept if c.id in holding)
        if inside and question.kind is not QuestionKind.COMPARE:
            kept = inside
            words.append(name)
        elif question.kind is QuestionKind.CHECK and question.places:
            continue  # 结对的是某市吧: what is asserted of a known place is checked, not refused
        elif not holding or question.kind is QuestionKind.COMPARE or not inside:
            missing.append(f"语料中没有{name}的报告；现有：{describe(cards)}")
    if missing and not (question.kind is QuestionKind.COMPARE and question.places):
        return (), (), tuple(missing)
    return kept, tuple(words), tuple(missing)


def _by_title(question: Question, cards: Sequence[Card]) -> tuple[Card, ...]:
    """Reports whose title the question names (at least six characters of it in a row), else all."""
    words = question.text.replace("“", "").replace("”", "")
    named = tuple(
        card for card in cards
        if any(run in words and len(COMMON.sub("", run)) >= 3 for run in _runs(card.title))
    )  # fmt: skip
    return named if named and len(named) < len(cards) else tuple(cards)


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
        named = set(mentions(f"{year}年")) | set(mentions(f"{year}-"))
        if not any(c.year == year or c.id in named for c in cards):
            missing.append(_no_year(question, cards, year))
    return tuple(exact + strict), frozenset(c.id for c in strict), tuple(missing)


def only_mentioned(question: Question, scope: Scope) -> str:
    """Says that no report is of the asked year, where reports of other years merely name it; else ""."""
    if not scope.cards or any(card.id not in scope.strict_years for card in scope.cards):
        return ""
    asked = "、".join(f"{year}年" for year in question.years)
    have = (
        "、".join(f"{year}年" for year in sorted({c.year for c in scope.cards if c.year}))
        or "年份未注明的报告"
    )
    return f"语料中没有{'、'.join(question.places)}{asked}的报告；有{have}，其中没有写到{asked}的这项内容"


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
    kept = [c for c in cards if c.period in periods or ("全年" in periods and not is_part(c.period))]
    naming = {report for period in periods if period != "全年" for report in mentions(period)}
    kept += [c for c in cards if c.id in naming and c not in kept]
    if kept:
        return tuple(kept), ()
    have = "、".join(
        sorted({f"{c.year or ''}{'年' if c.year else ''}{c.period or '时段未注明'}" for c in cards})
    )
    place = "、".join(question.places)
    return (), (f"语料中没有{place}{'、'.join(periods)}的报告；有{have}的报告，时段不同不能代替",)


def _of_period(question: Question, line: Line) -> bool:
    """Whether a sentence of a report on another period speaks of the asked one (全年的报告里说上半年)."""
    parts = [p for p in question.periods if is_part(p) and p != "下半年"]
    if not parts or len(question.periods) > 1 or line.card.period in parts or not line.card.period:
        return True
    return any(part in text for part in parts for text in (line.text, line.before, *line.path))


def part_year(period: str | None) -> float:
    """How far a report counts where no period is asked: one on the whole year goes before a half."""
    return 0.97 if is_part(period) else 1.0


def _runs(title: str) -> tuple[str, ...]:
    return tuple(title[i : i + TITLE_RUN] for i in range(max(1, len(title) - TITLE_RUN + 1)))


def is_part(period: str | None) -> bool:
    """Whether a period is but a half or a quarter; 1-11月 is as good as the whole year."""
    return period is not None and period.endswith(("半年", "季度"))


def own_year(question: Question, place: str) -> int | None:
    """The year that stands beside the place: 2021 for 甲县 in 甲县2021年和乙县2022年."""
    name = rf"{re.escape(short_name(place))}[县区市州旗省]?的?"
    found = re.search(rf"(?:(20\d\d)年?度?的?)?{name}(20\d\d)?", question.text)
    year = found and (found[2] or found[1])
    return int(year) if year else None


def _by_genre(question: Question, cards: tuple[Card, ...]) -> tuple[tuple[Card, ...], tuple[str, ...]]:
    if not question.genres:
        return cards, ()
    kept = tuple(c for c in cards if c.genre in question.genres)
    if kept:
        return kept, ()
    asked = "、".join(Genre(g).label for g in question.genres)
    have = "、".join(sorted({Genre(c.genre).label for c in cards}))
    return cards, (f"语料中没有该地的{asked}，以下依据{have}",)
