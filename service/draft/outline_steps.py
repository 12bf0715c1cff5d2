"""The steps of an outline: which rows each tells, its facts, what it lacks (提纲的步骤).

In: rows of the input, the input as a source, what the library knows. Out: steps without keys, in reading order. Every
row that is handed in occurs in a step, with its address; what it leaves open is a gap of that step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from corpus.report import SectionKind
from service.cited import Citation, Sentence
from service.draft import composing
from service.draft.composing_cells import clauses, flow, has_figure, name, units, until
from service.draft.composing_indicators import aim_fact, change_fact, state_fact
from service.draft.drafts import Step
from service.draft.inputs import DraftInput, Indicator, Problem, Task
from service.draft.known import Known
from service.draft.source import InputSource, amount
from service.papers.document import Cell, Table
from service.papers.presenting import han
from service.points.points import citation

ROOM = 6  # indicators of one paragraph
LEAST_ROWS = 3  # of a paragraph that the next section of a report ends
FEW = 4  # deadlines that one paragraph holds
MOST_OFFICES = 8  # that are named one by one
MOST_TIMES = 4
MOST_SAFEGUARDS = 4
MOST_LETTERS = 16  # of the title of a safeguard
ANSWERED = "针对问题"
HEADER = ("任务", ANSWERED, "责任单位", "完成时限", "目标")
CAPTION = "任务分工表"
OPEN, NONE = "【待补】", "—"


@dataclass(frozen=True, slots=True)
class Ground:
    """What steps are made from."""

    given: DraftInput
    source: InputSource
    known: Known

    @property
    def past(self) -> int:
        """The year that values and problems are about."""
        return self.given.basic.past

    @property
    def dated(self) -> str:
        """What tells the time of this year's values: 2022年, 截至2022年11月30日，."""
        day = self.given.basic.as_of
        if day is None or day.year != self.past or (day.month, day.day) == (12, 31):
            return f"{self.past}年"
        return f"截至{day.year}年{day.month}月{day.day}日，"

    @property
    def comparable(self) -> bool:
        """Whether this year's values compare with a whole year's: eleven months do, a half-year does not."""
        day = self.given.basic.as_of
        return day is None or day.year != self.past or day.month >= 11


def empty(what: str) -> Step:
    """A section for which nothing was given."""
    return Step("", "", (), gaps=(what,))


# -- problems and tasks -----------------------------------------------------------------------------


def of_problem(ground: Ground, problem: Problem) -> Step:
    """A problem, with the indicators that it names."""
    facts = list(composing.problem_facts(problem, ground.source))
    rows = [problem.at]
    for row in named_by(problem, ground.given.indicators):
        rows.append(row.at)
        told = row.this is not None and amount(row.this, row.unit) in flow(problem.shows)
        more = _change(ground, row) if told else _state(ground, row, ground.dated)
        if more is not None:
            facts.insert(1, more)
    gaps = composing.problem_gaps(problem)
    return Step("", composing.heading(problem.title), tuple(facts), tuple(rows), gaps)


def named_by(problem: Problem, indicators: Iterable[Indicator]) -> tuple[Indicator, ...]:
    """The indicators whose names stand in a problem."""
    text = flow(problem.title) + flow(problem.shows)
    return tuple(row for row in indicators if len(flow(row.name)) >= 4 and flow(row.name) in text)


def of_task(ground: Ground, task: Task, *, named: bool = True) -> Step:
    """A task that is to be done; ``named`` is false under a heading that names its problem."""
    facts = composing.task_facts(task, ground.given, ground.source, named=named)
    return Step("", composing.heading(task.title), facts, (task.at,), composing.task_gaps(task))


def of_progress(ground: Ground, task: Task) -> Step:
    """A task of which something was done."""
    facts = composing.progress_facts(task, ground.source)
    gaps = () if composing.progressed(task) else ("完成情况",)
    return Step("", composing.heading(task.title), facts, (task.at,), gaps)


def headed(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Steps with headings, or all of them without where the title of one is too long for it."""
    made = tuple(steps)
    if all(step.heading for step in made):
        return made
    return tuple(replace(step, heading="") for step in made)


def in_order(given: DraftInput) -> tuple[Task, ...]:
    """The tasks in the order of the problems that they answer, those without one at the end."""
    order = {problem.key: at for at, problem in enumerate(given.problems)}

    def first(task: Task) -> int:
        return min((order[key] for key in task.answers if key in order), default=len(order))

    return tuple(sorted(given.tasks, key=first))


def as_told(given: DraftInput) -> tuple[Task, ...]:
    """The tasks in the order in which a plan tells them: by area, where there are any, else by problem."""
    areas = [flow(task.area) for task in given.tasks]
    if not any(areas):
        return in_order(given)
    order = {area: at for at, area in enumerate(dict.fromkeys(filter(None, areas)))}
    return tuple(sorted(given.tasks, key=lambda task: order.get(flow(task.area), len(order))))


# -- indicators -------------------------------------------------------------------------------------


def of_values(ground: Ground, rows: Sequence[Indicator], *, together: bool = False) -> tuple[Step, ...]:
    """This year's values against last year's, some indicators a paragraph; ``together`` whatever they are about."""
    year = f"{ground.past}年"
    made: list[Step] = []
    for some in _shares(rows) if together else _told_together(rows, ground.past):
        first = next((row for row in some if row.this or ground.known.value(row, ground.past)), None)
        # The year before alone says nothing of this year: its value stays in the input.
        facts = [
            (row, _state(ground, row, ground.dated if row is first else ""))
            for row in some
            if row.this is not None or ground.known.value(row, ground.past) is not None
        ]
        gaps = tuple(
            f"{flow(row.name)}的{year}数值"
            for row in some
            if row.this is None and ground.known.value(row, ground.past) is None
        )
        told = tuple(fact for _, fact in facts if fact)
        made.append(Step("", "", told, tuple(row.at for row in some), gaps))
    return tuple(made)


def of_base(ground: Ground, rows: Sequence[Indicator]) -> tuple[Step, ...]:
    """Where a plan starts from: a paragraph of last year's values, those with a change first."""
    known = ground.known.value
    there = [row for row in rows if row.this is not None or known(row, ground.past) is not None]
    there.sort(key=lambda row: row.last is None and known(row, ground.past - 1) is None)
    return of_values(ground, there[:ROOM], together=True)


def of_aims(ground: Ground, rows: Sequence[Indicator], label: str = "") -> tuple[Step, ...]:
    """Targets of the coming year against the last value; a row without a target has no place here."""
    year = f"{ground.past + 1}年"
    made: list[Step] = []
    for some in _shares([row for row in rows if row.target is not None]):
        told = (
            aim_fact(
                row, ground.past, ground.source, ground.known.value, dated=year if row is some[0] else ""
            )
            for row in some
        )
        facts = tuple(fact for fact in told if fact)
        made.append(Step("", label if not made else "", facts, tuple(row.at for row in some)))
    return tuple(made)


def _state(ground: Ground, row: Indicator, dated: str) -> Sentence | None:
    """A value; where its date is told, the row that tells it is cited too."""
    found = ground.known.value
    made = state_fact(row, ground.past, ground.source, found, dated=dated, comparable=ground.comparable)
    if made is None or not dated.startswith("截至"):
        return made
    return replace(made, citations=(*made.citations, ground.source.cite(ground.given.basic.at)))


def _change(ground: Ground, row: Indicator) -> Sentence | None:
    if not ground.comparable:
        return None
    return change_fact(row, ground.past, ground.source, ground.known.value)


def _told_together(rows: Sequence[Indicator], past: int) -> list[Sequence[Indicator]]:
    """Paragraphs of some indicators; where enough are told, the next section of their report begins a new one."""
    found: list[list[Indicator]] = [[]]
    for row in rows:
        last = found[-1]
        turns = len(last) >= LEAST_ROWS and _section(row, past) != _section(last[-1], past)
        if turns or len(last) == ROOM:
            found.append([row])
        else:
            last.append(row)
    if len(found) > 1 and len(found[-1]) == 1:
        found[-2:] = [found[-2] + found[-1]]
    return [some for some in found if some]


def _section(row: Indicator, past: int) -> str:
    """The section of a report that tells the value of the past year."""
    return next((c.path[0] for c in row.citations if c.year == past and c.path), "")


def _shares(rows: Sequence[Indicator]) -> list[Sequence[Indicator]]:
    return [rows[at : at + ROOM] for at in range(0, len(rows), ROOM)]


# -- division, schedule and safeguards of a plan -----------------------------------------------------


def division(ground: Ground) -> Step:
    """The table of tasks, problems, offices, deadlines and targets (分工表)."""
    shown = tuple(label for label in HEADER if ground.given.problems or label != ANSWERED)
    rows = []
    tasks = as_told(ground.given)
    for task in tasks:
        own = (ground.source.cite(task.at),)
        problems = (p for key in task.answers if (p := ground.given.problem(key)))
        named = "、".join(name(problem.title) for problem in problems)
        cells = (_called(task), named, task.office, task.deadline, task.target)
        told = dict(zip(HEADER, cells, strict=True))
        rows.append(tuple(_cell(flow(told[label]), label, own) for label in shown))
    at = tuple(task.at for task in tasks)
    return Step("", "", (), at, table=Table(CAPTION, shown, tuple(rows)))


def _cell(text: str, label: str, own: tuple[Citation, ...]) -> Cell:
    """A cell of the table. A task need not answer a problem; office, deadline and target it needs."""
    if text:
        return Cell(text, own)
    return Cell(NONE) if label == ANSWERED else Cell(OPEN, status="missing")


def schedule(ground: Ground) -> tuple[Step, ...]:
    """What is due when, the earliest first; a paragraph for each half of the year where there are many deadlines."""
    timed = [task for task in ground.given.tasks if flow(task.deadline)]
    timed.sort(key=lambda task: (task.due is None, task.due.toordinal() if task.due else 0))
    if not timed:
        return (empty("各项任务的完成时限"),)
    many = len({flow(task.deadline) for task in timed}) > FEW
    year = ground.past + 1
    return tuple(
        _due(ground, list(found), half)
        for half, found in groupby(timed, key=lambda task: _half(task, year) if many else "")
    )


def _due(ground: Ground, timed: Sequence[Task], half: str) -> Step:
    """What is due within one half of the year; the year is named once: 2023年3月底前…4月底前….

    A title that tells its day itself is not told a second time: 老年医院12月主体封顶.
    """
    facts: list[Sentence] = []
    year, named = f"{ground.past + 1}年", False
    for deadline in dict.fromkeys(flow(task.deadline) for task in timed):
        due = [task for task in timed if flow(task.deadline) == deadline]
        lead = f"{half}，" if half and not facts and half not in deadline else ""
        told = until(deadline.removeprefix(year) if named else deadline)
        named = named or deadline.startswith(year)
        only = _called(due[0]) if len(due) == 1 else ""
        text = f"{lead}{only}" if only and deadline in only else f"{lead}{told}的任务有：{_titles(due)}"
        facts.append(composing.fact(text, (ground.source.cite(task.at) for task in due)))
    return Step("", "", tuple(facts), tuple(task.at for task in timed))


def _half(task: Task, year: int) -> str:
    """上半年, 下半年; "" for what has no day in the year."""
    if task.due is None or task.due.year != year:
        return ""
    return "上半年" if task.due.month <= 6 else "下半年"


def safeguards(ground: Ground) -> tuple[Step, ...]:
    """Who answers for the tasks, when they are looked at, and what last year's report of the office names.

    Said of all tasks only where every one has an office and a deadline; else it is a gap: the table shows which lack one.
    """
    tasks = ground.given.tasks
    cited = [ground.source.cite(task.at) for task in tasks]
    texts = []
    offices = tuple(dict.fromkeys(one for task in tasks for one in units(task.office)))
    times = tuple(dict.fromkeys(flow(task.deadline) for task in _by_due(tasks)))
    if len(times) > 1 and all(flow(task.office) and flow(task.deadline) for task in tasks):
        who = "、".join(offices) if len(offices) <= MOST_OFFICES else "任务分工表所列责任单位"
        texts.append(f"各项任务由{who}按分工负责")
        named = f"{'、'.join(times)}各" if len(times) <= MOST_TIMES else "任务分工表所列"
        against = "对照目标" if all(flow(task.target) for task in tasks) else ""
        texts.append(f"将按照{named}完成时限，{against}检查各项任务的完成情况")
    told = tuple(composing.fact(text, cited) for text in texts)
    made = [Step("", "", told, tuple(task.at for task in tasks))] if told else []
    return (*_own(ground), *made, *_carried(ground)) or (empty("保障措施"),)


def _own(ground: Ground) -> tuple[Step, ...]:
    """保障措施 as the office gave them, one a paragraph."""
    basic = ground.given.basic
    told = [parts for line in basic.safeguards if (parts := clauses(line))]
    labels = [f"{han(n)}是" if len(told) > 1 else "" for n in range(1, len(told) + 1)]
    return tuple(
        _stated(ground, (label + parts[0], *parts[1:])) for label, parts in zip(labels, told, strict=True)
    )


def requirements(ground: Ground) -> tuple[Step, ...]:
    """总体要求 as the office gave it."""
    told = clauses(ground.given.basic.requirements)
    return (_stated(ground, told),) if told else ()


def _stated(ground: Ground, texts: Sequence[str]) -> Step:
    """A paragraph in the words of 基本信息."""
    at = ground.given.basic.at
    return Step("", "", tuple(composing.fact(text, (ground.source.cite(at),)) for text in texts), (at,))


def _carried(ground: Ground) -> list[Step]:
    """The safeguards that the office's own last report lists, by their titles."""
    listed = [p for p in ground.known.listed(SectionKind.SAFEGUARDS) if p.card.year == ground.past]
    fits = (p for p in listed if 4 <= len(p.title) <= MOST_LETTERS and not has_figure(p.title))
    kept = list(fits)[:MOST_SAFEGUARDS]
    if not kept:
        return []
    titles = "".join(f"“{flow(p.title).replace('“', '‘').replace('”', '’')}”" for p in kept)
    text = f"将继续落实{ground.past}年报告提出的{titles}等保障措施"
    return [Step("", "", (composing.fact(text, (citation(p) for p in kept)),))]


def _by_due(tasks: Iterable[Task]) -> list[Task]:
    dated = [task for task in tasks if task.due is not None and flow(task.deadline)]
    return sorted(dated, key=lambda task: task.due.toordinal() if task.due else 0)


def _called(task: Task) -> str:
    """What a task is called in a list: its heading, else its title."""
    return composing.heading(task.title) or flow(task.title)


def _titles(tasks: Sequence[Task]) -> str:
    found = [_called(task) for task in tasks]
    return ("；" if any(re.search(r"[，、；]", title) for title in found) else "、").join(found)
