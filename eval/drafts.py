"""Scores drafts against the sections that offices wrote themselves (隐去部分的起草评测).

In: the labels ``drafts-*`` and the folder with the reports. Out: for each case a row of a table: numerals with a
source, rows told, links named, gold points made, contradictions, share copied, and what it cost; with ``--faults`` each
fault in a line, with ``--json`` all of it for machines, with ``--out`` the drafts themselves.

    python -m eval.drafts --reports FOLDER [--model] [--only 004] [--faults]
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from corpus.errors import WenhengError
from eval.drafts_cases import Point, files, load_cases, load_points
from eval.drafts_contradictions import Against, contradictions
from eval.drafts_metrics import (
    Link,
    Made,
    Numeral,
    Told,
    copies,
    links,
    made,
    numerals,
    rows_told,
    unanswered,
)
from eval.drafts_run import Cost, Drafted, drafted
from eval.drafts_text import page, prose

ENOUGH = Decimal("90")  # percent of the gold points
MOST_COPIED = Decimal("5")  # percent of the draft


@dataclass(frozen=True, slots=True)
class Score:
    """All verdicts on one draft."""

    case: str
    characters: int
    refused: str
    numerals: tuple[Numeral, ...]
    rows: tuple[Told, ...]
    links: tuple[Link, ...]
    points: tuple[Made, ...]
    against: tuple[Against, ...]
    copied: Decimal
    copies: tuple[str, ...]
    steps: tuple[Cost, ...]
    first: float

    @property
    def holds(self) -> bool:
        """Whether all that issue 4 asks of a draft is so."""
        return (
            not self.refused
            and all(one.sourced for one in self.numerals)
            and all(row.right for row in self.rows)
            and all(link.named for link in self.links)
            and _percent(one.right for one in self.points) >= ENOUGH
            and not self.against
            and self.copied < MOST_COPIED
        )


def score(one: Drafted, points: Iterable[Point]) -> Score:
    """The verdicts on a draft."""
    keys = [(point.id, point.row, point.key) for point in points if point.case == one.case.id]
    percent, runs = copies(one.document, one.given, (one.hidden, *one.past))
    return Score(
        one.case.id,
        len(prose(one.document)),
        one.refused,
        numerals(one.document),
        rows_told(one.document, one.given),
        links(one.document, one.given),
        made(one.document, keys),
        contradictions(one.document, one.given, one.hidden, one.places),
        percent,
        tuple(run.text for run in runs),
        one.costs,
        one.first,
    )


def _percent(verdicts: Iterable[bool]) -> Decimal:
    every = list(verdicts)
    return Decimal(100 * sum(every)) / len(every) if every else Decimal(100)


# -- showing ----------------------------------------------------------------------------------------

HEADS = (
    "起草",
    "字数",
    "数字有出处",
    "问题任务齐",
    "对应关系",
    "要点",
    "矛盾",
    "照搬%",
    "模型成文",
    "秒",
    "首句秒",
    "词元",
    "达标",
)


def table(scores: Sequence[Score]) -> Table:
    """A row a draft, and the total."""
    shown = Table(*HEADS)
    for one in scores:
        shown.add_row(*_cells(one.case, [one]))
    if len(scores) > 1:
        shown.add_row(*_cells("合计", scores), style="bold")
    return shown


def _cells(name: str, scores: Sequence[Score]) -> list[str]:
    steps = [step for one in scores for step in one.steps]
    characters = sum(one.characters for one in scores)
    copied = sum(one.copied * one.characters for one in scores) / characters if characters else Decimal(0)
    passed = all(not one.refused for one in scores)
    return [
        name,
        str(characters),
        _share(n.sourced for one in scores for n in one.numerals) + ("" if passed else " 未过关"),
        _share(row.right for one in scores for row in one.rows),
        _share(link.named for one in scores for link in one.links),
        _share(point.right for one in scores for point in one.points),
        str(sum(len(one.against) for one in scores)),
        f"{copied:.1f}",
        _share(step.phrased for step in steps),
        f"{sum(step.seconds for step in steps):.1f}",
        f"{max((one.first for one in scores), default=0.0):.1f}",
        str(sum(step.tokens for step in steps)),
        _share(one.holds for one in scores),
    ]


def _share(verdicts: Iterable[bool]) -> str:
    every = list(verdicts)
    return f"{sum(every)}/{len(every)}"


def faults(one: Score) -> Iterator[str]:
    """A line for each thing that is not as it must be."""
    if one.refused:
        yield f"{one.case}　未过关　{one.refused}"
    for numeral in one.numerals:
        if not numeral.sourced:
            yield f"{one.case}　数字无出处　{numeral.text}　{numeral.where}"
    for row in one.rows:
        if not row.right:
            yield f"{one.case}　{row.row}　没有写全（{row.words:.2f}）　缺：{'；'.join(row.lost)}"
    for link in one.links:
        if not link.named:
            yield f"{one.case}　{link.task}　没有点明针对{link.problem}"
    for problem in unanswered(one.links):
        yield f"{one.case}　{problem}　没有任务对应"
    for point in one.points:
        if not point.right:
            yield f"{one.case}　要点 {point.point}（{point.row}）　{point.words:.2f}　缺：{'；'.join(point.lost) or '词语'}"
    for fault in one.against:
        yield f"{one.case}　矛盾 {fault.kind}　{fault.what}　{fault.where}"
    for run in one.copies:
        yield f"{one.case}　照搬　{run}"
    for step in one.steps:
        if step.faults:
            yield f"{one.case}　第{step.key}步　模型之误　{'；'.join(step.faults)}"


def to_json(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """All verdicts as plain objects."""
    return [
        asdict(one) | {"copied": str(one.copied), "holds": one.holds, "unanswered": unanswered(one.links)}
        for one in scores
    ]


# -- running ----------------------------------------------------------------------------------------


@click.command(help="隐去真实报告的“问题”“打算”部分，按标注的输入起草，再与原文核对。")
@click.option("--reports", type=click.Path(path_type=Path), required=True, help="原始报告所在文件夹")
@click.option("--model/--no-model", default=False, help="由模型成文；默认由程序写")
@click.option("--only", default="", help="只做这些，逗号分隔，如 004,2019")
@click.option("--faults", "list_faults", is_flag=True, help="逐条列出差错")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option("--out", type=click.Path(path_type=Path), help="把各份稿子存进这个文件夹")
def main(reports: Path, model: bool, only: str, list_faults: bool, as_json: bool, out: Path | None) -> None:
    """Command line."""
    console = Console(width=220)
    try:
        scores = list(run(reports, [name.strip() for name in only.split(",") if name.strip()], model, out))
    except WenhengError as error:
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        click.echo(json.dumps(to_json(scores), ensure_ascii=False, indent=2))
        return
    if list_faults:
        for line in (line for one in scores for line in faults(one)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(table(scores))


def run(reports: Path, only: Sequence[str], model: bool, out: Path | None) -> Iterator[Score]:
    """The scores of the cases, one after the other."""
    from service.desk import Desk

    cases, points = load_cases(only=only), load_points()
    paths = files(reports, {digest for case in cases for digest in (case.sha256, *case.seen)})
    with ExitStack() as stack:
        chat = stack.enter_context(Desk.open()).model() if model else None
        for case in cases:
            one = drafted(case, paths, chat)
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
                (out / f"{case.id}.txt").write_text(page(one.document), encoding="utf-8")
            yield score(one, points)


if __name__ == "__main__":
    main()
