"""``wenheng eval report``: scored runs as one offline page, with JUnit and JSON beside it."""

from __future__ import annotations

from pathlib import Path

import click

from corpus.files import shown
from eval.reporting import files
from eval.reporting.judged import named
from eval.reporting.shelf import shelf
from eval.scored import load_scored
from eval.suites.contract import Where
from service import screen
from service.commands.output import HELP
from service.faults import guarded

PATH = click.Path(path_type=Path)


@click.command(context_settings=HELP)
@click.argument("runs", nargs=-1, required=True, type=PATH, metavar="RUN…")
@click.option("-o", "--out", type=PATH, required=True, metavar="FILE", help="网页文件（.html）")
@click.option("--home", type=PATH, envvar="WENHENG_HOME", help="引用所在的数据文件夹，用来显示上下文")
@click.option("--reports", type=PATH, multiple=True, help="原始报告所在文件夹，可重复")
@click.option("--cases", type=PATH, help="评测题文件或文件夹（默认是随附的题）")
@click.option("--force", is_flag=True, help="覆盖已有的文件（不加则不覆盖）")
@guarded
def report(
    runs: tuple[Path, ...],
    out: Path,
    home: Path | None,
    reports: tuple[Path, ...],
    cases: Path | None,
    force: bool,
) -> None:
    """把评测结果写成一个可离线打开的网页，旁边附 JUnit（.junit.xml）和 JSON。

    RUN 是 wenheng eval run 写出的结果，可给几份；同一套评测给两份时逐题并排对照，先给的是旧的一份。
    """
    files.writable(out, force=force)
    where = Where(reports, cases)
    scored = named([(path.stem, load_scored(path, where)) for path in runs])
    with shelf(home) as reports_at_hand:
        written = files.write(scored, reports_at_hand, out, force=force)
    listed = "、".join(shown(path) for path in written)
    screen.out.print(f"已写入 {listed}", soft_wrap=True, markup=False, highlight=False)
