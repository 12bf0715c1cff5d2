"""``wenheng summarise``: one report in short, or what many reports have in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.cards import Card
from corpus.errors import NotFound
from corpus.ledger import rows
from corpus.report import GENRE_LABELS, Filter, Genre
from service.commands.output import HELP, deliver, outputs
from service.desk import Desk
from service.faults import argument
from service.memo.columns import read_years
from service.papers.document import Document
from service.summary import screen as screen_summary
from service.summary.rephrase import Told
from service.summary.scope import Request, resolve
from service.summary.summary import Length, Part, assembled, parts
from service.summary.synthesis import Source, synthesise

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
        request = resolve(targets, wanted, desk.cards(), desk.library.full_id, desk.understand)
        if not request.single:
            document = _synthesis(desk, request, Length(length))
        elif out is None and not as_json:
            card = request.cards[0]
            screen_summary.show(card, lambda told: _parts(desk, card, length, no_model, told), desk.report)
            return
        else:
            card = request.cards[0]
            document = assembled(card, _parts(desk, card, length, no_model, None))
        deliver(document, out, as_json, force=force, open_report=desk.report)


def _genre(name: str) -> Genre:
    if name not in GENRES:
        raise NotFound(f"没有“{name}”这种文种", remedy=f"可用的文种：{'、'.join(GENRE_LABELS.values())}")
    return GENRES[name]


def _parts(desk: Desk, card: Card, length: str, no_model: bool, told: Told | None) -> Iterator[Part]:
    """The parts of one summary; the model loads while the report is read."""
    if not no_model:
        desk.warm()
    figures = rows(desk.library, Filter(report_ids=(card.id,)))
    model = None if no_model else desk.model
    return parts(desk.report(card.id), card, figures, model, Length(length), on_text=told)


def _synthesis(desk: Desk, request: Request, length: Length) -> Document:
    return synthesise(
        [Source(desk.report(card.id), card) for card in request.cards],
        request.kinds,
        desk.likeness,
        length,
        asked=request.asked,
        places=request.places,
        years=request.years,
        gaps=request.gaps,
        apart=[Source(desk.report(card.id), card) for card in request.apart],
    )
