"""``wenheng cover``: does the county's plan answer what its superior asks for?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import NotFound
from corpus.report import Report
from service.commands.output import HELP, deliver, outputs
from service.cover.sides import as_plan, is_input, of_draft, only
from service.desk import Desk
from service.draft.session import draft_of
from service.faults import guarded
from service.making import cover as held_against
from service.opening import opened

if TYPE_CHECKING:
    from service.cli import Context


@click.command(context_settings=HELP)
@click.argument("draft", metavar="DRAFT")
@click.option("--against", required=True, metavar="REPORT", help="上级的要点或计划：报告编号或文件")
@outputs
@click.pass_obj
@guarded
def cover(context: Context, draft: str, against: str, out: Path | None, as_json: bool, force: bool) -> None:
    """逐项对照上级的工作要点：本县的安排已覆盖、部分覆盖还是没有提及。

    DRAFT 是稿件（docx、pdf、html、txt、md）、起草用的输入表（xlsx、yaml、json），库中报告或稿子的编号；
    --against 是上级的工作要点或计划，写库中报告的编号（见 wenheng reports）或文件。
    稿子的编号见 wenheng draft list。
    """
    with context.desk_with_models() as desk:
        own, above = _named(desk, draft), only(opened(desk, against), against)
        made = held_against(desk, own, above)
        deliver(made.document, out, as_json, force=force, open_report=made.open_report)


def _named(desk: Desk, draft: str) -> Report:
    """The draft as a report: an input table, a file, a report of the library, or a draft of the store."""
    path = Path(draft)
    if is_input(path):
        from service.draft.input_files import read_input  # openpyxl takes its time

        return as_plan(read_input(path, desk.report))
    try:
        return only(opened(desk, draft), draft)
    except NotFound:
        if path.suffix or len(path.parts) > 1:
            raise
    try:
        stored = desk.library.drafts.load(draft)
    except NotFound as error:
        raise NotFound(
            "没有这个文件，库里也没有这个编号的报告或稿子",
            where=draft,
            remedy="请核对文件路径，或用 wenheng reports、wenheng draft list 查看编号",
        ) from error
    return of_draft(draft_of(stored.state, stored.id))
