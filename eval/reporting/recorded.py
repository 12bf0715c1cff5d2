"""Scores that are kept in the repository (eval/recorded): what docs/quality.md is made from.

In: scored runs. Out: ``NAME.scores.json``, which holds ids, verdicts and measures but no text of any report, so
that runs over real reports can be kept; and runs read back from it, or from a run file over the samples, whose
outputs may be kept as they are.

    python -m eval.reporting.recorded RUN… [--to eval/recorded] [--cases PATH] [--reports FOLDER]
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import click
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated

from corpus.errors import InputError
from eval.runs import Meta
from eval.scored import Marked, Scored, load_scored
from eval.suites.contract import Score, Task, Where
from service.faults import guarded

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
SUFFIX = ".scores.json"
Corpus = Literal["samples", "real"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run of the repository: over which corpus, and its scores."""

    corpus: Corpus
    scored: Scored


@validated(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Line:
    """The score of one item, without any text."""

    id: str
    kind: str
    cluster: str
    split: str
    case: str
    good: bool | None
    crashed: bool
    seconds: float | None
    values: dict[str, float | None]
    counts: dict[str, tuple[int, int]]


@validated(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Sheet:
    """A file of scores."""

    corpus: Corpus
    meta: dict[str, Any]
    items: tuple[Line, ...]


SHEET = TypeAdapter(Sheet)


def sheet(scored: Scored, corpus: Corpus) -> dict[str, Any]:
    """The scores of a run as a plain object."""
    return {"corpus": corpus, "meta": asdict(scored.meta), "items": [_line(one) for one in scored.items]}


def _line(one: Marked) -> dict[str, Any]:
    score, task = one.score, one.task
    return {
        "id": task.id,
        "kind": task.kind,
        "cluster": task.cluster,
        "split": task.split,
        "case": one.item["case"],
        "good": score.good,
        "crashed": bool(one.item["error"]),
        "seconds": one.item["seconds"],
        "values": {name: None if value is None else round(value, 6) for name, value in score.values.items()},
        "counts": {name: list(count) for name, count in score.counts.items()},
    }


def read(path: Path) -> Recorded:
    """A recorded run: a file of scores, or a run over the samples, which is scored anew.

    Raises:
        InputError: it is no such file.
    """
    if not path.name.endswith(SUFFIX):
        return Recorded("samples", load_scored(path, Where(())))
    try:
        found = SHEET.validate_json(path.read_bytes())
        meta = Meta(**found.meta)
    except (ValidationError, TypeError) as error:
        raise InputError(
            "不是评分记录", where=str(path), remedy="请用 python -m eval.reporting.recorded 重新写出"
        ) from error
    return Recorded(found.corpus, Scored(meta, tuple(_marked(line) for line in found.items)))


def _marked(line: Line) -> Marked:
    """A line as the rest of eval knows it; what was asked and answered is not in it."""
    item = {"error": "crashed" if line.crashed else "", "seconds": line.seconds, "case": line.case}
    score = Score(line.id, line.values, line.good, (), line.counts)
    return Marked(Task(line.id, line.kind, line.cluster, line.split, {}, None), item, score)


def read_all(folder: Path = RECORDED) -> tuple[Recorded, ...]:
    """All recorded runs of a folder, in the order of their names.

    Raises:
        InputError: two are of the same corpus, suite and system.
    """
    found: dict[tuple[str, str, str], Path] = {}
    runs = []
    for path in sorted((*folder.glob("*.jsonl"), *folder.glob(f"*{SUFFIX}"))):
        one = read(path)
        name = (one.corpus, one.scored.meta.suite, one.scored.meta.system)
        if name in found:
            raise InputError(
                f"与 {found[name].name} 是同一套评测、同一个系统", where=str(path), remedy="请只留一份"
            )
        found[name] = path
        runs.append(one)
    return tuple(runs)


def write(scored: Scored, corpus: Corpus, folder: Path = RECORDED) -> Path:
    """Write the scores of a run; an older file of the same corpus, suite and system is replaced."""
    name = f"{corpus}-{scored.meta.suite}-{scored.meta.system.replace(':', '-')}{SUFFIX}"
    text = json.dumps(sheet(scored, corpus), ensure_ascii=False, indent=None, separators=(",", ":"))
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace('{"id"', '\n{"id"') + "\n", encoding="utf-8")  # an item a line, for diffs
    return path


@click.command(help="把评测结果的分数（不含任何原文）记入 eval/recorded，供 docs/quality.md 使用。")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--corpus", type=click.Choice(get_args(Corpus)), default="real", help="针对样例还是真实报告")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=RECORDED, help="写到哪个文件夹")
@click.option("--cases", type=click.Path(path_type=Path), help="评测题文件或文件夹")
@click.option("--reports", type=click.Path(path_type=Path), multiple=True, help="原始报告所在文件夹")
@guarded
def main(
    runs: Sequence[Path], corpus: Corpus, folder: Path, cases: Path | None, reports: tuple[Path, ...]
) -> None:
    """Command line."""
    for path in runs:
        click.echo(str(write(load_scored(path, Where(reports, cases)), corpus, folder)))


if __name__ == "__main__":
    main()
