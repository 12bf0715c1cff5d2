"""Asks every case and writes one JSON line an item; ``eval.score`` reads them.

In: cases, the folder with the raw reports, and a data folder that was ingested before (or a file
with the output of ``wenheng ask - --json``). Out: a file that a later run continues where this one
stopped. Nothing is judged here, so that scores can be computed again without asking again; only
where each citation leads is looked up, because that needs the library.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corpus.errors import InputError, NotFound, WenhengError
from corpus.report import Report
from eval.cases import Case, Kind, load, read_sources, usable
from eval.metrics import opens

Output = dict[str, Any]
Ask = Callable[[str, list[str]], Output]
OpenReport = Callable[[str], Report]
CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Source:
    """What answers the questions, and what opens the reports that its citations name."""

    ask: Ask
    open_report: OpenReport | None = None


def run(
    cases: Sequence[Case],
    source: Source,
    out: Path,
    *,
    after: Callable[[Case, Output], None] = lambda case, item: None,
) -> int:
    """Ask the cases that ``out`` does not hold yet and append an item for each; returns how many.

    An item whose question or history has changed, or that ended in an error, is asked again; the
    later line counts.
    """
    done = {key(item) for item in read_items(out) if not item["error"]}
    waiting = [case for case in cases if (case.id, case.question, *case.earlier) not in done]
    out.parent.mkdir(parents=True, exist_ok=True)
    _end_last_line(out)
    with out.open("a", encoding="utf-8") as file:
        for case in waiting:
            item = answer(case, source)
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
            after(case, item)
    return len(waiting)


def answer(case: Case, source: Source) -> Output:
    """One item. An error of any kind is kept as text: it counts as a wrong answer."""
    started = time.monotonic()
    item: Output = {"id": case.id, "kind": case.kind.value, "question": case.question}
    item |= {"history": case.earlier, "output": None, "cited": [], "error": ""}
    try:
        item["output"] = source.ask(case.question, case.earlier)
        item["cited"] = trace(item["output"], source.open_report)
    except Exception as error:  # a run of hours must not end at one question
        item["error"] = f"{type(error).__name__}: {error}"
    item["seconds"] = round(time.monotonic() - started, 3)
    return item


def trace(output: Mapping[str, Any], open_report: OpenReport | None) -> list[Output]:
    """For each citation, in the order of the sentences: does it open, and its raw file and span."""
    if open_report is None:
        return []
    traced = []
    for citation in citations(output):
        start, end = int(citation["start"]), int(citation["end"])
        try:
            report = open_report(str(citation["report_id"]))
        except NotFound:
            traced.append({"opens": False, "sha256": "", "start": 0, "end": 0})
            continue
        low, high = report.origin.raw_span(start, end)
        opened = opens(start, end, str(citation["quote"]), report.text)
        traced.append({"opens": opened, "sha256": report.source_sha256, "start": low, "end": high})
    return traced


def citations(output: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All citations of an answer, sentence by sentence."""
    return [citation for sentence in output["sentences"] for citation in sentence["citations"]]


def read_items(path: Path) -> list[Output]:
    """Items of a run, the last line of each id; a line that a kill cut off is left out."""
    items: dict[str, Output] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                item = json.loads(line)
            except json.JSONDecodeError:
                continue
            items[item["id"]] = item
    return list(items.values())


def key(item: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes an item the answer to a case as it is now."""
    return (item["id"], item["question"], *item["history"])


def _end_last_line(path: Path) -> None:
    if path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")


def choose(
    cases: Sequence[Case],
    *,
    kinds: Sequence[str] = (),
    ids: Sequence[str] = (),
    split: str | None = None,
    limit: int | None = None,
) -> tuple[Case, ...]:
    """The cases that the options ask for, in order."""
    chosen = [
        case
        for case in cases
        if (not kinds or case.kind in kinds)
        and (not ids or case.id in ids)
        and (split is None or case.split == split)
    ]
    return tuple(chosen[:limit])


def recorded(path: Path) -> Ask:
    """Answers from a file of ``wenheng ask - --json``; follow-ups are not in it and count as errors."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        outputs = {item["question"]: item for item in map(json.loads, filter(str.strip, lines))}
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            "不是逐行 JSON 的回答文件", where=str(path), remedy="请用 wenheng ask - --json 的输出"
        ) from error

    def ask(question: str, history: list[str]) -> Output:
        if history or question not in outputs:
            raise NotFound("回答文件里没有这个问题", where=question)
        return dict(outputs[question])

    return ask


@contextmanager
def desk_source(home: Path) -> Iterator[Source]:
    """The desk over a data folder: what users get."""
    from service.desk import Desk

    with Desk.open(home=home) as desk:
        yield Source(lambda question, history: desk.ask(question, history=history).to_json(), desk.report)


@contextmanager
def _source(home: Path | None, answers: Path | None) -> Iterator[Source]:
    if answers is not None:
        yield Source(recorded(answers))
    elif home is not None:
        with desk_source(home) as source:
            yield source
    else:
        raise InputError("没有指出数据文件夹", remedy="请给出 --home（或 --answers）")


@click.command(help="逐题提问并记录回答（可续跑），用 python -m eval.score 评分。")
@click.option("--cases", type=click.Path(path_type=Path), default=CASES, help="评测题文件或文件夹")
@click.option("--reports", type=click.Path(path_type=Path), required=True, help="原始报告所在文件夹")
@click.option("--home", type=click.Path(path_type=Path), envvar="WENHENG_HOME", help="已入库的数据文件夹")
@click.option("--answers", type=click.Path(path_type=Path), help="改为读取 wenheng ask - --json 的输出")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="逐题结果文件（.jsonl）")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([k.value for k in Kind]), help="只做这类题")
@click.option("--ids", default="", help="只做这些题号，逗号分隔")
@click.option("--split", type=click.Choice(["dev", "test", "blind", "fresh", "second"]), help="只做这一半")
@click.option("--limit", type=click.IntRange(1), help="至多几题")
def main(
    cases: Path,
    reports: Path,
    home: Path | None,
    answers: Path | None,
    out: Path,
    kinds: tuple[str, ...],
    ids: str,
    split: str | None,
    limit: int | None,
) -> None:
    """Command line."""
    console = Console(stderr=True)
    try:
        listed = [name.strip() for name in ids.split(",") if name.strip()]
        chosen = choose(load(cases), kinds=kinds, ids=listed, split=split, limit=limit)
        texts = read_sources(reports, frozenset().union(*(case.files for case in chosen)))
        kept, skipped = usable(chosen, texts)
        for case in skipped:
            console.print(f"跳过 {case.id}：{case.reason}")
        with _source(home, answers) as source:
            _run_with_progress(kept, source, out, console)
    except WenhengError as error:
        raise SystemExit(_report(error, console)) from error


def _run_with_progress(cases: Sequence[Case], source: Source, out: Path, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("提问", total=len(cases))

        def after(case: Case, item: Output) -> None:
            progress.update(task, advance=1, description=f"{case.id} {case.question[:16]}")
            if item["error"]:
                console.print(f"{case.id} 出错：{item['error'][:200]}", markup=False)

        asked = run(cases, source, out, after=after)
        progress.update(task, completed=len(cases))
    console.print(f"提问 {asked} 题，沿用 {len(cases) - asked} 题，结果在 {out}")


def _report(error: WenhengError, console: Console) -> int:
    console.print(str(error), markup=False)
    return error.exit_code


if __name__ == "__main__":
    main()
