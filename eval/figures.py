"""Scores the extractor of figures against the hand labels.

In: the labelled sentences of one half and the folder with the reports. Out: precision and recall of
value and unit, and of the matched figures the share whose indicator, period, kind and qualifier are
right, for each report and over all, with 95 % intervals.

Two spans meet in raw offsets. What a label calls optional counts neither way; every other figure of
the product inside a labelled sentence that no label knows is a false one. The put-aside half shows
numbers only: whoever sees its faults could tune to them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import get_args

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from corpus.aliases import Aliases
from corpus.errors import InputError, WenhengError
from corpus.ledger import rows_of
from corpus.report import Figure, FigureKind, Report
from eval.labels import LABELS, Labelled, LabelledFigure, Range, Split, load, sources
from eval.metrics import wilson
from eval.times import same_time
from eval.units import Quantity, agree, bound, labelled, produced

PHRASE_SHARE = Decimal("0.7")  # of the indicator's characters that must lie in the labelled phrase
_SKIP = re.compile(r"[\s()（）\[\]“”\"‘’'「」《》]")
_HAN = re.compile(r"[\u3400-\u9fff]")

CodeOf = Callable[[Report, Figure], str | None]  # the canonical code of the period of a figure


@dataclass(frozen=True, slots=True)
class Found:
    """A figure of the product with its report and its raw range."""

    report: Report
    figure: Figure
    raw: Range


@dataclass(frozen=True, slots=True)
class Match:
    """A label and the product's figure with the same value and unit; None: nothing to judge."""

    label: LabelledFigure
    found: Found
    indicator: bool | None
    period: bool | None
    kind: bool
    qualifier: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence: what was matched, what the product missed, and what it made up."""

    sentence: Labelled
    matches: tuple[Match, ...]
    missed: tuple[LabelledFigure, ...]
    extra: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Right ones of all, with the interval."""

    right: int
    total: int

    @property
    def text(self) -> str:
        """98.2% (167/170)."""
        return f"{self.right / self.total:.1%} ({self.right}/{self.total})" if self.total else "—"

    @property
    def interval(self) -> str:
        """95 % interval, 95.1–99.4."""
        low, high = wilson(self.right, self.total)
        return f"{low * 100:.1f}–{high * 100:.1f}" if self.total else "—"


@dataclass(frozen=True, slots=True)
class Score:
    """The shares of one report, or over all."""

    name: str
    sentences: int
    precision: Share
    recall: Share
    indicator: Share
    period: Share
    kind: Share
    qualifier: Share


def judge(sentence: Labelled, reports: Sequence[Report], when: CodeOf | None = None) -> Judged:
    """Pair the labels of a sentence with the figures that the product finds in it."""
    free = list(found_in(sentence, reports))
    matches, missed = [], []
    for label in sorted(sentence.figures, key=lambda f: (f.optional, f.start)):
        wanted = labelled(label)
        found = next((f for f in free if _meet(label, f.raw) and agree(wanted, produced(f.figure))), None)
        if found is not None:
            free.remove(found)
        if label.optional:
            continue
        if found is None:
            missed.append(label)
        else:
            matches.append(_match(label, found, when))
    excused = [label for label in sentence.figures if label.optional]
    extra = tuple(f for f in free if not any(_meet(label, f.raw) for label in excused))
    return Judged(sentence, tuple(matches), tuple(missed), extra)


def found_in(sentence: Labelled, reports: Iterable[Report]) -> Iterator[Found]:
    """The product's figures in the raw range of a sentence."""
    for report in reports:
        for figure in report.figures:
            low, high = report.origin.raw_span(figure.span.start, figure.span.end)
            if sentence.start < high and low < sentence.end:
                yield Found(report, figure, (low, high))


def _meet(label: LabelledFigure, raw: Range) -> bool:
    return label.start < raw[1] and raw[0] < label.end


def _match(label: LabelledFigure, found: Found, when: CodeOf | None) -> Match:
    figure = found.figure
    return Match(
        label,
        found,
        indicator=names(label, found.report, figure.indicator) if label.indicator else None,
        period=same_time(label.periods, when(found.report, figure)) if when and label.periods else None,
        kind=label.kind is figure.kind or (label.planned and figure.kind is FigureKind.TARGET),
        qualifier=bound(label.qualifier) == bound(figure.qualifier),
    )


def ledger_codes(reports: Iterable[Report]) -> CodeOf:
    """The period of each figure as the ledger has it: what users see."""
    known = {
        (report.id, row.span): row.when.code if row.when else None
        for report in reports
        for row in rows_of(report, Aliases())
    }
    return lambda report, figure: known[report.id, figure.span]


def names(label: LabelledFigure, report: Report, indicator: str) -> bool:
    """Whether an indicator holds the words that it must, and does not run on."""
    given = folded(indicator)
    if not all(folded(words(report, core)) in given for core in label.indicator):
        return False
    if label.phrase is None:
        return True
    allowed = folded(words(report, label.phrase))
    written = _HAN.findall(given)
    return sum(char in allowed for char in written) >= PHRASE_SHARE * len(written)


def words(report: Report, raw: Range) -> str:
    """The cleaned text of a raw range."""
    start, end = report.origin.clean_span(*raw)
    return report.text[start:end]


def folded(text: str) -> str:
    """Without what an indicator drops: white space, brackets, quotation marks, width."""
    return _SKIP.sub("", unicodedata.normalize("NFKC", text))


def score(name: str, judged: Sequence[Judged]) -> Score:
    """Sum up judged sentences."""
    matches = [match for one in judged for match in one.matches]
    missed = sum(len(one.missed) for one in judged)
    extra = sum(len(one.extra) for one in judged)
    return Score(
        name,
        len(judged),
        precision=Share(len(matches), len(matches) + extra),
        recall=Share(len(matches), len(matches) + missed),
        indicator=_share(match.indicator for match in matches),
        period=_share(match.period for match in matches),
        kind=_share(match.kind for match in matches),
        qualifier=_share(match.qualifier for match in matches),
    )


def _share(verdicts: Iterable[bool | None]) -> Share:
    known = [verdict for verdict in verdicts if verdict is not None]
    return Share(sum(known), len(known))


def scores(judged: Sequence[Judged], reports: Iterable[Report] = ()) -> tuple[Score, ...]:
    """A score for each report that the labels name, then one over all."""
    titles = {r.id: f"{r.id[:6]} {r.metadata.title[:14]}" for r in reports}
    ids = dict.fromkeys(one.sentence.report for one in judged)
    parts = [score(titles.get(i, i), [one for one in judged if one.sentence.report == i]) for i in ids]
    return (*parts, score("合计", judged))


def faults(judged: Sequence[Judged], sources: dict[str, tuple[Report, ...]]) -> Iterator[str]:
    """A line for each fault, the sentence before those of one sentence."""
    for one in judged:
        lines = list(_faults(one, sources[one.sentence.sha256]))
        if lines:
            raw = (one.sentence.start, one.sentence.end)
            text = next(filter(None, (words(r, raw) for r in sources[one.sentence.sha256])), "")
            yield f"{one.sentence.id} {' '.join(text.split())}"
            yield from (f"    {line}" for line in lines)


def _faults(judged: Judged, reports: Sequence[Report]) -> Iterator[str]:
    for label in judged.missed:
        yield f"漏：{_written(label)}"
    for found in judged.extra:
        yield f"多：{found.figure.text}　{_shown(produced(found.figure))}"
    for match in judged.matches:
        figure, label, report = match.found.figure, match.label, match.found.report
        if match.indicator is False:
            cores = "＋".join(words(report, core) for core in label.indicator)
            phrase = f"，至多“{words(report, label.phrase)}”" if label.phrase else ""
            yield f"{figure.text}　指标“{figure.indicator}”，应含“{cores}”{phrase}"
        if match.period is False:
            yield f"{figure.text}　时间“{figure.period}”，应为 {' | '.join(label.periods)}"
        if not match.kind:
            yield f"{figure.text}　性质 {figure.kind}，应为 {label.kind}"
        if not match.qualifier:
            yield f"{figure.text}　限定“{figure.qualifier}”，应为“{label.qualifier}”"


def _written(label: LabelledFigure) -> str:
    upper = "" if label.upper is None else f"～{label.upper:f}"
    return f"{'？' if label.value is None else f'{label.value:f}'}{upper}{label.unit}"


def _shown(quantity: Quantity) -> str:
    upper = "" if quantity.upper is None else f"～{quantity.upper:f}"
    value = "？" if quantity.value is None else f"{quantity.value:f}"
    return f"{value}{upper}{quantity.unit}"


HEADS = ("报告", "句", "数值单位准确率", "召回率", "指标", "时间", "性质", "限定词")


def table(found: Sequence[Score]) -> Table:
    """The scores as users see them: shares (right/all), and the 95 % interval of the whole."""
    shown = Table(*HEADS, box=SIMPLE)
    shares: tuple[Share, ...] = ()
    for s in found:
        shares = (s.precision, s.recall, s.indicator, s.period, s.kind, s.qualifier)
        shown.add_row(s.name, str(s.sentences), *(share.text for share in shares))
    shown.add_row("95%区间", "", *(share.interval for share in shares))
    return shown


@click.command(help="用人工标注核对数值抽取：数值与单位、指标、时间、性质、限定词。")
@click.option("--reports", type=click.Path(path_type=Path), required=True, help="原始报告所在文件夹")
@click.option("--labels", "folder", type=click.Path(path_type=Path), default=LABELS, help="标注所在文件夹")
@click.option("--split", type=click.Choice(get_args(Split)), default="dev", help="哪一半标注")
@click.option("--errors", is_flag=True, help="逐条列出差错（只限 dev）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def main(reports: Path, folder: Path, split: Split, errors: bool, as_json: bool) -> None:
    """Command line."""
    console = Console(width=200)
    try:
        if errors and split != "dev":
            raise InputError(
                f"{split!r} 是留作检验的一半，不列差错", remedy="请去掉 --errors，或改用 --split dev"
            )
        labels = load(split, folder)
        files = sources(reports, {sentence.sha256 for sentence in labels})
    except WenhengError as error:
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    every = [report for reports in files.values() for report in reports]
    codes = ledger_codes(every)
    judged = [judge(sentence, files[sentence.sha256], codes) for sentence in labels]
    if errors:
        for line in faults(judged, files):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    found = scores(judged, every)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    else:
        console.print(table(found))


if __name__ == "__main__":
    main()
