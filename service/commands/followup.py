"""``wenheng followup``: the promises of last year's report against what this year's tells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import InputError
from corpus.ledger import rows_of
from service.commands.output import HELP, deliver, outputs
from service.desk import Desk
from service.faults import guarded
from service.pursuit.pursuit import Side, pursue
from service.pursuit.sides import beside, choose

if TYPE_CHECKING:
    from service.cli import Context


@click.command(context_settings=HELP)
@click.argument("reports", nargs=-1)
@click.option("--place", help="地区，如 --place 某县")
@click.option("--year", type=int, help="看哪一年的报告怎样交代")
@click.option("--against", type=int, metavar="YEAR", help="与哪一年的报告对照（默认是上一年）")
@outputs
@click.pass_obj
@guarded
def followup(
    context: Context,
    reports: tuple[str, ...],
    place: str | None,
    year: int | None,
    against: int | None,
    out: Path | None,
    as_json: bool,
    force: bool,
) -> None:
    """对照上一年的打算、目标和承诺，看这一年的报告怎样交代：完成、部分完成、没有提及。

    REPORTS 是报告编号，先前的在前、后来的在后（见 wenheng reports）；不给编号时按 --place 和 --year 选取
    上一年的总结和当年的计划、要点。
    """
    if reports and (place or year or against):
        raise InputError("报告编号和 --place、--year 不能同时给出", remedy="请只用其中一种")
    with context.desk_with_models() as desk:
        aliases = Aliases.load(desk.library.home)
        old, new = _named(desk, reports) if reports else choose(desk.cards(), place, year, against)
        also = () if reports else beside(desk.cards(), new)
        before, (after, *more) = (
            [_side(desk, card, aliases) for card in cards] for cards in (old, (new, *also))
        )
        made = pursue(before, after, desk.likeness, aliases, more)
        deliver(made, out, as_json, force=force, open_report=desk.report)


def _named(desk: Desk, reports: Sequence[str]) -> tuple[tuple[Card, ...], Card]:
    """The reports by id, the last one being the later one."""
    if len(reports) < 2:
        raise InputError("只给了一份报告，无从对照", remedy="请先写先前的报告编号，再写后来的")
    cards = {card.id: card for card in desk.cards_of(reports)}
    ordered = [cards[desk.library.full_id(report)] for report in reports]
    if len(set(ordered)) < len(ordered):
        raise InputError("同一份报告给了两次，无从对照", remedy="请给出两份不同的报告")
    return tuple(ordered[:-1]), ordered[-1]


def _side(desk: Desk, card: Card, aliases: Aliases) -> Side:
    report = desk.report(card.id)
    return Side(report, card, rows_of(report, aliases))
