"""Prints a comparison for people: a table of metrics, what turned, the reports where they are few, the gates.

In: :class:`eval.comparing.Comparison` and a console. Out: Chinese text; bad news first where there are lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from eval.comparing import Comparison, Row, Turned, signed, written
from eval.gates import GOOD
from eval.reporting import terms
from eval.runs import changed

OUTCOMES = {"better": "变好", "worse": "变差", "inconclusive": "说不准", "equal": "无变化", None: "—"}
STATES = {"held": "通过", "broken": "未过", "unmeasured": "未量"}
SHOWN = 20  # turned items of each sort; all of them are in the JSON and in the report


def show(found: Comparison, console: Console) -> None:
    """Print it."""
    console.print(_heading(found), markup=False, highlight=False)
    console.print(_metrics(found.rows))
    for line in (*_turned("变差", found.turned_bad), *_turned("变好", found.turned_good)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"同题对比（McNemar 精确检验）p = {found.p:.3f}", markup=False, highlight=False)
    if found.indicative:
        console.print(
            f"只有{len(found.reports)}份报告，区间仅供参考；逐份如下", markup=False, highlight=False
        )
        console.print(_reports(found))
    console.print(_gates(found))
    words = f"{len(found.broken)}道门槛未过" if found.broken else "门槛全部通过"
    console.print(f"总评：{OUTCOMES[found.outcome]}；{words}", markup=False, highlight=False)


def _heading(found: Comparison) -> str:
    sides = f"{terms.system(found.base.system)} → {terms.system(found.new.system)}"
    parts = "、".join(changed(found.base.signature, found.new.signature))
    differ = f"不同之处：{parts}" if parts else "两份结果出自同一套设置"
    return f"{terms.suite(found.suite)}：{sides}，{found.n} 题；{differ}"


def _metrics(rows: Sequence[Row]) -> Table:
    caption = "差 = 新 − 旧，同题配对；区间按报告重抽样 10,000 次，* 报告不足 10 份；缺：只有一边可量"
    table = Table(box=SIMPLE, caption=caption, padding=(0, 1, 0, 0))
    table.add_column("指标")
    for head in ("旧", "新", "差", "95%区间", "题"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("结论", no_wrap=True)
    for row in rows:
        d = row.difference
        between = (
            "—" if d.low is None else f"{signed(d.low)}～{signed(d.high)}" + ("*" if d.indicative else "")
        )
        items = f"{d.items}，缺{d.lost}" if d.lost else str(d.items)
        numbers = (written(d.base), written(d.new), signed(d.value), between, items)
        table.add_row(name_of(row.metric), *numbers, OUTCOMES[row.outcome])
    return table


def name_of(metric: str) -> str:
    """The metric as people read it."""
    return "合格" if metric == GOOD else terms.measure(metric)


def _turned(word: str, items: Sequence[Turned]) -> Iterator[str]:
    if items:
        yield f"{word} {len(items)} 题："
    for one in items[:SHOWN]:
        yield f"  {one.id}（{terms.kind(one.kind)}）{one.asked}　{'；'.join(one.reasons)}".rstrip("　")
    if len(items) > SHOWN:
        yield f"  另有 {len(items) - SHOWN} 题，见 --json 或 wenheng eval report"


def _reports(found: Comparison) -> Table:
    table = Table("报告", "题", "旧", "新", box=SIMPLE)
    for one in found.reports:
        table.add_row(one.cluster, str(one.n), str(one.base), str(one.new))
    return table


def _gates(found: Comparison) -> Table:
    table = Table("门槛", "结果", "所见", box=SIMPLE)
    for check in found.checks:
        table.add_row(check.name, STATES[check.state], check.told)
    return table
