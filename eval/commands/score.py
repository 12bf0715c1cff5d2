"""``wenheng eval score``: all metrics from the recorded outputs; nothing is generated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.table import Table

from eval.metrics import wilson
from eval.reporting import terms
from eval.scored import BY, Group, Scored, groups, load_scored
from eval.suites.contract import Where
from eval.where import REPORTS
from service import screen
from service.commands.output import HELP
from service.faults import guarded


@click.command(context_settings=HELP)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--by", type=click.Choice(tuple(BY)), default="kind", show_default=True, help="按什么分组")
@click.option("--errors", is_flag=True, help="逐题列出不合格的")
@click.option("--cases", type=click.Path(path_type=Path), help="评测题文件或文件夹（默认是随附的题）")
@click.option("--reports", multiple=True, type=click.Path(path_type=Path), help="原始报告所在文件夹，可重复")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@guarded
def score(
    run: Path, by: str, errors: bool, cases: Path | None, reports: tuple[Path, ...], as_json: bool
) -> None:
    """给一份评测结果评分：逐题、逐类、合计，附95%区间；只用记录下来的输出。"""
    found = load_scored(run, Where(reports or REPORTS, cases))
    if as_json:
        click.echo(json.dumps(plain(found, by), ensure_ascii=False))
        return
    if errors:
        for line in wrong(found):
            screen.out.print(line, markup=False, soft_wrap=True)
    screen.out.print(by_group(found, by))
    screen.out.print(by_metric(found))
    if found.left and reports:
        screen.out.print(f"还有 {len(found.left)} 题没有做，再次运行 wenheng eval run 会补上", markup=False)


def plain(found: Scored, by: str) -> dict[str, object]:
    """Everything for machines."""
    items = [
        {"id": one.task.id, "kind": one.task.kind, "cluster": one.task.cluster, "split": one.task.split}
        | {"error": one.item["error"], "good": one.score.good, "reasons": list(one.score.reasons)}
        | {"values": dict(one.score.values), "counts": dict(one.score.counts)}
        for one in found.items
    ]
    return {
        "meta": asdict(found.meta),
        "groups": [asdict(one) | {"interval": wilson(one.good, one.judged)} for one in groups(found, by)],
        "items": items,
        "left": list(found.left),
    }


def wrong(found: Scored) -> Iterator[str]:
    """A line for each item that is not good, or has no verdict."""
    for one in found.items:
        if one.score.good is not True:
            what = "未判定" if one.score.good is None else "不合格"
            asked = one.item.get("question") or one.task.id
            yield f"{one.task.id}　{what}　{asked}　{'；'.join(one.score.reasons)}"


def by_group(found: Scored, by: str) -> Table:
    """A row for each group: how many are good."""
    shown = Table(title=f"{terms.suite(found.meta.suite)}　{terms.system(found.meta.system)}", box=SIMPLE)
    shown.add_column("")
    for head in ("题数", "合格", "合格率", "95%区间"):
        shown.add_column(head, justify="right")
    for one in groups(found, by):
        rate = f"{one.good / one.judged:.1%}" if one.judged else "—"
        name = terms.kind(one.name) if by == "kind" else one.name
        shown.add_row(name, str(one.n), f"{one.good}/{one.judged}", rate, _interval(one))
    return shown


def by_metric(found: Scored) -> Table:
    """A row for each metric over all items, with the number of items or parts that it was taken over."""
    whole = groups(found)[-1]
    shown = Table(box=SIMPLE)
    shown.add_column("指标")
    for head in ("均值", "量到"):
        shown.add_column(head, justify="right")
    for metric in found.metrics:
        if whole.means[metric] is not None:
            shown.add_row(
                terms.measure(metric), terms.written(whole.means[metric]), str(whole.measured[metric])
            )
    return shown


def _interval(one: Group) -> str:
    low, high = wilson(one.good, one.judged)
    return f"{low:.0%}–{high:.0%}" if one.judged else "—"
