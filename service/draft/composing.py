"""Sentences that code composes from problems and tasks, each with its sources (要点成句).

In: rows of the input and the input as a source. Out: facts that can stand as they are in an official report. The
model may join them; where it is absent or fails, they are the text. What a row does not tell is a gap and is never
made up; a task is told as planned (将, 拟) in every kind of draft but for its 完成情况.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from service.cited import Citation, Sentence
from service.draft.composing_cells import ahead, aim, because, by, clauses, flow, has_figure, name, until
from service.draft.inputs import OPEN, DraftInput, Problem, Task
from service.draft.source import InputSource

LONGEST_HEADING = 24  # characters of a title that can be a heading
SHORT = 44  # characters of a task that office, deadline and target go on with in one sentence

_NO_HEADING = re.compile(r"[。；！？\n]|：.{12}")


def heading(title: str) -> str:
    """A row's title as a heading, "" where it is too long or more than one sentence."""
    text = flow(title)
    return "" if len(text) > LONGEST_HEADING or _NO_HEADING.search(text) else text


def problem_facts(problem: Problem, source: InputSource) -> tuple[Sentence, ...]:
    """What, how it shows, why: 乡村医生后继乏人。60岁以上的有173名，占41.99%。主要原因是待遇偏低。"""
    cited = _sources(source, problem.at, problem.citations)
    named = (flow(problem.title),) if heading(problem.title) else clauses(problem.title)
    texts = (*named, *_shown(problem.shows), because(problem.cause))
    return tuple(fact(text, cited) for text in texts if text)


def problem_gaps(problem: Problem) -> tuple[str, ...]:
    """What a problem lacks: 表现, 原因."""
    wanted = (("表现", problem.shows), ("原因", problem.cause))
    return tuple(label for label, cell in wanted if not flow(cell))


def task_facts(
    task: Task, given: DraftInput, source: InputSource, *, named: bool = True
) -> tuple[Sentence, ...]:
    """What will be done for which problem, by whom, until when, to which end.

    ``named`` is false where a heading above names the one problem that the task answers.
    """
    problems = [p for key in task.answers if (p := given.problem(key))]
    cited = (*_sources(source, task.at, task.citations), *(source.cite(problem.at) for problem in problems))
    title, measure = flow(task.title), flow(task.measure)
    lead = _answering(problems) if problems and (named or len(problems) > 1) else ""
    planned, duty = ahead(task.title, task.measure), _duty(task)
    if not planned:
        return (fact(duty, cited),) if duty else ()
    told = [fact(title, cited)] if title and measure and title not in planned else []
    first = f"{lead}{planned}"
    if duty and len(first) <= SHORT and not re.search(r"[：；]", first):
        return (*told, fact(f"{first}，{duty}", cited))
    rest = f"此项工作{duty}" if flow(task.office) or flow(task.deadline) else f"工作{duty}"
    return (*told, fact(first, cited), *((fact(rest, cited),) if duty else ()))


def task_gaps(task: Task) -> tuple[str, ...]:
    """What a task lacks: 责任单位, 完成时限, 目标."""
    wanted = (("责任单位", task.office), ("完成时限", task.deadline), ("目标", task.target))
    return tuple(label for label, cell in wanted if not flow(cell))


def progressed(task: Task) -> str:
    """完成情况 where somebody filled it in, else ""."""
    return "" if flow(task.progress) == OPEN else task.progress


def progress_facts(task: Task, source: InputSource) -> tuple[Sentence, ...]:
    """What was done of a task, for a summary: its 完成情况, how, and what was aimed at."""
    cited = _sources(source, task.at, task.citations)
    texts = [flow(task.title), *clauses(progressed(task))]
    if measure := flow(task.measure):
        lead = "主要做法" if progressed(task) else "年初安排的措施"
        texts.append(f"{lead}{'：' if re.match(r'一是|首先', measure) else '是'}{measure}")
    if target := flow(task.target):
        texts.append(aim(target).replace("目标是", "年度目标是", 1))
    return tuple(fact(text, cited) for text in texts if text)


def fact(text: str, cited: Iterable[Citation]) -> Sentence:
    """A sentence in the words of its sources, put together by code."""
    return Sentence(text, tuple(dict.fromkeys(cited)), "quoted")


def _shown(shows: str) -> tuple[str, ...]:
    """The statements of 表现; short ones without a figure run on."""
    found: list[str] = []
    for one in clauses(shows):
        joins = found and len(found[-1]) + len(one) <= SHORT and not re.search(r"[\d；：]", found[-1] + one)
        if joins:
            found[-1] = f"{found[-1]}，{one}"
        else:
            found.append(one)
    return tuple(found)


def _answering(problems: Iterable[Problem]) -> str:
    """针对乡村医生后继乏人问题，."""
    names = [name(problem.title) for problem in problems]
    several = len(names) > 1
    quoted = (one if one.startswith("“") or has_figure(one) else f"“{one}”" for one in names)
    joined = "".join(quoted) if several else names[0]
    return f"针对{joined}{'等' if len(names) > 3 else ''}问题，"


def _duty(task: Task) -> str:
    """由人事股负责，2023年9月底前完成，目标是培养30名; "" where the row tells none of it."""
    office, deadline, target = flow(task.office), flow(task.deadline), flow(task.target)
    parts = (office and by(office), deadline and until(deadline), target and aim(target))
    return "，".join(part for part in parts if part)


def _sources(source: InputSource, at: str, more: Iterable[Citation]) -> tuple[Citation, ...]:
    return (source.cite(at), *more)
