"""Sentences that code composes from problems and tasks, each with its sources (要点成句).

In: rows of the input and the input as a source. Out: facts that can stand as they are in an official report. The
model may join them; where it is absent or fails, they are the text. What a row does not tell is a gap and is never
made up; a task is told as planned (将, 拟) in every kind of draft but for its 完成情况.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from service.cited import Citation, Sentence
from service.draft.composing_cells import (
    ahead,
    aim,
    because,
    by,
    by_day,
    clauses,
    flow,
    has_figure,
    name,
    until,
)
from service.draft.inputs import OPEN, DraftInput, Problem, Task
from service.draft.source import InputSource

LONGEST_HEADING = 24  # characters of a title that can be a heading
SHORT = 44  # characters of a task that office, deadline and target go on with in one sentence

LONGEST_PAIR = 16  # characters of a heading of two clauses: 强化监管，守住底线
LEAST_HEADING = 4  # characters of a clause that can stand for its title

_NO_HEADING = re.compile(r"[。；！？\n]|：.{12}")
# 根据执业资格类别，发放岗位工资: the first clause alone says nothing.
_LEADS_ON = re.compile(
    r"根据|按照|依据|通过|围绕|针对|为|以|在|对|由于|随着|结合|凡|从|经|同时|并|且|使|让|确保|力争|方便|其中|但|或|和|与"
)


def heading(title: str) -> str:
    """A row's title as a heading; of one that is too long its first clause that says something alone, else ""."""
    text = flow(title)
    if _heads(text):
        return text
    parts = [part for part in re.split(r"[，；。：]", text) if len(part) >= LEAST_HEADING]
    return next((part for part in parts[:2] if _heads(part) and not _LEADS_ON.match(part)), "")


def _heads(text: str) -> bool:
    """Whether a text is short enough for a heading, and one statement; a pair of quotation marks stays whole."""
    whole = text.count("“") == text.count("”") and text.count("（") == text.count("）")
    most = LONGEST_PAIR if "，" in text else LONGEST_HEADING
    return whole and len(text) <= most and not _NO_HEADING.search(text)


def problem_facts(problem: Problem, source: InputSource) -> tuple[Sentence, ...]:
    """What, how it shows, why: 乡村医生后继乏人。60岁以上的有173名，占41.99%。主要原因是待遇偏低。"""
    cited = _sources(source, problem.at, problem.citations)
    title = flow(problem.title)
    named = (title,) if heading(problem.title) == title else clauses(problem.title)
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
    planned = ahead(task.title, task.measure)
    if not planned:
        duty = _duty(task, "")
        return (fact(duty, cited),) if duty else ()
    texts = [f"{lead}{planned}"]
    if title and measure and title not in planned:
        # A title that can be a heading is one; a longer one says in a sentence of its own what will be done.
        short = heading(task.title) == title
        texts = [title, *texts] if short else [f"{lead}{ahead(title)}", planned]
    return tuple(fact(text, cited) for text in _with_duty(task, texts, lead, f"{title}，{planned}"))


def _with_duty(task: Task, texts: list[str], lead: str, said: str) -> list[str]:
    """The sentences of a task with who does it until when: in the last one, or behind a long one in one of its own.

    In some of the tasks the deadline stands first: a list of thirty reads better so.
    """
    duty, day = _duty(task, said), by_day(task.deadline)
    *before, last = texts
    if not duty:
        return texts
    if len(last) > SHORT or re.search(r"[：；]", last):
        return [*texts, f"{'' if duty.startswith('目标') else '此项'}工作{duty}"]
    head = lead if last.startswith(lead) else ""
    what = last.removeprefix(head)
    if day and day in duty and _turns(task.title) and what.startswith("将"):
        rest = _duty(replace(task, deadline=""), said)
        return [*before, "，".join(filter(None, (f"{head}{day}{what}", rest)))]
    return [*before, f"{last}，{duty}"]


def _turns(text: str) -> bool:
    """Whether a task is told in the other order: by its words, so that no other row can change its text."""
    return sum(map(ord, text)) % 2 == 0


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
    title, done = flow(task.title), clauses(progressed(task))
    # 有螺面积压缩到1150公顷以内 is not reached because it was planned.
    opens = title if done or heading(task.title) == title else f"年初安排的任务是{title}"
    texts = [opens, *done]
    if measure := flow(task.measure):
        lead = "主要做法" if progressed(task) else "年初安排的措施"
        texts.append(f"{lead}{'：' if re.match(r'一是|首先', measure) else '是'}{measure}")
    target = flow(task.target)
    if target and target not in title:
        texts.append(aim(target, set_before=True))
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


def _duty(task: Task, said: str) -> str:
    """由人事股负责，2023年9月底前完成，目标是培养30名; "" where the row tells none of it.

    A deadline or a target that was ``said`` already is not told again.
    """
    office, deadline, target = flow(task.office), flow(task.deadline), flow(task.target)
    parts = (
        office and by(office),
        deadline and deadline not in said and until(deadline),
        target and target not in said and aim(target),
    )
    return "，".join(part for part in parts if part)


def _sources(source: InputSource, at: str, more: Iterable[Citation]) -> tuple[Citation, ...]:
    return (source.cite(at), *more)
