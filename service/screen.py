"""What the terminal shows: tables, progress, streaming answers, the chat loop. Chinese throughout."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from corpus.cards import Card
from corpus.duplicates import Duplicate
from corpus.errors import WenhengError
from corpus.index import Hit
from corpus.ingest import IngestResult
from corpus.ingest import Progress as IngestProgress
from corpus.report import FigureKind, Genre, Report
from service.answer import Delta, Done, Event, Found, Restart
from service.cited import Answer, Citation
from service.session import Session
from service.settings import Settings

if TYPE_CHECKING:
    from service.desk import Desk

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

CHAT_HELP = "输入问题并回车；/来源 看上一答的出处，/撤销 忘掉上一问，/会话 看编号，/帮助，/退出（或 Ctrl-D）。回答时 Ctrl-C 停止。"


def error(message: str) -> None:
    """One clear sentence on standard error."""
    err.print(Text(f"错误：{message}", style="red"), soft_wrap=True)


def fallback(fault: WenhengError) -> None:
    """Says that the model failed and that the answer is in the report's own words."""
    error(f"语言模型没有作答，以上是报告原文。{fault}")


# -- taking in --------------------------------------------------------------------------------------


@contextmanager
def ingest_progress(*, quiet: bool) -> Iterator[tuple[Callable[[IngestProgress], None], Callable[[], bool]]]:
    """A bar with the current file and the time left, and a stop switch that Ctrl-C turns."""
    stopped = False

    def on_signal(*_: object) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        err.print("正在停止：做完这一份就停（再按一次立即中断）…")

    before = signal.signal(signal.SIGINT, on_signal)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=quiet or not err.is_terminal,
        transient=True,
    )
    try:
        with bar:
            task = bar.add_task("准备", total=None)

            def show(event: IngestProgress) -> None:
                bar.update(
                    task, total=event.total, completed=event.done, description=escape(event.current)[:40]
                )

            yield show, lambda: stopped
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def step_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A plain bar for done/total steps."""
    bar = Progress(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err,
        disable=not err.is_terminal, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def ingest_table(result: IngestResult) -> None:
    """The closing table of an ingest, then each failed file with its reason."""
    table = Table(title="入库结果", show_header=False)
    table.add_column("项")
    table.add_column("数", justify="right")
    for name, value in (
        ("新入库的报告", result.reports),
        ("合并的重复报告", result.duplicates),
        ("替换的报告", result.replaced),
        ("没有变化而跳过的文件", result.skipped),
        ("修复处", sum(result.repairs.values())),
        ("仍有损坏处", result.damages),
        ("隐去的个人信息", result.masked),
        ("警告", sum(len(w) for w in result.warnings.values())),
        ("失败的文件", len(result.failures)),
        ("用时", f"{result.seconds:.1f}秒"),
    ):
        table.add_row(name, str(value))
    out.print(table)
    for path, warnings in result.warnings.items():
        for warning in warnings:
            out.print(Text(f"警告  {Path(path).name}：{warning}", style="yellow"), soft_wrap=True)
    for failure in result.failures:
        out.print(Text(f"失败  {failure}", style="red"), soft_wrap=True)
    if result.stopped:
        out.print("已按要求停止；再次运行同一命令可接着做。")


# -- reports ----------------------------------------------------------------------------------------


def report_table(cards: Sequence[Card], *, as_json: bool) -> None:
    """One row (or one JSON line) a report."""
    if as_json:
        for card in cards:
            click.echo(json.dumps(asdict(card), ensure_ascii=False))
        return
    if not cards:
        out.print("库中没有符合条件的报告。用 wenheng ingest 文件或文件夹 入库。")
        return
    table = Table()
    table.add_column("编号", no_wrap=True)
    for name in ("地方", "年份", "时段", "文种", "标题（来源文件）", "备注"):
        table.add_column(name, overflow="fold")
    for card in cards:
        table.add_row(
            card.id,
            card.place or "—",
            str(card.year or "—"),
            card.period or "—",
            Genre(card.genre).label,
            f"{card.title}（{card.source_name}）",
            _remarks(card),
        )
    out.print(table)


def _remarks(card: Card) -> str:
    """What a list says about a report beside its title."""
    found = (
        (card.merged_into, f"重复，并入{card.merged_into[:6]}"),
        (card.duplicates, f"另有{len(card.duplicates)}份重复"),
        (card.damages, f"损坏{card.damages}处"),
        (card.masked, f"隐去个人信息{card.masked}处"),
        (card.edited, "已修改元数据"),
    )
    return "；".join(text for given, text in found if given)


def report_page(report: Report, part: str, *, as_json: bool) -> None:
    """One report, whole or in part."""
    if as_json:
        click.echo(json.dumps(_report_json(report), ensure_ascii=False, default=str))
        return
    if part in ("all", "metadata"):
        _metadata(report)
    if part in ("all", "outline"):
        out.rule("提纲")
        for section in report.sections:
            out.print(
                Text(f"{'  ' * (section.level - 1)}{section.label}{section.title}  [{section.kind.label}]")
            )
    if part in ("all", "text"):
        out.rule("正文（标底色处为无法恢复的损坏文字）")
        text = Text(report.text)
        for span in report.damages:
            text.stylize("reverse red", span.start, span.end)
        out.print(text)
    if part in ("all", "figures"):
        _figures(report)
    if part in ("all", "repairs"):
        out.rule(f"修复记录（{len(report.repairs)}处，位置为原文字符序号）")
        for repair in report.repairs:
            out.print(
                Text(
                    f"{repair.start}-{repair.end}  {repair.kind}  “{repair.before}” → “{repair.after}” {repair.note}"
                )
            )


def _metadata(report: Report) -> None:
    meta = report.metadata
    table = Table(show_header=False, title=meta.title)
    rows: list[tuple[str, Any]] = [
        ("地方", meta.place), ("单位", meta.issuer), ("年份", meta.year), ("时段", meta.period), ("发文字号", meta.number), ("日期", meta.date),
    ]  # fmt: skip
    table.add_row("编号", report.id, "")
    table.add_row("文种", meta.genre.label, "")
    for name, field in rows:
        table.add_row(
            name, field.value if field else "文中未注明", HOW.get(field.how, field.how) if field else ""
        )
    table.add_row("来源", f"{report.source_name} 第{report.ordinal}篇", "")
    out.print(table)
    for warning in report.warnings:
        out.print(Text(f"警告：{warning}", style="yellow"))


HOW = {
    "title": "读自标题", "header": "读自文头", "number": "读自发文字号", "body": "读自正文", "signature": "读自落款",
    "file name": "读自文件名", "user": "用户修改",
}  # fmt: skip


FIGURE_KINDS = {
    FigureKind.ACTUAL: "实际",
    FigureKind.TARGET: "目标",
    FigureKind.REQUIREMENT: "要求",
    FigureKind.RANK: "位次",
    FigureKind.DIFFERENCE: "增减",
}


def _figures(report: Report) -> None:
    table = Table(title=f"数字（{len(report.figures)}个）")
    for name in ("指标", "数值", "时段", "性质", "所在句"):
        table.add_column(name, overflow="fold")
    for figure in report.figures:
        note = "（已隐去）" if figure.masked else "（书写有误）" if figure.suspect else ""
        table.add_row(
            figure.indicator,
            figure.text + note,
            figure.period,
            FIGURE_KINDS[figure.kind],
            figure.sentence.of(report.text)[:60],
        )
    out.print(table)


def _report_json(report: Report) -> dict[str, Any]:
    value = {
        "id": report.id, "source": report.source_name, "ordinal": report.ordinal, "metadata": asdict(report.metadata),
        "text": report.text, "sections": [asdict(s) for s in report.sections], "figures": [asdict(f) for f in report.figures],
        "repairs": [asdict(r) for r in report.repairs], "damages": [asdict(d) for d in report.damages],
        "masked": report.masked, "warnings": list(report.warnings),
    }  # fmt: skip
    return value


def duplicate_table(duplicates: Iterable[Duplicate], cards: Sequence[Card], *, as_json: bool) -> None:
    """Merged copies with what they were merged into."""
    by_id = {card.id: card for card in cards}
    rows = list(duplicates)
    if as_json:
        for row in rows:
            click.echo(json.dumps(asdict(row), ensure_ascii=False, default=str))
        return
    if not rows:
        out.print("没有重复报告。")
        return
    table = Table()
    for name in ("重复报告", "并入", "类型", "相似度", "标题", "来源文件"):
        table.add_column(name, overflow="fold")
    for row in rows:
        card = by_id[row.report_id]
        kind = {"exact": "完全相同", "near": "大体相同", "user": "手工合并"}.get(str(row.kind), str(row.kind))
        table.add_row(row.report_id, row.kept_id, kind, f"{row.similarity:.2f}", card.title, card.source_name)
    out.print(table)
    out.print("撤销合并：wenheng duplicates --unmerge 编号")


# -- searching and asking ---------------------------------------------------------------------------


def hit_list(hits: Sequence[Hit], cards: Mapping[str, Card], *, as_json: bool) -> None:
    """Passages with report, heading path and text."""
    for n, hit in enumerate(hits, 1):
        card, passage = cards[hit.passage.report_id], hit.passage
        if as_json:
            click.echo(json.dumps(
                {
                    "rank": n, "score": hit.score, "report_id": card.id, "title": card.title, "place": card.place, "year": card.year,
                    "path": list(passage.path), "section": passage.kind.value, "start": passage.span.start, "end": passage.span.end,
                    "text": passage.text,
                },
                ensure_ascii=False,
            ))  # fmt: skip
            continue
        out.print(
            Text(
                f"{n}. {card.title}  {card.place or ''}{f' {card.year}年' if card.year else ''}  [{card.id}]",
                style="bold",
            )
        )
        if passage.path:
            out.print(Text("   " + " › ".join(passage.path), style="cyan"))
        out.print(Text("   " + " ".join(passage.text.split()) + "\n"))


def answer(events: Iterable[Event]) -> Answer:
    """Show an answer as it is made: evidence at once, then the text, then the sources."""
    live: Live | None = None
    text = ""
    done: Answer | None = None
    fault: WenhengError | None = None
    try:
        for event in events:
            if isinstance(event, Found):
                evidence_list(event.citations)
            elif isinstance(event, Delta):
                text += event.text
                if out.is_terminal:
                    live = live or _started(Live(console=out, transient=True))
                    live.update(Text(text))
            elif isinstance(event, Restart):
                text, fault = "", event.fault or fault
                if live:
                    live.update(Text(f"（{event.why}…）", style="dim"))
            elif isinstance(event, Done):
                done = event.answer
    finally:
        if live:
            live.stop()
    assert done is not None
    final(done)
    if fault:
        fallback(fault)
    return done


def _started(live: Live) -> Live:
    live.start()
    return live


def evidence_list(citations: Sequence[Citation]) -> None:
    """The sentences that were found, one line each, before the answer is there."""
    if not citations:
        return
    out.print(Text("找到的依据：", style="dim"))
    for citation in citations[:4]:
        year = f"{citation.year}年" if citation.year else ""
        quote = " ".join(citation.quote.split())
        out.print(
            Text(f"  · {citation.place}{year} {quote[:70]}{'…' if len(quote) > 70 else ''}", style="dim")
        )
    out.print()


def final(done: Answer) -> None:
    """The checked answer and its sources."""
    style = "yellow" if done.status == "refused" else ""
    out.print(Text(done.text, style=style))
    if done.status == "partial" and done.reason:
        out.print(Text(f"（{done.reason}）", style="yellow"))
    sources(done)
    seconds = done.timings.total_ms / 1000
    dropped = f"，去掉没有依据的句子{done.dropped}句" if done.dropped else ""
    err.print(Text(f"用时{seconds:.1f}秒{dropped}", style="dim"))


def sources(done: Answer) -> None:
    """Sources with report title, place, year, heading path and the exact sentence."""
    if not done.sources:
        return
    out.print(Text("\n来源：", style="bold"))
    for n, citation in enumerate(done.sources, 1):
        where = "，".join(
            filter(None, (citation.place, f"{citation.year}年" if citation.year else "年份未注明"))
        )
        out.print(
            Text(
                f"[{n}] 《{citation.title}》（{where}）[{citation.report_id} {citation.start}-{citation.end}]"
            )
        )
        if citation.path:
            out.print(Text("    " + " › ".join(citation.path), style="cyan"))
        out.print(Text("    “" + " ".join(citation.quote.split()) + "”"))


# -- chat -------------------------------------------------------------------------------------------


def session_table(sessions: Sequence[Session]) -> None:
    """All sessions, newest first."""
    if not sessions:
        out.print("还没有会话。用 wenheng chat 开始。")
        return
    table = Table()
    for name in ("编号", "最近", "问题数", "第一个问题"):
        table.add_column(name)
    for session in sessions:
        table.add_row(
            session.id, session.updated[:16].replace("T", " "), str(len(session.turns)), session.title[:40]
        )
    out.print(table)
    out.print("继续：wenheng chat --session 编号，或 wenheng chat --last")


def chat(desk: Desk, session: Session) -> None:
    """The loop of ``wenheng chat``."""
    out.print(f"会话 {session.id or '（新）'}。{CHAT_HELP}")
    for turn in session.turns[-3:]:
        out.print(Text(f"问：{turn['question']}\n答：{turn['text']}\n", style="dim"))
    desk.warm()
    last: Answer | None = None
    while True:
        try:
            line = input("问> ").strip()
        except (EOFError, KeyboardInterrupt):
            out.print()
            break
        if line in ("/退出", "/quit", "/exit", "/q"):
            break
        if line.startswith("/"):
            _command(line, session, last)
        elif line:
            last = _turn(desk, session, line) or last
    if session.turns:
        out.print(f"已保存。继续：wenheng chat --session {session.id}")


def _turn(desk: Desk, session: Session, line: str) -> Answer | None:
    try:
        done = answer(desk.stream(line, session.questions))
    except KeyboardInterrupt:
        out.print("（已停止，这一问不计入会话）")
        return None
    except WenhengError as problem:
        error(str(problem))
        return None
    session.add(line, done)
    return done


def _command(line: str, session: Session, last: Answer | None) -> None:
    if line in ("/来源", "/s") and last:
        sources(last)
    elif line in ("/撤销", "/undo"):
        out.print("已忘掉上一问。" if session.undo() else "没有可以撤销的问题。")
    elif line == "/会话":
        out.print(f"会话 {session.id}，{len(session.turns)}问。")
    else:
        out.print(CHAT_HELP)


# -- models -----------------------------------------------------------------------------------------


def fetch_missing(settings: Settings) -> None:
    """Fetch models that are not there yet, with bars; failures are told by whoever needs the model."""
    from service.models.prepare import prepare

    if err.is_terminal and not all(state.ready for state in prepare(settings, fetch=False)):
        prepare(settings, fetch=True, console=err)


def model_table(settings: Settings, *, check: bool) -> None:
    """Fetch (unless ``check``) and list the models with their state."""
    from service.models.prepare import prepare

    states = prepare(settings, fetch=not check, console=err)
    table = Table(title="模型")
    for name in ("用途", "模型", "来源", "状态"):
        table.add_column(name, overflow="fold")
    for state in states:
        table.add_row(state.role, state.name, state.source, state.state)
    out.print(table)
    if any(not state.ready for state in states):
        sys.exit(4)
