"""What the terminal shows of the library: results of an ingest, reports, duplicates, passages found.

In: cards, reports and results of the desk. Out: tables and pages, or JSON lines where ``as_json`` is set.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from corpus.cards import Card
from corpus.duplicates import Duplicate
from corpus.index import Hit
from corpus.ingest import IngestResult
from corpus.report import FigureKind, Genre, Report
from service.screen import out

HOW = {
    "title": "读自标题", "header": "读自文头", "number": "读自发文字号", "body": "读自正文", "signature": "读自落款",
    "file name": "读自文件名", "user": "用户修改",
}  # fmt: skip
FIGURE_KINDS = {
    FigureKind.ACTUAL: "实际",
    FigureKind.TARGET: "目标",
    FigureKind.REQUIREMENT: "要求",
    FigureKind.RANK: "位次",
    FigureKind.DIFFERENCE: "增减",
}


def ingest_table(result: IngestResult) -> None:
    """The closing table of an ingest, then each failed file with its reason."""
    table = Table(title="入库结果", show_header=False)
    table.add_column("项")
    table.add_column("数", justify="right")
    for name, value in (
        ("新入库的报告", result.reports),
        ("合并的重复报告", result.duplicates),
        ("替换的报告", result.replaced),
        ("没有变化而跳过的文件", result.skipped),
        ("修复处", sum(result.repairs.values())),
        ("仍有损坏处", result.damages),
        ("隐去的个人信息", result.masked),
        ("警告", sum(len(w) for w in result.warnings.values())),
        ("失败的文件", len(result.failures)),
        ("用时", f"{result.seconds:.1f}秒"),
    ):
        table.add_row(name, str(value))
    out.print(table)
    for path, warnings in result.warnings.items():
        for warning in warnings:
            out.print(Text(f"警告  {Path(path).name}：{warning}", style="yellow"), soft_wrap=True)
    for failure in result.failures:
        out.print(Text(f"失败  {failure}", style="red"), soft_wrap=True)
    if result.stopped:
        out.print("已按要求停止；再次运行同一命令可接着做。")


def report_table(cards: Sequence[Card], *, as_json: bool) -> None:
    """One row (or one JSON line) a report."""
    if as_json:
        for card in cards:
            click.echo(json.dumps(asdict(card), ensure_ascii=False))
        return
    if not cards:
        out.print("库中没有符合条件的报告。用 wenheng ingest 文件或文件夹 入库。")
        return
    table = Table()
    table.add_column("编号", no_wrap=True)
    for name in ("地方", "年份", "时段", "文种", "标题（来源文件）", "备注"):
        table.add_column(name, overflow="fold")
    for card in cards:
        table.add_row(
            card.id,
            card.place or "—",
            str(card.year or "—"),
            card.period or "—",
            Genre(card.genre).label,
            f"{card.title}（{card.source_name}）",
            _remarks(card),
        )
    out.print(table)


def _remarks(card: Card) -> str:
    """What a list says about a report beside its title."""
    found = (
        (card.merged_into, f"重复，并入{card.merged_into[:6]}"),
        (card.duplicates, f"另有{len(card.duplicates)}份重复"),
        (card.damages, f"损坏{card.damages}处"),
        (card.masked, f"隐去个人信息{card.masked}处"),
        (card.edited, "已修改元数据"),
    )
    return "；".join(text for given, text in found if given)


def report_page(report: Report, part: str, *, as_json: bool) -> None:
    """One report, whole or in part."""
    if as_json:
        click.echo(json.dumps(_report_json(report), ensure_ascii=False, default=str))
        return
    if part in ("all", "metadata"):
        _metadata(report)
    if part in ("all", "outline"):
        out.rule("提纲")
        for section in report.sections:
            out.print(
                Text(f"{'  ' * (section.level - 1)}{section.label}{section.title}  [{section.kind.label}]")
            )
    if part in ("all", "text"):
        out.rule("正文（标底色处为无法恢复的损坏文字）")
        text = Text(report.text)
        for span in report.damages:
            text.stylize("reverse red", span.start, span.end)
        out.print(text)
    if part in ("all", "figures"):
        _figures(report)
    if part in ("all", "repairs"):
        out.rule(f"修复记录（{len(report.repairs)}处，位置为原文字符序号）")
        for repair in report.repairs:
            out.print(
                Text(
                    f"{repair.start}-{repair.end}  {repair.kind}  “{repair.before}” → “{repair.after}” {repair.note}"
                )
            )


def _metadata(report: Report) -> None:
    meta = report.metadata
    table = Table(show_header=False, title=meta.title)
    rows: list[tuple[str, Any]] = [
        ("地方", meta.place), ("单位", meta.issuer), ("年份", meta.year), ("时段", meta.period), ("发文字号", meta.number), ("日期", meta.date),
    ]  # fmt: skip
    table.add_row("编号", report.id, "")
    table.add_row("文种", meta.genre.label, "")
    for name, field in rows:
        table.add_row(
            name, field.value if field else "文中未注明", HOW.get(field.how, field.how) if field else ""
        )
    table.add_row("来源", f"{report.source_name} 第{report.ordinal}篇", "")
    out.print(table)
    for warning in report.warnings:
        out.print(Text(f"警告：{warning}", style="yellow"))


def _figures(report: Report) -> None:
    table = Table(title=f"数字（{len(report.figures)}个）")
    for name in ("指标", "数值", "时段", "性质", "所在句"):
        table.add_column(name, overflow="fold")
    for figure in report.figures:
        note = "（已隐去）" if figure.masked else "（书写有误）" if figure.suspect else ""
        table.add_row(
            figure.indicator,
            figure.text + note,
            figure.period,
            FIGURE_KINDS[figure.kind],
            figure.sentence.of(report.text)[:60],
        )
    out.print(table)


def _report_json(report: Report) -> dict[str, Any]:
    value = {
        "id": report.id, "source": report.source_name, "ordinal": report.ordinal, "metadata": asdict(report.metadata),
        "text": report.text, "sections": [asdict(s) for s in report.sections], "figures": [asdict(f) for f in report.figures],
        "repairs": [asdict(r) for r in report.repairs], "damages": [asdict(d) for d in report.damages],
        "masked": report.masked, "warnings": list(report.warnings),
    }  # fmt: skip
    return value


def duplicate_table(duplicates: Iterable[Duplicate], cards: Sequence[Card], *, as_json: bool) -> None:
    """Merged copies with what they were merged into."""
    by_id = {card.id: card for card in cards}
    rows = list(duplicates)
    if as_json:
        for row in rows:
            click.echo(json.dumps(asdict(row), ensure_ascii=False, default=str))
        return
    if not rows:
        out.print("没有重复报告。")
        return
    table = Table()
    for name in ("重复报告", "并入", "类型", "相似度", "标题", "来源文件"):
        table.add_column(name, overflow="fold")
    for row in rows:
        card = by_id[row.report_id]
        kind = {"exact": "完全相同", "near": "大体相同", "user": "手工合并"}.get(str(row.kind), str(row.kind))
        table.add_row(row.report_id, row.kept_id, kind, f"{row.similarity:.2f}", card.title, card.source_name)
    out.print(table)
    out.print("撤销合并：wenheng duplicates --unmerge 编号")


def hit_list(hits: Sequence[Hit], cards: Mapping[str, Card], *, as_json: bool) -> None:
    """Passages with report, heading path and text."""
    for n, hit in enumerate(hits, 1):
        card, passage = cards[hit.passage.report_id], hit.passage
        if as_json:
            click.echo(json.dumps(
                {
                    "rank": n, "score": hit.score, "report_id": card.id, "title": card.title, "place": card.place, "year": card.year,
                    "path": list(passage.path), "section": passage.kind.value, "start": passage.span.start, "end": passage.span.end,
                    "text": passage.text,
                },
                ensure_ascii=False,
            ))  # fmt: skip
            continue
        out.print(
            Text(
                f"{n}. {card.title}  {card.place or ''}{f' {card.year}年' if card.year else ''}  [{card.id}]",
                style="bold",
            )
        )
        if passage.path:
            out.print(Text("   " + " › ".join(passage.path), style="cyan"))
        out.print(Text("   " + " ".join(passage.text.split()) + "\n"))
