"""What an office need not type again: the input filled from its past reports and the ledger (预填).

In: the kind, place and year of a draft, the cards of the library and its reports. Out:
:class:`~service.draft.prefill_sources.Prefilled`: indicators from the ledger, problems and tasks from the last
reports of the place, each cell with the sentence that it comes from. What is not found stays empty and is told. Of
several reports the one nearest to the year counts; nothing is taken from another place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.corrections import Correction
from corpus.report import PLANS, Genre, Report, SectionKind
from service.draft.fields import BASIC, INDICATORS, PROBLEMS, TASKS
from service.draft.inputs import Basic, DraftInput, Kind, Problem, Task
from service.draft.prefill_indicators import indicators_of
from service.draft.prefill_points import (
    MOST_PROBLEMS,
    MOST_TASKS,
    areas,
    falls_in,
    of_spring,
    problem_of,
    suggested,
    task_of,
)
from service.draft.prefill_sources import Filled, Prefilled
from service.points.pairing import Similar
from service.points.points import Point, points
from service.pursuit.sides import REVIEWS
from service.scope import describe

Open = Callable[[str], Report]
CHECK = "建议，请核对"


def prefill(
    kind: Kind,
    place: str,
    year: int,
    *,
    cards: Sequence[Card],
    report: Open,
    aliases: Aliases,
    corrections: Iterable[Correction] = (),
    similar: Similar | None = None,
    office: str = "",
) -> Prefilled:
    """The input that the library offers for a draft.

    Args:
        kind: what is to be drafted.
        place: 澄河县, as the reports have it.
        year: the year of the draft; of a plan the coming one.
        cards: all cards of the library, without merged copies.
        report: opens a report.
        aliases: the names of indicators.
        corrections: what the user corrected in the ledger.
        similar: likeness of texts; without it no task is given a problem.
        office: 单位; taken from the last report where it is "".
    """
    own = [card for card in cards if card.place == place]
    past = Basic(office, place, year, kind).past
    work = _Work(own, report, kind, past)
    problems = work.listed((work.reviews(past), work.reviews(past - 1)), SectionKind.PROBLEMS, MOST_PROBLEMS)
    tasks = work.listed(_for_tasks(work, kind, past), SectionKind.NEXT_STEPS, MOST_TASKS)
    basic = Basic(office or _office(own, past), place, year, kind, at=BASIC)
    about = problems if kind is Kind.PROBLEMS else ()
    found = indicators_of(work.for_figures(), report, aliases, corrections, basic, about)
    work.use(found.reports)
    made, filled = _rows(problems, tasks, basic, report, similar)
    given = DraftInput(basic, found.rows, *made)
    if basic.office and not office:
        filled = (Filled(BASIC, 0, "单位", note="取自以往报告的发文单位，请核对"), *filled)
    messages = (*work.told(cards, place), *found.messages, *work.lacking(given))
    return Prefilled(given, (*found.filled, *filled), tuple(work.used), messages)


def _for_tasks(work: _Work, kind: Kind, past: int) -> tuple[tuple[Card, ...], ...]:
    """Where tasks are looked for, the best first: those that a summary tells of were set before its year."""
    if kind is Kind.SUMMARY:
        return work.plans(past), work.reviews(past - 1)
    return work.reviews(past), work.plans(past + 1), work.reviews(past - 1)


def _rows(
    problems: Sequence[Point], tasks: Sequence[Point], basic: Basic, report: Open, similar: Similar | None
) -> tuple[tuple[tuple[Problem, ...], tuple[Task, ...]], tuple[Filled, ...]]:
    """Problems and tasks as rows, with the sources of their cells."""
    filled: list[Filled] = []
    listed: list[Problem] = []
    for number, point in enumerate(problems):
        row, cells = problem_of(point, report(point.report_id), number)
        listed.append(row)
        filled += cells
    answers = suggested(problems, tasks, similar)
    under = areas(tasks)
    planned: list[Task] = []
    for number, point in enumerate(tasks):
        task, cells = task_of(point, report(point.report_id), number, basic, answers.get(number, ()))
        planned.append(replace(task, area=under[number]))
        filled += cells
        if under[number]:
            filled.append(Filled(TASKS, number, "板块", note=f"报告中这项任务的小标题（{CHECK}）"))
        if task.answers:
            filled.append(Filled(TASKS, number, "针对问题", note=f"按内容相近推定（{CHECK}）"))
    return (tuple(listed), tuple(planned)), tuple(filled)


def _office(own: Sequence[Card], past: int) -> str:
    """The office that signed the last report."""
    signed = [card for card in own if card.issuer and card.year and card.year <= past + 1]
    last = max(signed, key=lambda card: (card.year or 0, card.genre in REVIEWS), default=None)
    return (last.issuer or "") if last else ""


def _whole(found: tuple[Card, ...]) -> tuple[Card, ...]:
    """The reviews of a year, without those of a half where the whole is there."""
    full = tuple(card for card in found if card.genre is not Genre.HALF_YEAR)
    return full or found


@dataclass(slots=True)
class _Work:
    """The reports of the place, and what was told of them."""

    own: Sequence[Card]
    report: Open
    kind: Kind
    past: int
    used: dict[str, Card] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    def reviews(self, year: int) -> tuple[Card, ...]:
        """Reviews of a year, the whole year first; a government report of spring looks back on the year before."""
        spring = tuple(card for card in self._of(year + 1, REVIEWS) if of_spring(card))
        return (*(card for card in self._of(year, REVIEWS) if not of_spring(card)), *spring)

    def plans(self, year: int) -> tuple[Card, ...]:
        """Plans of a year."""
        return self._of(year, PLANS)

    def _of(self, year: int, genres: Sequence[Genre]) -> tuple[Card, ...]:
        found = [card for card in self.own if card.year == year and card.genre in genres]
        return tuple(sorted(found, key=lambda card: genres.index(card.genre)))

    def for_figures(self) -> tuple[Card, ...]:
        """The reports whose figures count: of the past year and the one before it, then plans of the next."""
        past = self.past
        return (*_whole(self.reviews(past)), *_whole(self.reviews(past - 1)), *self.plans(past + 1))

    def listed(self, places: Sequence[Sequence[Card]], kind: SectionKind, most: int) -> tuple[Point, ...]:
        """The items of the first report that has any."""
        what = "问题" if kind is SectionKind.PROBLEMS else "任务"
        for card in (card for cards in places for card in cards):
            found = points(self.report(card.id), card, kind)
            if found:
                self.use((card.id,))
                more = f"（共{len(found)}项，取前{most}项）" if len(found) > most else ""
                self.messages.append(f"{what}取自《{card.title}》{more}")
                self.messages += self._old(card, kind)
                return found[:most]
        return ()

    def _old(self, card: Card, kind: SectionKind) -> tuple[str, ...]:
        """A warning where items are of a year that is over."""
        if kind is SectionKind.PROBLEMS:
            year, now, what = card.year, self.past, "的问题，请逐条核对现在是否还存在"
        else:
            year, now, what = falls_in(card), self.past + 1, "的打算，请逐条核对是否已经完成"
        over = year is not None and year < now and (self.kind is not Kind.SUMMARY or year < self.past)
        return (f"它写的是{year}年{what}",) if over else ()

    def use(self, ids: Iterable[str]) -> None:
        """Note that reports were used."""
        by_id = {card.id: card for card in self.own}
        self.used.update({one: by_id[one] for one in ids})

    def told(self, cards: Sequence[Card], place: str) -> tuple[str, ...]:
        """Which reports were used, and where problems and tasks come from."""
        if not self.own:
            there = f"库里有：{describe(cards)}" if cards else "库是空的"
            return (f"库里没有{place}的报告，没有可以预填的内容（{there}）",)
        if not self.used:
            years = "、".join(sorted({f"{card.year}年" for card in self.own if card.year}))
            return (
                f"{place}没有{self.past - 1}、{self.past}年的报告（有{years or '年份不明的'}），没有可以预填的内容",
            )
        names = "".join(f"《{card.title}》" for card in self.used.values())
        return (f"用到的报告：{names}", *self.messages)

    def lacking(self, given: DraftInput) -> tuple[str, ...]:
        """What was not found."""
        if not self.used:
            return ()
        sheets = ((INDICATORS, given.indicators), (PROBLEMS, given.problems), (TASKS, given.tasks))
        empty = [name for name, rows in sheets if not rows]
        told = [f"没有找到可以预填的{'、'.join(empty)}，请自己填写"] if empty else []
        if given.indicators and not any(row.this for row in given.indicators):
            told.append(f"库里没有{self.past}年的数，“本年值”请自己填写")
        return tuple(told)
