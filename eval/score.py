"""Scores a run: is each item right, refused, cited; then shares per kind and per gate.

In: the items of ``eval.run`` and the cases. Out: a table, the wrong items with what they lack, or
JSON. An item without an answer (an error) is wrong; what could not be measured is None and is left
out of its mean, never counted as 0. Prints no personal data: what must not occur is named by hash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from corpus.errors import InputError, WenhengError
from eval.cases import HARD, PLAIN, Case, Kind, load
from eval.metrics import answers_right, counts, forbidden, gold_recall, missing, supports, wilson
from eval.quantities import clean, quantities
from eval.run import CASES, read_items

COMPUTED = (Kind.COMPARE, Kind.COMPUTED, Kind.PREMISE, Kind.GATHER)  # may state derived figures


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured of one item; shares are None where there was nothing to measure."""

    id: str
    kind: Kind
    expect: str
    question: str
    right: bool
    refused: bool
    missing: tuple[str, ...]
    forbidden: tuple[str, ...]
    text: str
    error: str
    supported: float | None  # share of the sentences that their citations support
    opened: float | None  # share of the citations that open at their quote
    gold: float | None  # share of the gold facts that are cited
    first_token_ms: float | None
    total_ms: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, over the verdicts of a kind or of a gate."""

    name: str
    n: int
    right: int
    low: float
    high: float
    false_refusals: int
    supported: float | None
    opened: float | None
    gold: float | None
    first_token_ms: float | None
    total_ms: float | None


def judge(case: Case, item: Mapping[str, Any]) -> Verdict:
    """Measure one item against its case."""
    output = item["output"] or {"status": "error", "text": "", "sentences": [], "timings": {}}
    text, status = str(output["text"]), str(output["status"])
    answerable = case.expect == "answer"
    shown = f"{text}\n{output.get('reason') or ''}"  # a refusal must not leak in its reason either
    harmless = not forbidden(case, shown)
    return Verdict(
        id=case.id,
        kind=case.kind,
        expect=case.expect,
        question=case.question,
        right=harmless and answers_right(case, status, text),
        refused=status == "refused",
        missing=missing(case, text) if answerable else (),
        forbidden=forbidden(case, shown),
        text=re.sub(r"\d[\d\s-]{5,}\d", "*" * 8, text) if case.forbid_sha256 else text,
        error=str(item["error"]),
        supported=_supported(case, output["sentences"]) if answerable else None,
        opened=_mean(float(cited["opens"]) for cited in item["cited"]),
        gold=_gold(case, item) if answerable and item["cited"] else None,
        first_token_ms=output["timings"].get("first_token_ms"),
        total_ms=output["timings"].get("total_ms"),
    )


def _supported(case: Case, sentences: Sequence[Mapping[str, Any]]) -> float | None:
    return _mean(
        float(is_supported(case, sentence, sentences[at + 1 :]))
        for at, sentence in enumerate(sentences)
        if not needs_no_source(sentence)
    )


def is_supported(case: Case, sentence: Mapping[str, Any], below: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a sentence stands on what it cites, or counts what is cited ``below`` it."""
    if sentence.get("status") == "stated" and not sentence["citations"]:
        up_to = next((n for n, s in enumerate(below) if not s["citations"]), len(below))
        return counts(sentence["text"], up_to)
    return supports(
        sentence["text"],
        [source_of(citation) for citation in sentence["citations"]],
        computed=case.kind in COMPUTED or sentence.get("status") == "computed",
        question=case.question,
    )


def source_of(citation: Mapping[str, Any]) -> str:
    """What a reader of a citation sees: report, place, year, headings and the quote."""
    year = f"{citation['year']}年" if citation.get("year") else ""
    path = " ".join(citation.get("path") or ())
    return f"{citation['title']} {citation.get('place') or ''} {year} {path} {citation['quote']}"


def needs_no_source(sentence: Mapping[str, Any]) -> bool:
    """A sentence about what the library has or lacks; with a figure other than a year it needs one."""
    figures = [q for q in quantities(clean(str(sentence["text"]))) if q.unit not in ("年", "")]
    return sentence.get("status") == "stated" and not sentence["citations"] and not figures


def _gold(case: Case, item: Mapping[str, Any]) -> float | None:
    return gold_recall(case.gold, ((c["sha256"], c["start"], c["end"]) for c in item["cited"]))


def _mean(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return mean(known) if known else None


def _median(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return median(known) if known else None


def row(name: str, verdicts: Sequence[Verdict]) -> Row:
    """Sum up verdicts."""
    right = sum(v.right for v in verdicts)
    low, high = wilson(right, len(verdicts))
    return Row(
        name=name,
        n=len(verdicts),
        right=right,
        low=low,
        high=high,
        false_refusals=sum(v.refused and v.expect == "answer" for v in verdicts),
        supported=_mean(v.supported for v in verdicts),
        opened=_mean(v.opened for v in verdicts),
        gold=_mean(v.gold for v in verdicts),
        first_token_ms=_median(v.first_token_ms for v in verdicts),
        total_ms=_median(v.total_ms for v in verdicts),
    )


GATES: dict[str, Callable[[Verdict], bool]] = {
    "一般可答题": lambda v: v.kind in PLAIN and v.expect == "answer",
    "较难可答题": lambda v: v.kind in HARD,
    "应拒答题": lambda v: v.expect == "refuse",
    "全部": lambda v: True,
}


def rows(verdicts: Sequence[Verdict]) -> tuple[Row, ...]:
    """A row per kind that occurs, then a row per gate."""
    kinds = [(kind.value, [v for v in verdicts if v.kind is kind]) for kind in Kind]
    gates = [(name, [v for v in verdicts if test(v)]) for name, test in GATES.items()]
    return tuple(row(name, some) for name, some in kinds + gates if some)


def verdicts_of(items: Sequence[Mapping[str, Any]], cases: Sequence[Case]) -> tuple[Verdict, ...]:
    """Verdicts of the items in the order of the cases.

    Raises:
        InputError: an item answers no case, or a question that has changed since.
    """
    known = {case.id: case for case in cases}
    found: dict[str, Verdict] = {}
    for item in items:
        case = known.get(item["id"])
        if case is None or (case.question, case.earlier) != (item["question"], item["history"]):
            raise InputError(
                "这一题与现在的评测题不一致", where=str(item["id"]), remedy="请重新运行 eval.run"
            )
        found[case.id] = judge(case, item)
    return tuple(found[case.id] for case in cases if case.id in found)


HEADS = ("答对", "正确率", "95%区间", "误拒", "支持", "打开", "命中", "首字", "全文")


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _seconds(milliseconds: float | None) -> str:
    return "—" if milliseconds is None else f"{milliseconds / 1000:.1f}"


def table(found: Sequence[Row]) -> Table:
    """The rows as a table for people."""
    shown = Table(caption="支持、打开、命中：引用的均值；首字、全文：中位秒数", box=SIMPLE)
    shown.add_column("类别", no_wrap=True)
    for head in HEADS:
        shown.add_column(head, justify="right", no_wrap=True)
    for line in found:
        shares = [_percent(share) for share in (line.supported, line.opened, line.gold)]
        times = [_seconds(line.first_token_ms), _seconds(line.total_ms)]
        interval = f"{line.low:.0%}–{line.high:.0%}"
        counts = [f"{line.right}/{line.n}", _percent(line.right / line.n), interval]
        shown.add_row(line.name, *counts, str(line.false_refusals), *shares, *times)
    return shown


def explain(verdict: Verdict) -> str:
    """Why an item is wrong, with its answer, for reading."""
    reasons = [f"出错：{verdict.error}"] if verdict.error else []
    if verdict.expect == "refuse" and not verdict.refused:
        reasons.append("应拒答而作答")
    if verdict.expect == "answer" and verdict.refused:
        reasons.append("误拒")
    elif verdict.missing:
        reasons.append("缺：" + "；".join(verdict.missing))
    if verdict.forbidden:
        reasons.append("不应出现：" + "；".join(verdict.forbidden))
    return f"{verdict.id} {verdict.question}\n  {'，'.join(reasons)}\n  答：{verdict.text}"


@click.command(help="给 eval.run 的结果评分：分类列表，并列出答错的题。")
@click.argument("results", type=click.Path(path_type=Path, exists=True))
@click.option("--cases", type=click.Path(path_type=Path), default=CASES, help="评测题文件或文件夹")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def main(results: Path, cases: Path, as_json: bool) -> None:
    """Command line."""
    try:
        verdicts = verdicts_of(read_items(results), load(cases))
    except WenhengError as error:
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    if as_json:
        whole = {"rows": [asdict(r) for r in rows(verdicts)], "items": [asdict(v) for v in verdicts]}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    console = Console()
    console.print(table(rows(verdicts)))
    for verdict in verdicts:
        if not verdict.right:
            console.print(explain(verdict), markup=False, highlight=False)


if __name__ == "__main__":
    main()
