"""A made-up draft with the document of it, for tests, benchmarks and for looking at a layout.

In: how many problems and tasks. Out: a plan of 雾岭县, which does not exist, on its toy reports: sentences of the model,
of code and of the user, computed figures, a table of tasks, gaps, a problem without a task and a task without a
problem.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from corpus.errors import NotFound
from corpus.report import Report
from service.cited import Operand, Sentence
from service.draft.drafts import Draft, Outline, Part, Step, Written
from service.draft.inputs import Amount, Basic, DraftInput, Indicator, Kind, Problem, Task
from service.draft.source import InputSource, as_source
from service.papers.derivation import difference, moved
from service.papers.document import Block, Cell, Document, Heading, Paragraph, Table
from service.papers.provenance import OpenReport
from service.papers.toy_document import NEW, OLD, PLACE, toy_report

SUBJECTS = (
    "乡村医生后继乏人",
    "慢性病随访不够及时",
    "县域信息系统不互通",
    "急救半径偏大",
    "药品供应不够稳定",
)
MEASURES = ("定向培养乡村医生", "建设随访提醒平台", "统一县域数据接口", "新建急救站", "建立短缺药品储备")
OFFICES = ("人事股", "基层卫生股", "规划信息股", "医政股")


def toy_given(problems: int = 4, tasks: int = 4) -> DraftInput:
    """The input. The last problem has no task; the last task answers none and lacks its deadline and target."""
    office = f"{PLACE}卫生健康局"
    basic = Basic(office, PLACE, 2023, Kind.PLAN, date(2022, 12, 31), at="基本信息")
    rate = Indicator(
        "家庭医生签约率",
        "%",
        _amount("61.5"),
        _amount("66.2"),
        _amount("70"),
        at="指标!第2行",
        citations=(NEW, OLD),
    )
    return DraftInput(
        basic,
        (rate, Indicator("巡诊", "次", target=_amount("1200"), at="指标!第3行")),
        tuple(_problem(n) for n in range(1, problems + 1)),
        tuple(_task(n, answers=n < tasks) for n in range(1, tasks + 1)),
        "雾岭县.xlsx",
        "0" * 64,
    )


def _amount(text: str) -> Amount:
    return Amount(Decimal(text), text)


def _subject(n: int) -> str:
    again = (n - 1) // len(SUBJECTS)
    return SUBJECTS[(n - 1) % len(SUBJECTS)] + (f"（第{again + 1}片）" if again else "")


def _problem(n: int) -> Problem:
    shows = f"{20 + n}个村没有达到要求" if n != 2 else ""
    return Problem(f"问题{n}", _subject(n), shows, "编制和经费多年没有增加", at=f"问题!第{n + 1}行")


def _task(n: int, *, answers: bool) -> Task:
    measure = MEASURES[(n - 1) % len(MEASURES)]
    return Task(
        f"任务{n}",
        measure,
        (f"问题{n}",) if answers else (),
        f"在{10 + n}个乡镇{measure}",
        OFFICES[(n - 1) % len(OFFICES)],
        "2023年9月底前" if answers else "",
        None,
        f"覆盖{30 + n}个村" if answers else "",
        at=f"任务!第{n + 1}行",
    )


def toy_draft(problems: int = 4, tasks: int = 4) -> Draft:
    """The draft: the model's sentences passed for the odd problems only, the user wrote the first task."""
    given = toy_given(problems, tasks)
    source = as_source(given)
    first = tuple(
        Step(f"1.{n}", p.title, _problem_told(p, source), (p.at,)) for n, p in enumerate(given.problems, 1)
    )
    second = tuple(
        Step(f"2.{n}", t.title, _task_told(t, source), (t.at,)) for n, t in enumerate(given.tasks, 1)
    )
    table = Step("3.1", "", (), tuple(t.at for t in given.tasks), (), _table(given, source))
    aims = Step("0.1", "", _aims(given, source), (given.indicators[0].at,))
    parts = (
        Part("0", "总体目标", (aims,)),
        Part("1", "存在的主要问题", first),
        Part("2", "重点任务", second),
        Part("3", "任务分工", (table,)),
    )
    written = (
        Written("0.1", aims.facts, phrased=True),
        *(_written(step, n) for n, step in enumerate(first, 1)),
        *(Written(step.key, step.facts, phrased=n > 0, by_hand=n == 0) for n, step in enumerate(second)),
    )
    return Draft(given, Outline(Kind.PLAN, f"{PLACE}2023年卫生健康工作计划", parts), written)


def _written(step: Step, n: int) -> Written:
    return Written(step.key, step.facts, phrased=n % 2 == 1, faults=() if n % 2 else ("少了数",))


def _aims(given: DraftInput, source: InputSource) -> tuple[Sentence, ...]:
    """Stated, computed and planned figures of one indicator."""
    points = difference(Operand(Decimal("66.2"), "66.2%", NEW), Operand(Decimal("61.5"), "61.5%", OLD))
    assert points is not None
    row = source.cite(given.indicators[0].at)
    return (
        Sentence(f"2022年家庭医生签约率为66.2%，比上年{moved(points, '提高', '下降')}", (NEW, OLD), "phrased", (), (points,)),
        Sentence("2023年家庭医生签约率力争达到70%", (row,), "phrased"),
    )  # fmt: skip


def _problem_told(problem: Problem, source: InputSource) -> tuple[Sentence, ...]:
    cited = (source.cite(problem.at),)
    shows = Sentence(f"目前仍有{problem.shows}", cited, "phrased")
    told = shows if problem.shows else Sentence("【待补：表现】", (), "stated")
    why = Sentence(f"主要原因是{problem.cause}，“一村一策”的办法落实得也不够", cited, "phrased")
    return (Sentence(f"{problem.title}的情况还没有根本改变", cited, "phrased"), told, why)


def _task_told(task: Task, source: InputSource) -> tuple[Sentence, ...]:
    cited = (source.cite(task.at),)
    until = f"{task.deadline}完成" if task.deadline else "【待补：完成时限】"
    told = [
        Sentence(f"将{task.measure}", cited, "phrased"),
        Sentence(f"由{task.office}负责，{until}", cited, "phrased"),
    ]
    if task.target:
        told.append(Sentence(f"目标是{task.target}", cited, "phrased"))
    return tuple(told)


def _table(given: DraftInput, source: InputSource) -> Table:
    def row(task: Task) -> tuple[Cell, ...]:
        answered = "、".join(p.title for key in task.answers if (p := given.problem(key)))
        texts = (task.title, answered or "—", task.office, task.deadline, task.target)
        cited = (source.cite(task.at),)
        return tuple(Cell(text, cited) if text else Cell("【待补】", status="missing") for text in texts)

    header = ("任务", "针对问题", "责任单位", "完成时限", "目标")
    return Table("任务分工表", header, tuple(map(row, given.tasks)))


def toy_paper(draft: Draft) -> Document:
    """The document of a draft: a heading a part, a heading and a paragraph a step."""
    blocks: list[Block] = []
    for part in draft.outline.parts:
        blocks.append(Heading(part.title))
        for step in part.steps:
            written = draft.of(step.key)
            if step.heading:
                blocks.append(Heading(step.heading, 2))
            if written:
                blocks.append(Paragraph(written.sentences))
            if step.table:
                blocks.append(step.table)
    return Document("draft", draft.outline.title, tuple(blocks), (PLACE,), (2022, 2023), signature="toy@1")


def toy_opener(draft: Draft) -> OpenReport:
    """Opens the toy reports and the input of a draft."""
    source = as_source(draft.given).report

    def opened(report_id: str) -> Report:
        if report_id == source.id:
            return source
        if report_id.startswith("toy-"):
            return toy_report(report_id)
        raise NotFound("没有这份报告", where=report_id)

    return opened
