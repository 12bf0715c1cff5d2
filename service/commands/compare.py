"""``wenheng compare``: years of a place, places of a year, or two reports, as a memo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import EndpointError, InputError, ModelError
from service import screen
from service.commands.output import HELP, deliver, outputs
from service.desk import Desk
from service.faults import guarded
from service.making import memo
from service.memo.columns import Request, read_years
from service.phrase import Chat

if TYPE_CHECKING:
    from service.cli import Context


@click.command(context_settings=HELP)
@click.argument("reports", nargs=-1)
@click.option("--place", "--places", "places", multiple=True, help="地区，可重复，也可写成 A,B,C")
@click.option("--years", "--year", "years", help="年份：2021..2024、2021,2023 或 2024")
@click.option("--indicator", "indicators", multiple=True, help="只比较这些指标，可重复")
@click.option("--no-narrative", is_flag=True, help="主要发现不经语言模型润色")
@outputs
@click.pass_obj
@guarded
def compare(
    context: Context,
    reports: tuple[str, ...],
    places: tuple[str, ...],
    years: str | None,
    indicators: tuple[str, ...],
    no_narrative: bool,
    out: Path | None,
    as_json: bool,
    force: bool,
) -> None:
    """对比各年、各地或两份报告：指标、问题与打算的变化，写成备忘录。

    REPORTS 是两份或几份报告的编号（见 wenheng reports）；不给编号时按 --place 和 --years 对比。
    """
    if reports and (places or years):
        raise InputError("报告编号和 --place、--years 不能同时给出", remedy="请只用其中一种")
    asked = tuple(
        place for text in places for place in text.replace("，", ",").replace("、", ",").split(",") if place
    )
    with context.desk_with_models() as desk:
        request = Request(asked, read_years(years) if years else (), reports, indicators)
        made = memo(desk, request, None if no_narrative else _chat(desk))
        deliver(made.document, out, as_json, force=force, open_report=made.open_report, terms=made.terms)


def _chat(desk: Desk) -> Chat | None:
    """The model, or None with a word to the user where it cannot be had."""
    try:
        return desk.model()
    except (ModelError, EndpointError) as error:
        screen.error(f"语言模型没有参加，主要发现按原样写出。{error}")
        return None
