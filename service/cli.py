"""The command line: what a user types. Nothing is computed here; every command asks the desk.

Messages are Chinese; ``--json`` prints for machines. Exit codes: 0 done, 1 some of it failed or the
question was refused with an error, 2 wrong input, 3 data folder, 4 model, 5 endpoint, 130 stopped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from corpus.errors import ModelError, NotFound, WenhengError
from corpus.privacy import mask_plain
from corpus.report import GENRE_LABELS, SECTION_LABELS, Filter, Genre, SectionKind
from service import screen, screen_answers, screen_chat, screen_models, screen_reports
from service.answer import Done, Event, Restart
from service.commands.audit import audit
from service.commands.backup import backup
from service.commands.check import check
from service.commands.collections import command as collections
from service.commands.compare import compare
from service.commands.cover import cover
from service.commands.doctor import doctor
from service.commands.draft import draft
from service.commands.elsewhere import Extensible
from service.commands.figures import figures
from service.commands.followup import followup
from service.commands.mcp import command as mcp
from service.commands.restore import restore
from service.commands.serve import command as serve
from service.commands.summarise import summarise
from service.commands.users import command as users
from service.desk import Desk
from service.faults import STOPPED, F, LogFile, argument, decoded, guarded, tolerate
from service.settings import load

SECTION_NAMES = {kind.value: kind for kind in SectionKind} | {v: k for k, v in SECTION_LABELS.items()}
GENRE_NAMES = {genre.value: genre for genre in Genre} | {v: k for k, v in GENRE_LABELS.items()}


class Context:
    """What every command shares: settings, and a desk that opens when first used."""

    def __init__(self, home: Path | None) -> None:
        self.settings = load(home=home)

    def desk(self) -> Desk:
        """Open the data folder; the caller closes it."""
        return Desk.open(self.settings)

    def desk_with_models(self) -> Desk:
        """The same with the models at hand; what is missing is fetched with progress bars first."""
        screen_models.fetch_missing(self.settings)
        return self.desk()


def filters(function: F) -> F:
    """The filter options of search and reports."""
    for option in (
        click.option("--place", "places", multiple=True, help="地名，可重复，如 --place 某县"),
        click.option("--year", "years", multiple=True, type=int, help="年份，可重复"),
        click.option("--genre", "genres", multiple=True, help="文种：" + "、".join(GENRE_LABELS.values())),
        click.option(
            "--section", "sections", multiple=True, help="栏目：" + "、".join(SECTION_LABELS.values())
        ),
    ):
        function = option(function)
    return function


def filter_of(
    places: tuple[str, ...], years: tuple[int, ...], genres: tuple[str, ...], sections: tuple[str, ...]
) -> Filter:
    """Options → filter; an unknown genre or section is an error that lists the known ones."""
    return Filter(
        places=places,
        years=years,
        genres=tuple(_named(name, GENRE_NAMES, "文种", GENRE_LABELS.values()) for name in genres),
        kinds=tuple(_named(name, SECTION_NAMES, "栏目", SECTION_LABELS.values()) for name in sections),
    )


def _named(name: str, table: dict[str, Any], what: str, known: Any) -> Any:
    if name not in table:
        raise NotFound(f"没有“{name}”这种{what}", remedy=f"可用的{what}：{'、'.join(known)}")
    return table[name]


# What cannot be read is named by the library, in Chinese and after the rest was done: click's own checks are off.
ANY_PATH = click.Path(path_type=Path, readable=False)


@click.group(
    cls=Extensible, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option("--home", type=ANY_PATH, metavar="DIRECTORY", help="数据文件夹（默认取 WENHENG_HOME）")
@click.version_option(package_name="wenheng", prog_name="wenheng")
@click.pass_context
def cli(ctx: click.Context, home: Path | None) -> None:
    """文衡：从往年报告中查数、问答，每个数字都有出处。

    先用 ingest 入库，再用 ask 提问；ask 的每句话都注明来源。
    """
    try:
        ctx.obj = Context(home)
        ctx.call_on_close(LogFile(ctx.obj.settings).close)
    except WenhengError as error:
        screen.error(str(error))
        sys.exit(error.exit_code)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=ANY_PATH)
@click.option("--json", "as_json", is_flag=True, help="只输出一个 JSON 对象")
@click.pass_obj
@guarded
def ingest(context: Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """把文件或文件夹入库（docx、pdf、html、txt、md、doc）。

    没有变化的文件会跳过，变化了的会替换；按 Ctrl-C 在两份报告之间停下，已入库的保留。
    """
    with context.desk_with_models() as desk, screen.ingest_progress(quiet=as_json) as (progress, stop):
        result = desk.ingest(paths, on_progress=progress, should_stop=stop)
    if as_json:
        click.echo(json.dumps(result.to_json(), ensure_ascii=False))
    else:
        screen_reports.ingest_table(result)
    if result.stopped:
        sys.exit(STOPPED)
    if result.failures:
        sys.exit(1)


@cli.command()
@filters
@click.option("--json", "as_json", is_flag=True, help="每份报告一行 JSON")
@click.option("--all", "merged", is_flag=True, help="也列出已合并的重复报告")
@click.pass_obj
@guarded
def reports(
    context: Context, places: Any, years: Any, genres: Any, sections: Any, as_json: bool, merged: bool
) -> None:
    """列出库中的报告。"""
    with context.desk() as desk:
        cards = desk.cards(filter_of(places, years, genres, sections), merged=merged)
    screen_reports.report_table(cards, as_json=as_json)


@cli.command()
@click.argument("report_id")
@click.option(
    "--part",
    type=click.Choice(["all", "outline", "text", "figures", "repairs"]),
    default="all",
    help="只看一部分",
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_obj
@guarded
def show(context: Context, report_id: str, part: str, as_json: bool) -> None:
    """显示一份报告：元数据及其出处、提纲、正文、数字、修复记录。"""
    with context.desk() as desk:
        report = desk.report(report_id)
    screen_reports.report_page(report, part, as_json=as_json)


@cli.command()
@click.argument("report_id")
@click.option("--title", help="标题")
@click.option("--place", help="地名")
@click.option("--issuer", help="发文单位")
@click.option("--year", help="年份")
@click.option("--period", help="时段：全年、上半年、1-11月 …")
@click.option("--genre", help="文种")
@click.option("--number", help="发文字号")
@click.option("--date", help="成文日期，如 2024-01-15")
@click.option("--reset", multiple=True, help="恢复某项为文中读出的值，如 --reset year")
@click.pass_obj
@guarded
def edit(context: Context, /, report_id: str, reset: tuple[str, ...], **fields: str | None) -> None:
    """修改报告的元数据；重新入库后仍保留。"""
    with context.desk() as desk:
        for name, value in fields.items():
            if value is not None:
                desk.edit(
                    report_id,
                    name,
                    GENRE_NAMES[value].value if name == "genre" and value in GENRE_NAMES else value,
                )
        for name in reset:
            desk.edit(report_id, name, None)
        screen_reports.report_page(desk.report(report_id), "metadata", as_json=False)


@cli.command()
@click.argument("report_ids", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="不再询问")
@click.pass_obj
@guarded
def remove(context: Context, report_ids: tuple[str, ...], yes: bool) -> None:
    """从库中移除报告（原文件不动，可以重新入库）。"""
    with context.desk() as desk:
        cards = desk.cards_of(report_ids)
        if not yes:
            screen_reports.report_table(cards, as_json=False)
            click.confirm(f"移除以上{len(cards)}份报告？", abort=True)
        desk.remove(tuple(card.id for card in cards))
    click.echo(f"已移除{len(cards)}份报告。撤销：重新 ingest 原文件。")


@cli.command()
@click.option("--unmerge", "unmerged", multiple=True, help="把某份重复报告恢复为独立报告")
@click.option("--merge", "merged", multiple=True, nargs=2, metavar="COPY KEPT", help="把 COPY 并入 KEPT")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.pass_obj
@guarded
def duplicates(
    context: Context, unmerged: tuple[str, ...], merged: tuple[tuple[str, str], ...], as_json: bool
) -> None:
    """列出已合并的重复报告，可撤销或手工合并。"""
    with context.desk() as desk:
        for report_id in unmerged:
            desk.unmerge(report_id)
        for copy, kept in merged:
            desk.merge(copy, kept)
        screen_reports.duplicate_table(desk.duplicates(), desk.cards(Filter(), merged=True), as_json=as_json)


@cli.command()
@click.pass_obj
@guarded
def reindex(context: Context) -> None:
    """用库中的报告重建索引（删除索引文件夹不会丢失任何内容）。"""
    with context.desk_with_models() as desk, screen.step_progress("重建索引") as progress:
        count = desk.reindex(progress)
    click.echo(f"索引已重建：{count}个片段。")


@cli.command()
@click.argument("query", callback=argument)
@filters
@click.option("-k", "--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="最多几条")
@click.option("--json", "as_json", is_flag=True, help="每条一行 JSON")
@click.pass_obj
@guarded
def search(
    context: Context,
    query: str,
    places: Any,
    years: Any,
    genres: Any,
    sections: Any,
    limit: int,
    as_json: bool,
) -> None:
    """查找相关段落，可按地名、年份、文种、栏目筛选。"""
    wanted = filter_of(places, years, genres, sections)
    with context.desk_with_models() as desk:
        hits = desk.search(query, wanted, limit)
        screen_reports.hit_list(hits, desk.card_table(), as_json=as_json)
        if not hits and not as_json:
            click.echo(f"没有找到。库中现有：{desk.describe()}")


@cli.command()
@click.argument("question", callback=argument)
@click.option("--json", "as_json", is_flag=True, help="每个问题输出一个 JSON 对象")
@click.pass_obj
@guarded
def ask(context: Context, question: str, as_json: bool) -> None:
    """提问；每句话都注明来源。

    QUESTION 为 - 时从标准输入逐行读取问题，模型只载入一次。
    """
    with context.desk_with_models() as desk:
        code = _ask_lines(desk, as_json) if question == "-" else _ask_one(desk, question, as_json)
    sys.exit(code)


def _ask_lines(desk: Desk, as_json: bool) -> int:
    """Answer each line of standard input; a line that fails is named and the others go on."""
    code = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        question = decoded(line).strip()
        if not question:
            continue
        try:
            code = _ask_one(desk, question, as_json) or code
        except ModelError:
            raise  # without the model every line fails, each after the time that a new attempt takes
        except WenhengError as error:
            code = error.exit_code
            if as_json:
                row = {"question": mask_plain(question)[:200], "line": number, "error": str(error)}
                click.echo(json.dumps(row, ensure_ascii=False))
            else:
                screen.error(f"第{number}行：{error}")
    return code


def _ask_one(desk: Desk, question: str, as_json: bool) -> int:
    """Answer one question; the exit code of a model or endpoint that failed on the way, else 0."""
    faults: list[WenhengError] = []
    events = _noted(desk.stream(question), faults)
    if as_json:
        (done,) = (event.answer for event in events if isinstance(event, Done))
        click.echo(json.dumps(done.to_json(), ensure_ascii=False))
        sys.stdout.flush()
        for fault in faults:
            screen.fallback(fault)
    else:
        screen_answers.answer(events)
        if not desk.cards():
            click.echo("用 wenheng ingest 文件或文件夹 入库。")
    return faults[-1].exit_code if faults else 0


def _noted(events: Iterator[Event], faults: list[WenhengError]) -> Iterator[Event]:
    """The events; faults of the model that the answer got over are added to ``faults``."""
    for event in events:
        if isinstance(event, Restart) and event.fault is not None:
            faults.append(event.fault)
        yield event


@cli.command()
@click.option("--session", help="继续某个会话（编号见 --list）")
@click.option("--last", is_flag=True, help="继续最近的会话")
@click.option("--list", "listing", is_flag=True, help="列出会话")
@click.option("--delete", help="删除某个会话")
@click.pass_obj
@guarded
def chat(context: Context, session: str | None, last: bool, listing: bool, delete: str | None) -> None:
    """多轮问答：可以接着问“那2018年呢？”“它的问题有哪些？”。"""
    with context.desk() as desk:
        if listing:
            screen_chat.session_table(desk.sessions())
        elif delete:
            desk.forget(delete)
            click.echo(f"已删除会话 {delete}。")
        else:
            screen_chat.chat(desk, desk.session(session, last=last))


@cli.command()
@click.option("--check", is_flag=True, help="只核对，不下载")
@click.option(
    "--engine",
    type=click.Choice(["native", "portable", "all"]),
    help="更换模型的计算内核：native 为本机处理器编译（有 C++ 编译器时自动进行），portable 换回通用的，"
    "all 为各种处理器都编译一份（制作容器镜像用）",
)
@click.pass_obj
@guarded
def models(context: Context, check: bool, engine: str | None) -> None:
    """下载并校验两个内置模型（可断点续传），为本机编译计算内核，或核对已设置的接口。"""
    if engine:
        screen_models.change_engine(context.settings, engine)
    else:
        screen_models.model_table(context.settings, check=check)
        if not check:
            screen_models.complete_engine(context.settings)


@cli.command()
@click.pass_obj
@guarded
def demo(context: Context) -> None:
    """把随附的虚构样例入库，提三个不同类型的问题。"""
    from service.demo import run

    with context.desk_with_models() as desk:
        run(desk)


for command in (
    figures,
    summarise,
    compare,
    audit,
    check,
    followup,
    cover,
    draft,
    mcp,
    backup,
    restore,
    doctor,
    users,
    collections,
    serve,
):
    cli.add_command(command)


def main() -> None:
    """Entry point of ``wenheng``."""
    tolerate(sys.stdout, sys.stderr)
    cli(prog_name="wenheng")


if __name__ == "__main__":
    main()
