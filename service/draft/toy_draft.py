"""A small made-up input with its outline, for tests and for trying out the rest without a library.

In: titles of problems and tasks. Out: an input of 栗坪县, which does not exist, and an outline whose steps tell its
rows one by one, plainer than :mod:`service.draft.outline` does it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from service.cited import Sentence
from service.draft.drafts import Outline, Part, Step
from service.draft.inputs import Basic, DraftInput, Kind, Problem, Task
from service.draft.source import as_source
from service.papers.document import Cell, Table

PROBLEMS = (
    ("乡镇卫生院药师不足", "11家卫生院中有4家没有药师", "编制多年没有增加"),
    ("慢性病随访不及时", "高血压患者规范管理率只有58.4%", "随访靠手工登记"),
    ("急救半径偏大", "北部3个乡镇的急救平均到达时间为41分钟", "全县只有2个急救站"),
)
TASKS = (
    ("招聘药师", "问题1", "公开招聘药师6名", "人事股", "2023年9月底前"),
    ("建随访提醒平台", "问题2", "把随访登记接入县级平台", "基层卫生股", "2023年6月底前"),
    ("增设急救站", "问题3", "在北部新建急救站1个", "医政股", "2023年12月底前"),
)


def toy_input(
    problems: Sequence[tuple[str, str, str]] = PROBLEMS,
    tasks: Sequence[tuple[str, str, str, str, str]] = TASKS,
    kind: Kind = Kind.PROBLEMS,
) -> DraftInput:
    """An input with these rows; its hash changes with them."""
    year = 2023 if kind is Kind.PLAN else 2022
    given = DraftInput(
        Basic("栗坪县卫生健康局", "栗坪县", year, kind, at="基本信息"),
        (),
        tuple(Problem(f"问题{n}", *row, at=f"问题!第{n + 1}行") for n, row in enumerate(problems, 1)),
        tuple(
            Task(f"任务{n}", title, (key,), measure, office, until, at=f"任务!第{n + 1}行")
            for n, (title, key, measure, office, until) in enumerate(tasks, 1)
        ),
        "栗坪县.xlsx",
    )
    return replace(given, sha256=hashlib.sha256(repr((kind, problems, tasks)).encode()).hexdigest())


def toy_outline(given: DraftInput) -> Outline:
    """Problems, then tasks, one step each, then a table of the tasks."""
    source = as_source(given)

    def step(key: str, heading: str, at: str, texts: tuple[str, ...]) -> Step:
        cited = (source.cite(at),)
        facts = tuple(Sentence(text, cited, "quoted") for text in texts if text)
        return Step(key, heading, facts, (at,), () if len(facts) == len(texts) else ("原因",))

    problems = tuple(
        step(f"1.{n}", p.title, p.at, (p.title, p.shows, p.cause)) for n, p in enumerate(given.problems, 1)
    )
    tasks = tuple(
        step(f"2.{n}", t.title, t.at, (t.measure, f"由{t.office}负责，{t.deadline}完成"))
        for n, t in enumerate(given.tasks, 1)
    )
    rows = tuple(
        tuple(Cell(text, (source.cite(t.at),)) for text in (t.title, t.office, t.deadline))
        for t in given.tasks
    )
    table = Table("任务分工表", ("任务", "责任单位", "完成时限"), rows)
    parts = (
        Part("1", "存在的主要问题", problems),
        Part("2", "下一步工作打算", tasks),
        Part("3", "任务分工", (Step("3.1", "", (), tuple(t.at for t in given.tasks), (), table),)),
    )
    return Outline(given.basic.kind, f"{given.basic.place}{given.basic.kind.label}", parts)
