"""Scores ``wenheng cover`` against hand labels: is an item of the superior covered, covered in part, or missing?

In: ``eval/labels/cover-*.jsonl``, one item and one draft a line, the folders with the files, an embedding model. Out:
precision and recall for each verdict, and how many answers were shown with a passage that the reader had marked.

The labels hold no text: files are named by the sha256 of their bytes, items and answers by *raw* offsets. They were
written by one reader from the pages, before any output was looked at. ``optional`` ones, where an expert could go
either way, do not count. The real plans are of other places than the superior, so that most items are missing there;
the two pairs in ``tests/data/cover`` and the sample corpus, all fictional, answer many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass as plain
from pathlib import Path
from typing import get_args

import click
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from corpus.aliases import Aliases
from corpus.errors import InputError, NotFound, WenhengError
from corpus.report import Report, Span
from corpus.samples import SAMPLES
from eval.labels import LABELS, STRICT, Range, Split, by_hash
from eval.metrics import wilson
from eval.records import filled_lines, validated
from service.cover.answers import Finding, Verdict, findings
from service.cover.items import items
from service.cover.planned import planned
from service.desk import Desk
from service.points.pairing import Similar
from service.proof.text import Text
from service.pursuit.pursuit import Side

FICTIONAL = (SAMPLES, Path(__file__).parents[1] / "tests" / "data" / "cover")
UP = "提到的"  # covered, or in part


@dataclass(frozen=True, slots=True, config=STRICT)
class Label:
    """One item of a superior and what one draft does with it; ``answers`` are the passages of the draft that say so."""

    id: str
    split: Split
    sha256: str
    report: str
    start: int
    end: int
    draft_sha256: str
    draft: str
    verdict: Verdict
    answers: tuple[Range, ...] = ()
    optional: bool = False


RECORD = TypeAdapter(Label)


@plain(frozen=True, slots=True)
class Judged:
    """A label with what was found; ``shown`` says whether a marked passage was among the answers, or, for an item that
    was called missing, is what the document names as closest.
    """

    label: Label
    found: Verdict
    title: str
    shown: bool


def load(split: Split, folder: Path = LABELS) -> tuple[Label, ...]:
    """The labels of one half, in order.

    Raises:
        NotFound: the file is not there.
        InputError: a line is no valid label, an id occurs twice, or a label is of the other half.
    """
    path = folder / f"cover-{split}.jsonl"
    if not path.is_file():
        raise NotFound("没有找到标注文件", where=str(path), remedy="请检查 eval/labels 文件夹")
    found: dict[str, Label] = {}
    for where, line in filled_lines(path):
        label = validated(RECORD, line, what="标注", where=where, remedy="请对照 eval/cover.py 修改")
        if (
            label.id in found
            or label.split != split
            or bool(label.answers) == (label.verdict is Verdict.MISSING)
        ):
            raise InputError(
                f"标注 {label.id!r} 编号重复、属于另一半，或答处与判断不符",
                where=where,
                remedy="请修改这一行",
            )
        found[label.id] = label
    return tuple(found.values())


def reports_of(folders: Iterable[Path], wanted: Iterable[str]) -> dict[str, Report]:
    """The reports in the files with these hashes, by id.

    Raises:
        NotFound: a file is not there; a score over a part of the labels would look like one over all.
    """
    found, missing = by_hash(folders, wanted)
    if missing:
        names = "、".join(sorted(digest[:12] for digest in missing))
        raise NotFound(
            f"缺少标注所指的{len(missing)}个文件（sha256 {names}）",
            remedy="请用 --reports 指出含有它们的文件夹",
        )
    return {report.id: report for reports in found.values() for report in reports}


def judge(
    labels: Sequence[Label], reports: dict[str, Report], similar: Similar, aliases: Aliases
) -> tuple[Judged, ...]:
    """What is found for each label that counts."""
    judged: list[Judged] = []
    for above, below in dict.fromkeys((label.report, label.draft) for label in labels):
        superior, draft = _side(reports[above], aliases), _side(reports[below], aliases)
        found = findings(items(superior, draft.card.place), planned(draft), similar, aliases)
        for label in labels:
            if (label.report, label.draft) == (above, below) and not label.optional:
                judged.append(_judged(label, found, superior.report, draft.report))
    return tuple(judged)


def _side(report: Report, aliases: Aliases) -> Side:
    text = Text(report, aliases)
    return Side(report, text.card, text.rows)


def _judged(label: Label, found: Sequence[Finding], superior: Report, draft: Report) -> Judged:
    def common(finding: Finding) -> int:
        start, end = _raw(superior, finding.item.span)
        return min(end, label.end) - max(start, label.start)

    best = max(found, key=common, default=None)
    if best is None or common(best) <= 0:
        return Judged(label, Verdict.MISSING, "", False)
    told = [_raw(draft, telling.span) for telling in best.told]
    told += [_raw(draft, best.near.span)] if best.near else []
    shown = any(low < end and start < high for low, high in told for start, end in label.answers)
    return Judged(label, best.verdict, best.item.title, shown)


def _raw(report: Report, span: Span) -> Range:
    return report.raw_offset(span.start), report.raw_offset(span.end - 1) + 1


@plain(frozen=True, slots=True)
class Score:
    """Precision and recall of one verdict, in numbers."""

    name: str
    right: int
    found: int
    labelled: int


def scores(judged: Sequence[Judged]) -> tuple[Score, ...]:
    """For each verdict, and for covered and in part together."""
    pairs = Counter((one.label.verdict, one.found) for one in judged)
    made = [_score(verdict.label, pairs, {verdict}) for verdict in Verdict]
    return (*made, _score(UP, pairs, {Verdict.COVERED, Verdict.PARTLY}))


def _score(name: str, pairs: Counter[tuple[Verdict, Verdict]], kinds: set[Verdict]) -> Score:
    def total(gold: bool, got: bool) -> int:
        return sum(n for (a, b), n in pairs.items() if (a in kinds or not gold) and (b in kinds or not got))

    return Score(name, total(True, True), total(False, True), total(True, False))


def lines(judged: Sequence[Judged]) -> Iterator[str]:
    """Each label that was judged otherwise."""
    for one in judged:
        if one.found is not one.label.verdict:
            yield f"{one.label.id} 标注{one.label.verdict.label}，判为{one.found.label}：{one.title}"


def table(judged: Sequence[Judged]) -> Table:
    """The scores as users see them."""
    shown = Table("判断", "准确率", "召回率", box=SIMPLE)
    for score in scores(judged):
        shown.add_row(score.name, _share(score.right, score.found), _share(score.right, score.labelled))
    lost = [one for one in judged if one.found is Verdict.MISSING is not one.label.verdict]
    shown.add_row("漏判而有提示", _share(sum(one.shown for one in lost), len(lost)), "")
    answered = [one for one in judged if Verdict.MISSING not in (one.found, one.label.verdict)]
    shown.add_row("答处相符", _share(sum(one.shown for one in answered), len(answered)), "")
    return shown


def _share(part: int, whole: int) -> str:
    if not whole:
        return "—"
    low, high = wilson(part, whole)
    return f"{part}/{whole}（{low * 100:.0f}–{high * 100:.0f}）"


@click.command(help="用人工标注核对 wenheng cover：已覆盖、部分覆盖、未提及。")
@click.option("--reports", type=click.Path(path_type=Path), required=True, help="原始报告所在文件夹")
@click.option(
    "--home", type=click.Path(path_type=Path), required=True, help="数据文件夹（只用其中的设置和向量模型）"
)
@click.option("--split", type=click.Choice(get_args(Split)), default="dev", help="哪一半标注")
@click.option("--errors", is_flag=True, help="逐条列出差错（只限 dev）")
def main(reports: Path, home: Path, split: Split, errors: bool) -> None:
    """Command line."""
    console = Console(width=160)
    try:
        if errors and split != "dev":
            raise InputError(
                f"{split!r} 是留作检验的一半，不列差错", remedy="请去掉 --errors，或改用 --split dev"
            )
        labels = load(split)
        wanted = {digest for label in labels for digest in (label.sha256, label.draft_sha256)}
        files = reports_of((*FICTIONAL, reports), wanted)
        with Desk.open(home=home) as desk:
            judged = judge(labels, files, desk.likeness, Aliases.load(home))
    except WenhengError as error:
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    if errors:
        for line in lines(judged):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(table(judged))


if __name__ == "__main__":
    main()
