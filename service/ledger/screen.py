"""What the terminal shows of the ledger: rows with their source sentence, aliases, candidates, changes.

In: rows of the ledger. Out: a table, or one JSON object a line where ``as_json`` is set. Values stand as the
report writes them; what is masked, unreadable, corrected or another place's is said beside them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from corpus.aliases import Aliases
from corpus.corrections import KINDS, Correction
from corpus.ledger import Row
from corpus.report import Span
from service.ledger.proposals import Proposal
from service.papers.presenting import clean, masked
from service.screen import out

AROUND = 22  # characters of the sentence on either side of a figure
SHORT_ID = 6


def row_table(rows: Sequence[Row], *, most: int) -> None:
    """The rows, then how many were left out."""
    table = Table()
    for name in ("行号", "地方", "时段", "指标", "数值", "性质", "原句"):
        table.add_column(
            name, overflow="fold", no_wrap=name == "行号", min_width=28 if name == "原句" else None
        )
    for row in rows[:most]:
        table.add_row(
            short_id(row),
            row.place or "—",
            row.when.label if row.when else "未注明",
            clean(row.name),
            _value(row),
            KINDS[row.kind],
            around(row),
        )
    out.print(table)
    places = len({row.report_id for row in rows})
    told = f"共{len(rows)}个数字，出自{places}份报告"
    rest = f"；只显示前{most}个，用 --limit 或 -o 台账.xlsx 看全部" if len(rows) > most else ""
    out.print(f"{told}{rest}。")


def short_id(row: Row) -> str:
    """The row's id as it is typed: the beginning of the report's id, and the offset."""
    report, _, position = row.id.partition(":")
    return f"{report[:SHORT_ID]}:{position}"


def _value(row: Row) -> Text:
    qualifier = row.qualifier if row.qualifier and row.qualifier not in row.text else ""
    text = Text(clean(f"{row.text}{f'（{qualifier}）' if qualifier else ''}"))
    if row.corrected:
        text.append(f"（人工更正，原文：{clean(row.original)}）", style="yellow")
    elif row.masked:
        text.append("（原文隐去）", style="yellow")
    elif row.suspect:
        text.append("（原文书写有误）", style="yellow")
    return text


def around(row: Row) -> Text:
    """The piece of the sentence that holds the figure, with the figure marked."""
    at = Span(row.span.start - row.sentence.start, row.span.end - row.sentence.start)
    low, high = max(0, at.start - AROUND), at.end + AROUND
    before, figure, after = (
        clean(row.quote[low : at.start]),
        clean(at.of(row.quote)),
        clean(row.quote[at.end : high]),
    )
    text = Text(("…" if low else "") + before)
    text.append(figure, style="bold")
    text.append(after + ("…" if high < len(row.quote) else ""))
    return text


def row_lines(rows: Sequence[Row]) -> None:
    """One JSON object a row."""
    for row in rows:
        click.echo(json.dumps(masked(row_json(row)), ensure_ascii=False))


def row_json(row: Row) -> dict[str, Any]:
    """A row as a plain object; numbers are text, so that no digit is lost."""
    return {
        "id": row.id,
        "report_id": row.report_id,
        "title": row.title,
        "place": row.place,
        "report_place": row.report_place,
        "issuer": row.issuer,
        "year": row.year,
        "indicator": row.indicator,
        "name": row.name,
        "value": None if row.value is None else f"{row.value:f}",
        "upper": None if row.upper is None else f"{row.upper:f}",
        "unit": row.unit,
        "factor": f"{row.factor:f}",
        "text": row.text,
        "qualifier": row.qualifier,
        "when": row.when.code if row.when else None,
        "when_label": row.when.label if row.when else None,
        "as_of": row.as_of.isoformat() if row.as_of else None,
        "kind": row.kind.value,
        "section": row.section.value,
        "path": list(row.path),
        "masked": row.masked,
        "suspect": row.suspect,
        "former": row.former,
        "corrected": row.corrected,
        "original": row.original,
        "start": row.span.start,
        "end": row.span.end,
        "sentence": [row.sentence.start, row.sentence.end],
        "quote": row.quote,
    }


def changed(rows: Sequence[Row], verb: str) -> None:
    """Rows after a correction or its undoing."""
    for row in rows:
        was = f"（原文：{clean(row.original)}）" if row.corrected else ""
        when = row.when.label if row.when else "时段未注明"
        out.print(
            Text(
                f"{verb}  {short_id(row)}  {row.place or '—'}  {when}  {clean(row.name)}  {clean(row.text)}{was}"
            ),
            soft_wrap=True,
        )


def adrift(found: Sequence[Correction]) -> None:
    """Corrections that lead to no figure any more."""
    if found:
        figures = "、".join(dict.fromkeys(clean(c.original) for c in found[:5]))
        out.print(
            Text(
                f"有{len(found)}处人工更正对不上现有报告中的数字（{figures}），没有使用；原文件恢复后会自动生效。",
                style="yellow",
            ),
            soft_wrap=True,
        )


def alias_table(aliases: Aliases, *, as_json: bool) -> None:
    """The table in force: each alias with what it means and where that is written."""
    links = [link for found in aliases.links.values() for link in found]
    if as_json:
        for link in links:
            row = {
                "alias": link.name,
                "name": link.meant,
                "unit": link.unit,
                "near": link.near,
                "where": link.where,
            }
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    table = Table(title="指标别名")
    for name in ("别名", "标准名", "限单位", "限上下文", "写在"):
        table.add_column(name, overflow="fold")
    for link in sorted(links, key=lambda link: (link.meant, link.name)):
        table.add_row(link.name, link.meant, link.unit, link.near, link.where)
    out.print(table)


def proposals(found: Sequence[Proposal], *, as_json: bool) -> None:
    """Candidates, with the command that accepts one."""
    if as_json:
        for p in found:
            row = {
                "one": p.one,
                "other": p.other,
                "unit": p.unit,
                "score": round(p.score, 4),
                "reports": p.reports,
            }
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    if not found:
        out.print("没有找到可能同义的指标名。")
        return
    table = Table(title="可能同义的指标名（仅供参考，不会自动合并）")
    for name in ("指标", "也许同义", "单位", "相似度", "报告数"):
        table.add_column(name, overflow="fold")
    for p in found:
        table.add_row(p.one, p.other, p.unit, f"{p.score:.2f}", f"{p.reports[0]}、{p.reports[1]}")
    out.print(table)
    out.print(
        Text(f'确认同义的，用：wenheng figures --alias "{found[0].one}={found[0].other}"'), soft_wrap=True
    )
