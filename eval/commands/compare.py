"""``wenheng eval compare``: did this change make it better? Exit 0, 100 (a gate failed) or 1."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from corpus.errors import WenhengError
from eval.comparing import compare as compared
from eval.comparison_table import show
from eval.scored import load_scored
from eval.suites.contract import Where
from eval.where import REPORTS
from service import screen
from service.commands.output import HELP
from service.faults import guarded


@click.command(context_settings=HELP)
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--cases", type=click.Path(path_type=Path), help="评测题文件或文件夹（默认是随附的题）")
@click.option("--reports", multiple=True, type=click.Path(path_type=Path), help="原始报告所在文件夹，可重复")
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@guarded
def compare(base: Path, new: Path, cases: Path | None, reports: tuple[Path, ...], as_json: bool) -> None:
    """比较同一套评测的两份结果：逐项差值及区间、变好变坏的题、门槛。

    BASE 是改动前的，NEW 是改动后的。退出码：0 门槛都过，100 有门槛未过，1 出错。
    """
    where = Where(reports or REPORTS, cases)
    try:
        found = compared(load_scored(base, where), load_scored(new, where))
    except WenhengError as error:  # one code for every error, so that a script can tell it from a failed gate
        raise WenhengError(error.message, where=error.where, remedy=error.remedy) from error
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        show(found, screen.out)
    sys.exit(found.exit_code)
