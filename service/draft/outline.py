"""The outline of a draft: its sections and steps, made from the rows of the input (提纲).

In: an input, the input as a source, and what the library knows. Out: an :class:`~service.draft.drafts.Outline` in
which every row of the input has its place: problems and next steps; a plan with goals, tasks, division, schedule and
safeguards; a yearly report with what was done, problems and next steps. Nothing is in it that no row and no report
tells; what is missing is a gap. Its text form, which users edit, is in :mod:`service.draft.outline_lines`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from service.cited import Sentence
from service.draft import composing
from service.draft import outline_steps as steps
from service.draft.composing_cells import flow, name
from service.draft.drafts import Outline, Part, Step
from service.draft.inputs import Basic, DraftInput, Kind, Problem, Task
from service.draft.known import NOTHING, Known
from service.draft.outline_lines import outline_of, outline_text
from service.draft.outline_steps import Ground
from service.draft.source import InputSource

__all__ = ["outline", "outline_of", "outline_text", "title_of"]

TITLES = {
    Kind.PROBLEMS: "{office}{year}年工作存在的问题和下一步打算",
    Kind.PLAN: "{office}{year}年工作计划",
    Kind.SUMMARY: "{office}{year}年工作总结",
}
TASKS = "2"  # key of the part of a plan that tells the tasks
OTHERS = "其他重点工作"
SOLVING = "着力解决{}问题"
MOST_LOOSE = 6  # tasks without a group that stand between groups, each below a heading of its own

PROBLEMS_LEAD = "工作中还存在以下问题"
DIVISION_LEAD = "各项任务的责任单位、完成时限和目标见下表"
AHEAD_LEAD = "下一步，重点做好以下工作"
ANSWERING_LEAD = "针对上述问题，下一步重点做好以下工作"


def outline(given: DraftInput, source: InputSource, known: Known = NOTHING) -> Outline:
    """What will be written, in order."""
    ground = Ground(given, source, known)
    makers = {Kind.PROBLEMS: _problems, Kind.PLAN: _plan, Kind.SUMMARY: _summary}
    sections = makers[given.basic.kind](ground)
    parts = tuple(_part(number, section) for number, section in enumerate(sections, 1))
    return Outline(given.basic.kind, title_of(given.basic), parts)


def title_of(basic: Basic) -> str:
    """The title that the user gave, else one made of office, year and kind."""
    office = basic.office or basic.place
    return " ".join(basic.title.split()) or TITLES[basic.kind].format(office=office, year=basic.year)


@dataclass(frozen=True, slots=True)
class Section:
    """A section before its steps have keys; ``lead`` opens it."""

    title: str
    steps: tuple[Step, ...]
    lead: str = ""


def _problems(ground: Ground) -> tuple[Section, ...]:
    given = ground.given
    values = _values_left(ground)
    return (
        *((Section("主要指标情况", values),) if values else ()),
        Section("存在的主要问题", _problem_steps(ground), PROBLEMS_LEAD if given.problems else ""),
        Section(
            "下一步工作打算",
            (*_aims(ground, given.tasks), *_task_steps(ground)),
            _lead_ahead(given, given.tasks),
        ),
    )


def _plan(ground: Ground) -> tuple[Section, ...]:
    given = ground.given
    # Problems that a plan does not answer stay visible in it: as a gap.
    unanswered = tuple(_unanswered(ground, p) for p in given.problems if not given.tasks_for(p.key))
    goals, safe = _goals(ground), Section("保障措施", steps.safeguards(ground))
    if not given.tasks:
        return goals, Section("重点任务", (*unanswered, steps.empty("重点任务"))), safe
    made = _by_area(ground) if any(flow(task.area) for task in given.tasks) else _by_problem(ground)
    last = {"", OTHERS}
    return (
        goals,
        Section(
            "重点任务",
            (
                *(step for step in made if step.group not in last or len(step.rows) > 1),
                *unanswered,
                *(step for step in made if step.group in last and len(step.rows) == 1),
            ),
        ),
        Section("任务分工", (steps.division(ground),), DIVISION_LEAD),
        Section("进度安排", steps.schedule(ground)),
        safe,
    )


def _goals(ground: Ground) -> Section:
    """How a plan opens: what the office asks of it, where it stands, what it aims at."""
    given = ground.given
    asked = steps.requirements(ground)
    base = steps.of_base(ground, [row for row in given.indicators if row.target is None])
    title = "总体要求和主要目标" if asked else "工作基础和主要目标" if base else "总体目标"
    aims = steps.of_aims(ground, given.indicators) or (steps.empty("指标的目标值"),)
    return Section(title, (*asked, *base, *aims))


def _summary(ground: Ground) -> tuple[Section, ...]:
    given = ground.given
    tasks = steps.in_order(given)
    past = [t for t in tasks if t.progress.strip() or (t.due is not None and t.due.year <= ground.past)]
    done = _sorted_by_area(ground, past, lambda task: steps.of_progress(ground, task))
    values = steps.of_values(ground, given.indicators)
    due = [t for t in tasks if t not in past or (t.due is not None and t.due.year > ground.past)]
    ahead = (*_aims(ground, due), *_sorted_by_area(ground, due, lambda task: steps.of_task(ground, task)))
    return (
        Section("主要工作完成情况", (*values, *done) or (steps.empty("主要工作完成情况"),)),
        Section("存在的问题", _problem_steps(ground), PROBLEMS_LEAD if given.problems else ""),
        Section("下一步打算", ahead or (steps.empty("下一步打算"),), _lead_ahead(given, due)),
    )


def _lead_ahead(given: DraftInput, tasks: Collection[Task]) -> str:
    """What leads over from the problems to the tasks."""
    if not tasks:
        return ""
    answers = any(given.problem(key) for task in tasks for key in task.answers)
    return ANSWERING_LEAD if answers else AHEAD_LEAD


def _problem_steps(ground: Ground) -> tuple[Step, ...]:
    made = steps.headed(steps.of_problem(ground, problem) for problem in ground.given.problems)
    return made or (steps.empty("存在的问题"),)


def _task_steps(ground: Ground) -> tuple[Step, ...]:
    tasks = steps.in_order(ground.given)
    made = _sorted_by_area(ground, tasks, lambda task: steps.of_task(ground, task))
    return made or (steps.empty("下一步打算"),)


def _values_left(ground: Ground) -> tuple[Step, ...]:
    """The values that no problem names; a row that has a target only is told with the targets."""
    named = {row.at for p in ground.given.problems for row in steps.named_by(p, ground.given.indicators)}
    left = [row for row in ground.given.indicators if row.at not in named and row.target is None]
    return steps.of_values(ground, left)


def _aims(ground: Ground, tasks: Collection[Task]) -> tuple[Step, ...]:
    """Targets, below a heading where tasks follow below theirs."""
    return steps.of_aims(ground, ground.given.indicators, "主要目标" if tasks else "")


def _by_problem(ground: Ground) -> tuple[Step, ...]:
    """The tasks of a plan under the problems that they answer first; a single task needs no heading above its own."""
    given = ground.given
    made: list[Step] = []
    for key, found in groupby(steps.in_order(given), key=lambda task: _first(given, task)):
        some = list(found)
        heads = all(composing.heading(task.title) for task in some)
        problem = given.problem(key)
        if problem is not None:
            group = "" if heads and len(some) == 1 else SOLVING.format(name(problem.title))
        else:
            group = OTHERS if made and not (heads and len(some) <= MOST_LOOSE) else ""
        made += steps.headed(
            _of_plan(ground, task, group, named=group != "" and problem is not None) for task in some
        )
    return tuple(made)


def _first(given: DraftInput, task: Task) -> str:
    """The problem by which :func:`~service.draft.outline_steps.in_order` sorts a task."""
    return next((problem.key for problem in given.problems if problem.key in task.answers), "")


def _by_area(ground: Ground) -> tuple[Step, ...]:
    """The tasks of a plan by area, in the order in which the input names them."""
    return _sorted_by_area(ground, ground.given.tasks, lambda task: _of_plan(ground, task, "", named=False))


def _sorted_by_area(ground: Ground, tasks: Sequence[Task], make: Callable[[Task], Step]) -> tuple[Step, ...]:
    """Steps under the headings of their areas, in the order of the input, those without one at the end."""
    areas = list(dict.fromkeys(area for task in ground.given.tasks if (area := flow(task.area))))
    if not any(flow(task.area) for task in tasks):
        return steps.headed(make(task) for task in tasks)
    made: list[Step] = []
    for area in (*areas, ""):
        some = steps.headed(make(task) for task in tasks if flow(task.area) == area)
        alone = len(some) == 1  # one item is no list: its title opens its paragraph
        made += (replace(step, group=area or OTHERS, heading="" if alone else step.heading) for step in some)
    return tuple(made)


def _of_plan(ground: Ground, task: Task, group: str, *, named: bool) -> Step:
    """A task of a plan; ``named`` where its group names the problem. The table shows what it lacks."""
    problems = [p for key in task.answers if (p := ground.given.problem(key))]
    made = steps.of_task(ground, task, named=not named)
    return replace(made, rows=(task.at, *(p.at for p in problems)), gaps=(), group=group)


def _unanswered(ground: Ground, problem: Problem) -> Step:
    """A problem that no task answers, below the heading that names it."""
    made = steps.of_problem(ground, problem)
    called = name(problem.title)
    return replace(
        made,
        heading="",
        facts=made.facts[1:] or made.facts,
        gaps=(f"应对{called}问题的任务",),
        group=SOLVING.format(called),
    )


def _part(number: int, section: Section) -> Part:
    keyed = tuple(replace(step, key=f"{number}.{at}") for at, step in enumerate(section.steps, 1))
    lead = (Sentence(section.lead, (), "stated"),) if section.lead else ()
    return Part(str(number), section.title, keyed, lead)
