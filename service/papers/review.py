"""核对清单 as Word tables behind the text of a review copy.

In: a :class:`~service.draft.checklist.Checklist`. Out: a title and four tables, for pages that lie on their side. What
is missing is marked in yellow, so that the eye finds it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from service.papers import docx_styles as styles
from service.papers.comments import highlighted
from service.papers.docx_official import LAST
from service.papers.docx_page import BOTTOM, HEIGHT, TOP
from service.papers.docx_table import table
from service.papers.docx_xml import Element, node, paragraph, run
from service.papers.presenting import clean

if TYPE_CHECKING:
    from service.draft.checklist import Checklist

WIDTH = HEIGHT - TOP - BOTTOM  # twips of a line on a page that lies on its side
TITLE = "核对清单"
NONE = "（没有）"
MARKED = ("待补", "无出处", "无任务", "未对应问题")  # cells with these words are marked

Row = Sequence[str]


def pages(checklist: Checklist) -> Iterator[Element]:
    """The title, how the text came about, and the tables."""
    yield paragraph(styles.TITLE, run(TITLE))
    yield paragraph(styles.REMARK, run(_told(checklist)))
    tables = list(_tables(checklist))
    for at, (caption, header, shares, rows) in enumerate(tables, 1):
        yield paragraph(styles.CAPTION, run(caption))
        yield _grid(header, shares, rows) if rows else paragraph(styles.NOTE, run(NONE))
        # Word wants a paragraph behind a table; a tall one would make an empty page of its own.
        yield paragraph(LAST if at == len(tables) else styles.NOTE)


def _told(checklist: Checklist) -> str:
    ways = checklist.ways
    total = ways.phrased + ways.composed + ways.by_hand + ways.open
    parts = (
        (ways.phrased, "由模型表述并通过核对"), (ways.composed, "由程序组成"),
        (ways.by_hand, "由人工改写"), (ways.open, "还没有写"),
    )  # fmt: skip
    told = "，".join(f"{count}步{words}" for count, words in parts if count)
    return f"全稿{total}步：{told or NONE}。各句的来源见正文的批注；报送前请逐项核对，补齐【待补】的内容。"


def _tables(checklist: Checklist) -> Iterator[tuple[str, Row, Sequence[int], list[Row]]]:
    """Caption, header, shares of the width, rows."""
    lacking: dict[str, list[str]] = {}
    for one in checklist.missing:
        lacking.setdefault(one.where, []).append(one.what)
    missing: list[Row] = [(where, _several(what)) for where, what in lacking.items()]
    yield f"一、还缺什么（{len(checklist.missing)}项）", ("位置", "内容"), (4, 8), missing
    problems: list[Row] = [
        (p.key, p.title, _several(p.tasks) or "无任务", _lacking(p.missing)) for p in checklist.problems
    ]
    yield (
        f"二、问题与任务（{len(problems)}个问题）",
        ("编号", "问题", "对应的任务", "还缺"),
        (1, 5, 6, 2),
        problems,
    )
    tasks: list[Row] = [
        (
            t.key, t.title, _several(t.answers) or ("未对应问题" if t.unbound else "—"),
            t.office or "【待补】", t.deadline or "【待补】", t.target or "【待补】", _lacking(t.missing),
        )
        for t in checklist.tasks
    ]  # fmt: skip
    header = ("编号", "任务", "针对的问题", "责任单位", "完成时限", "目标", "还缺")
    yield f"三、任务（{len(tasks)}项）", header, (3, 8, 8, 5, 6, 6, 6), tasks
    numbers: list[Row] = [
        (
            str(index), n.number,
            clean(n.sentence) + (f"（共{n.times}处）" if n.times > 1 else ""), n.source or "—", n.status,
        )
        for index, n in enumerate(checklist.numbers, 1)
    ]  # fmt: skip
    heads = ("序号", "数字", "所在的句子", "来源", "状态")
    yield f"四、数字（{len(numbers)}个）", heads, (3, 6, 15, 22, 4), numbers


def _several(titles: Iterable[str]) -> str:
    return "；".join(titles)


def _lacking(names: Sequence[str]) -> str:
    return f"【待补：{'、'.join(names)}】" if names else "—"


def _grid(header: Row, shares: Sequence[int], rows: Sequence[Row]) -> Element:
    """A table over the whole width."""
    widths = [WIDTH * share // sum(shares) for share in shares]
    return table(widths, header, ([paragraph(styles.CELL, *_runs(text)) for text in row] for row in rows))


def _runs(text: str) -> list[Element]:
    if text.startswith(MARKED):
        return [run(text, node("w:highlight", {"w:val": "yellow"}))]
    return highlighted(text)
