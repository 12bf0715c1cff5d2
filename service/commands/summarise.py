"""``wenheng summarise``: one report in short, or what many reports have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import NotFound
from corpus.report import GENRE_LABELS, Filter, Genre
from service.commands.output import HELP, deliver, outputs
from service.faults import argument
from service.making import scope, summary, summary_parts
from service.memo.columns import read_years
from service.summary import screen as screen_summary
from service.summary.summary import Length

if TYPE_CHECKING:
    from service.cli import Context

GENRES = {label: genre for genre, label in GENRE_LABELS.items()} | {genre.value: genre for genre in Genre}


def _decoded(context: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(argument(context, param, value) for value in values)


@click.command(context_settings=HELP)
@click.argument("targets", nargs=-1, metavar="[REPORT|WORDS]...", callback=_decoded)
@click.option("--place", "places", multiple=True, help="地名，可重复")
@click.option("--year", "--years", "years", multiple=True, help="年份：2022、2021..2024，可重复")
@click.option("--genre", "genres", multiple=True, help="文种：" + "、".join(GENRE_LABELS.values()))
@click.option(
    "--length",
    type=click.Choice([length.value for length in Length]),
    default=Length.STANDARD.value,
    show_default=True,
    help="篇幅；问题和打算在任何篇幅下都不减少，只缩短每一条",
)
@click.option("--no-model", is_flag=True, help="不用语言模型，概述为原文摘录")
@outputs
@click.pass_obj
def summarise(
    context: Context,
    /,
    targets: tuple[str, ...],
    places: tuple[str, ...],
    years: tuple[str, ...],
    genres: tuple[str, ...],
    length: str,
    no_model: bool,
    out: Path | None,
    as_json: bool,
    force: bool,
) -> None:
    """摘要一份报告，或归纳多份报告的共性；每句话都注明来源。

    REPORT 是报告编号或标题；几份报告，或“2022年各县卫健局存在的共性问题”这样的话，归纳为一篇。
    """
    wanted = Filter(
        places=places, years=read_years(",".join(years)) if years else (), genres=tuple(map(_genre, genres))
    )
    with context.desk_with_models() as desk:
        request = scope(desk, targets, wanted)
        if request.single and out is None and not as_json:
            card = request.cards[0]
            screen_summary.show(
                card,
                lambda told: summary_parts(desk, card, Length(length), phrased=not no_model, on_text=told),
                desk.report,
            )
            return
        made = summary(desk, request, Length(length), phrased=not no_model)
        deliver(made.document, out, as_json, force=force, open_report=made.open_report)


def _genre(name: str) -> Genre:
    if name not in GENRES:
        raise NotFound(f"没有“{name}”这种文种", remedy=f"可用的文种：{'、'.join(GENRE_LABELS.values())}")
    return GENRES[name]
