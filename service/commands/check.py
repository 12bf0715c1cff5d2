"""``wenheng check``: proofread any text before it is handed in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.aliases import Aliases
from corpus.errors import EndpointError, InputError, ModelError
from corpus.ledger import Row, rows, rows_of
from corpus.report import Filter, Report
from service import screen
from service.commands.output import HELP, deliver, outputs
from service.commands.source import opened, year_before
from service.desk import Desk
from service.draft.inputs import DraftInput
from service.draft.source import as_source
from service.faults import guarded
from service.papers.provenance import OpenReport
from service.points.pairing import Similar
from service.proof.document import as_document
from service.proof.proofing import Against, Proof, proofread
from service.proof.rules import ABOUT, Group, chosen
from service.proof.sides import near, others

if TYPE_CHECKING:
    from service.cli import Context

_PATH = click.Path(path_type=Path, readable=False)


@click.command(context_settings=HELP)
@click.argument("source", metavar="FILE|REPORT", required=False)
@click.option("--input", "table", type=_PATH, metavar="INPUT", help="起草用的输入表（.xlsx、.yaml、.json）")
@click.option("--against", multiple=True, metavar="REPORT|FILE", help="只与这些报告对照，可重复")
@click.option("--only", multiple=True, metavar="RULE", help="只用这条或这组规则，可重复")
@click.option("--skip", multiple=True, metavar="RULE", help="不用这条或这组规则，可重复")
@click.option("--rules", "listing", is_flag=True, help="列出全部规则")
@outputs
@click.pass_obj
@guarded
def check(
    context: Context,
    source: str | None,
    table: Path | None,
    against: tuple[str, ...],
    only: tuple[str, ...],
    skip: tuple[str, ...],
    listing: bool,
    out: Path | None,
    as_json: bool,
    force: bool,
) -> None:
    """校对任何稿件：数字和标点、层次序号、用词、数字的出处、问题与任务、沿用旧文、遗留。

    FILE 是稿件（docx、pdf、html、txt、md），不必入库；也可以是库中报告的编号（见 wenheng reports）。
    数字和断言的出处在库中的报告和输入表里查找；规则见 --rules。
    """
    rules = chosen(only, skip)
    if listing:
        _list(as_json)
        return
    if not source:
        raise InputError("没有指明要校对的稿件", remedy="请写文件路径或报告编号，如 wenheng check 稿件.docx")
    with context.desk() as desk:
        side = _Side(desk, tuple(r for name in against for r in opened(desk, name)), table)
        proofs = tuple(proofread(r, side.against(r), rules) for r in opened(desk, source))
        deliver(as_document(proofs), out, as_json, force=force, open_report=side.opener(proofs))
    if not as_json:
        for one in proofs:
            _count(one)


class _Side:
    """What the texts of one file are held against, opened once."""

    def __init__(self, desk: Desk, named: Sequence[Report], table: Path | None) -> None:
        self.desk, self.named = desk, named
        self.aliases = Aliases.load(desk.library.home)
        self.given: DraftInput | None = None
        if table is not None:
            from service.draft.input_files import read_input  # openpyxl takes its time

            self.given = read_input(table, desk.report)
        self.source = as_source(self.given) if self.given else None

    def against(self, report: Report) -> Against:
        """The other side of one text."""
        told = report.metadata.place
        place = told.value if told else self.given.basic.place if self.given else ""
        cards = () if self.named else near(self.desk.cards(), report, place)
        reports = self.named or tuple(self.desk.report(card.id) for card in cards)
        return Against(
            self.aliases,
            self._rows(reports),
            others(reports, report, place),
            year_before(self.desk, report),
            self.given,
            self.source,
            self._similar,
        )

    def _rows(self, reports: Sequence[Report]) -> tuple[Row, ...]:
        """The figures of the reports, as the user corrected them where they are in the library."""
        wanted = Filter(report_ids=tuple(report.id for report in reports))
        kept = rows(self.desk.library, wanted, aliases=self.aliases) if reports else ()
        known = {row.report_id for row in kept}
        files = (row for one in reports if one.id not in known for row in rows_of(one, self.aliases))
        return (*kept, *files)

    def _similar(self) -> Similar | None:
        """The likeness of texts; None where the embedding model is not at hand."""
        try:
            self.desk.embedder.embed_query("问题")
        except (ModelError, EndpointError):
            return None
        return self.desk.likeness

    def opener(self, proofs: Sequence[Proof]) -> OpenReport:
        """Opens what the findings cite: the texts, the reports named, the input, what was counted, the library."""
        counted = (measured.report for one in proofs for measured in one.counts)
        given = (self.source.report,) if self.source else ()
        texts = {one.id: one for one in (*self.named, *given, *counted, *(proof.report for proof in proofs))}
        return lambda name: texts[name] if name in texts else self.desk.report(name)


def _list(as_json: bool) -> None:
    """All rules by group: id, name, what it says."""
    if as_json:
        listed = [
            {"id": rule.value, "group": about.group.value, "name": about.name, "tells": about.tells}
            for rule, about in ABOUT.items()
        ]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for group in Group:
        screen.out.print(f"\n{group.label}（{group.value}）", style="bold")
        for rule, about in ABOUT.items():
            if about.group is group:
                screen.out.print(f"  {rule.value}　{about.name}：{about.tells}", soft_wrap=True, markup=False)


def _count(one: Proof) -> None:
    """How much was read, on the screen only: it counts the text, and is no figure of the report."""
    told = f"共校对{one.sentences}句，发现{len(one.findings)}处"
    if one.tally is not None:
        told += f"；{one.tally.figures}个数值中，{one.tally.sourced}个有出处，{one.tally.computed}个可由文中的数算得"
    screen.out.print(told, soft_wrap=True)
