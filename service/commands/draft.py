"""``wenheng draft``: from an input workbook to a draft in two Word files, and its versions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import UnreadableFile
from corpus.files import shown
from service import screen
from service.commands.drafts import diff, edit, listing, remove, restore, show, told
from service.commands.output import HELP
from service.desk import Desk
from service.draft.drafting import (
    Asked,
    Outlined,
    offered,
    outlined,
    pending,
    prefilled,
    right_kind,
    taken_up,
    written,
)
from service.draft.drafts import Outline
from service.draft.handing import Target, day_of, hand_out, official
from service.draft.input_files import SUFFIXES, read_input, write_input
from service.draft.inputs import DraftInput, Kind
from service.draft.known import Known
from service.draft.outline import outline_of, outline_text
from service.draft.screen import Steps, accepted, asks
from service.draft.session import Work, work_of
from service.faults import STOPPED, F, argument, decoded, guarded
from service.papers import files_out
from service.papers.presenting import clean, masked

if TYPE_CHECKING:
    from service.cli import Context

ANY_PATH = click.Path(path_type=Path, readable=False)


@click.group(context_settings=HELP)
def draft() -> None:
    """起草：问题和打算、下一年计划、年度总结，每个数字都有出处。

    先用 new 从库中生成填好一半的输入表，核对补充后再用 problems、plan 或 summary 成稿：得到成稿和附核对清单的
    核对稿。中途停下的，重新运行同一命令即从断处继续；每次改动都存为一个版本。
    """


@draft.command()
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@click.option("--place", required=True, callback=argument, help="地区，如 某县，写法与库中报告相同")
@click.option("--year", required=True, type=click.IntRange(1990, 2100), help="年度；计划写要计划的那一年")
@click.option("--office", default="", help="单位，默认取自以往报告")
@click.option(
    "-o", "--out", required=True, type=ANY_PATH, metavar="FILE", help=f"输入表：{'、'.join(SUFFIXES)}"
)
@click.option("--force", is_flag=True, help="覆盖已有的文件（不加则不覆盖）")
@click.pass_obj
@guarded
def new(context: Context, kind: str, place: str, year: int, office: str, out: Path, force: bool) -> None:
    """生成输入表：基本信息、指标、问题、任务，用库中以往的报告预先填写，每格注明出处。

    KIND 是 problems（问题和下一步打算）、plan（下一年计划）或 summary（年度总结）。
    """
    files_out.writable(out, SUFFIXES, force=force)
    with context.desk_with_models() as desk:
        made, fault = prefilled(desk, Kind(kind), place, year, office)
        if fault is not None:
            screen.error(f"没有为任务推定所针对的问题。{fault}")
        write_input(made, out, force=force)
    for message in made.messages:
        screen.err.print(clean(message), soft_wrap=True, markup=False)
    given = made.given
    if not given.basic.office:
        screen.err.print("没有找到单位的名称，请在“基本信息”中填写", style="yellow")
    screen.out.print(
        f"已写入 {shown(out)}：指标{len(given.indicators)}条、问题{len(given.problems)}条、任务{len(given.tasks)}条。"
        f"核对补充后运行：wenheng draft {kind} {shown(out)} -o 成稿.docx",
        soft_wrap=True,
        markup=False,
    )


@draft.command()
@click.option("-o", "--out", required=True, type=ANY_PATH, metavar="FILE", help="模板的文件名，如 模板.docx")
@click.option("--force", is_flag=True, help="覆盖已有的文件（不加则不覆盖）")
@guarded
def template(out: Path, force: bool) -> None:
    """生成示例模板：公文格式，占位符都在各自的位置，用法写在批注里。

    用 Word 或 WPS 改好后，用 wenheng draft … --template 模板.docx 成稿，或在网页的“起草”中上传。
    """
    from service.papers import template_starter  # python-docx is slow to load

    files_out.write(out, template_starter.starter(), (".docx",), force=force)
    screen.out.print(
        f"已写入 {shown(out)}。改好后运行：wenheng draft … --template {shown(out)}",
        soft_wrap=True,
        markup=False,
    )


# -- writing ----------------------------------------------------------------------------------------


OPTIONS = (
    click.option("-o", "--out", type=ANY_PATH, metavar="FILE", help="成稿：.docx（公文格式）、.md 或 .json"),
    click.option("--review", type=ANY_PATH, metavar="FILE", help="核对稿，默认是成稿旁边的 *.核对.docx"),
    click.option("--template", type=ANY_PATH, metavar="FILE", help="用自己的 docx 模板，填入其中的 {{占位符}}"),
    click.option("--outline-only", is_flag=True, help="只打印提纲，不成稿；可存成文件修改"),
    click.option("--outline", "outline_file", type=ANY_PATH, metavar="FILE", help="用修改过的提纲"),
    click.option("--yes", is_flag=True, help="不问，直接按提纲写（不在终端上运行时也不问）"),
    click.option("--section", "sections", multiple=True, help="重写某一部分或某一步，其余不动：2、2.3 或标题；可重复"),
    click.option("--again", is_flag=True, help="提纲和正文都从头来（手工改写的除外）"),
    click.option("--no-model", is_flag=True, help="不用语言模型，由程序组句"),
    click.option("--red-head", "head", metavar="TEXT", help="红头，如 某县卫生健康局文件"),
    click.option("--number", metavar="TEXT", help="发文字号，如 某卫发〔2023〕12号"),
    click.option("--signer", metavar="TEXT", help="签发人（上行文），几个人之间用顿号"),
    click.option("--to", "addressee", metavar="TEXT", help="主送机关"),
    click.option("--attachment", "attachments", multiple=True, metavar="TEXT", help="附件名称，可重复"),
    click.option("--copy-to", "copies", metavar="TEXT", help="抄送"),
    click.option("--printer", metavar="TEXT", help="印发机关（版记）"),
    click.option("--date", "day", metavar="DATE", help="成文日期，如 2023-01-15"),
    click.option("--office", metavar="TEXT", help="署名；以上各项默认取自输入表的基本信息，写成 '' 则不要"),
    click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象"),
    click.option("--force", is_flag=True, help="覆盖已有的文件（不加则不覆盖）"),
)  # fmt: skip


def options(function: F) -> F:
    """The options of the commands that write."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def _command(kind: Kind, help: str) -> None:
    """Add the command that writes drafts of one kind."""

    @draft.command(kind.value, help=help)
    @click.argument("source", metavar="INPUT", type=ANY_PATH)
    @options
    @click.pass_obj
    @guarded
    def run(context: Context, /, source: Path, **chosen: Any) -> None:
        _write(context, kind, source, **chosen)


_COMMON = "\n\nINPUT 是填好的输入表（见 wenheng draft new）。输入有改动时，只重写有改动的各步。"
_command(Kind.PROBLEMS, "写存在问题和下一步打算。" + _COMMON)
_command(Kind.PLAN, "写下一年度的工作计划。" + _COMMON)
_command(Kind.SUMMARY, "写年度工作总结。" + _COMMON)


def _write(
    context: Context,
    kind: Kind,
    source: Path,
    *,
    out: Path | None,
    review: Path | None,
    template: Path | None,
    outline_only: bool,
    outline_file: Path | None,
    yes: bool,
    as_json: bool,
    force: bool,
    again: bool,
    sections: tuple[str, ...],
    no_model: bool,
    attachments: tuple[str, ...],
    day: str | None,
    **chosen: Any,
) -> None:
    """What the three commands do."""
    target = Target(out, review, template, force).ready()
    chosen |= {"attachments": attachments or None, "day": None if day is None else day_of(day)}
    asked = Asked(again, sections, None if outline_file is None else _text(outline_file), no_model)
    with context.desk() if no_model else context.desk_with_models() as desk:
        given = _input(desk, source, kind)
        parts = official(given.basic, **chosen)
        offer = offered(desk, given)
        if outline_only:
            click.echo(masked(outline_text(outlined(desk, given, offer, asked).outline)), nl=False)
            return
        if pending(desk, given, asked):
            desk.warm()
        ask = _ask if not yes and not as_json and asks() else _as_it_is
        work = taken_up(desk, given, offer, asked, ask)
        if work is None:
            screen.out.print("已停下，没有改动。修改输入表或提纲后重新运行。")
            return
        for lost in work.lost:
            screen.err.print(
                f"新的提纲里没有手工改写的“{lost}”，它留在上一版里", style="yellow", markup=False
            )
        done = _done(desk, work, offer, asked, quiet=as_json, shown=out is not None)
        told(done, hand_out(done.draft, target, parts, desk.report), as_json)


def _done(desk: Desk, work: Work, offer: Known, asked: Asked, *, quiet: bool, shown: bool) -> Work:
    """The draft with all its steps; Ctrl-C says how far it came."""
    with Steps(work, quiet=quiet, shown=shown) as steps:
        try:
            return written(desk, work, offer, steps, no_model=asked.no_model)
        except KeyboardInterrupt:
            so_far = work_of(desk.library.drafts.load(work.stored.id))
            screen.error(
                f"已停下；{so_far.kept}步已写好并保存，共{so_far.total}步。重新运行同一命令即从断处继续"
            )
            sys.exit(STOPPED)


def _text(path: Path) -> str:
    """The text of an edited outline."""
    try:
        return decoded(path.read_bytes())
    except OSError as error:
        raise UnreadableFile(
            "提纲文件读不出来", where=shown(path), remedy="请核对路径，或用 --outline-only 重新存一份"
        ) from error


def _input(desk: Desk, source: Path, kind: Kind) -> DraftInput:
    """The input of a file, with its warnings told."""
    given = read_input(source, desk.report)
    right_kind(given, kind)
    for warning in given.warnings:
        screen.err.print(f"注意：{clean(warning)}", style="yellow", soft_wrap=True, markup=False)
    return given


def _ask(plan: Outlined) -> Outline | None:
    return accepted(plan.outline, outline_text, lambda text: outline_of(text, plan.whole))


def _as_it_is(plan: Outlined) -> Outline | None:
    return plan.outline


for command in (listing, show, diff, edit, remove, restore):
    draft.add_command(command)
