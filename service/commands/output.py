"""What the commands that make a document share: where it goes, and in which form.

In: a document. Out: the terminal, one JSON object, or a file (.docx, .json, .md); always through the gate of
:mod:`service.papers.provenance`. A file that is there is not overwritten without ``--force``; nothing is asked.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

import click

from corpus.files import shown
from service import screen
from service.faults import F, guarded
from service.papers import files_out
from service.papers import screen as screen_documents
from service.papers.document import Document
from service.papers.markdown import markdown
from service.papers.presenting import caveat, masked
from service.papers.provenance import Checked, OpenReport, checked

# As the group has it: click keeps the help option of the first context that it sees a command in.
HELP = {"help_option_names": ["-h", "--help"]}
SUFFIXES = (".docx", ".json", ".md")


def outputs(function: F) -> F:
    """Adds ``-o/--out``, ``--json`` and ``--force``; passes them on as ``out``, ``as_json`` and ``force``.

    A path that cannot be written is refused before the command begins its work.
    """

    @functools.wraps(function)
    @guarded
    def run(*args: Any, **kwargs: Any) -> Any:
        out: Path | None = kwargs["out"]
        if out is not None:
            files_out.writable(out, SUFFIXES, force=kwargs["force"])
        return function(*args, **kwargs)

    for option in (
        click.option("--force", is_flag=True, help="覆盖已有的文件（不加则不覆盖）"),
        click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象"),
        click.option(
            "-o",
            "--out",
            type=click.Path(path_type=Path, readable=False),
            metavar="FILE",
            help="写成文件：.docx（公文格式）、.json 或 .md；不加则显示在屏幕上",
        ),
    ):
        run = option(run)
    return run  # type: ignore[return-value]


def deliver(
    document: Document,
    out: Path | None,
    as_json: bool,
    *,
    force: bool = False,
    open_report: OpenReport | None = None,
    terms: Collection[str] = (),
    office: str = "",
    day: date | None = None,
) -> Checked:
    """Check a document and hand it out: to a file, as JSON, or on the screen.

    Args:
        document: what a command made.
        out: the file, None for the terminal.
        as_json: print one JSON object.
        force: overwrite ``out``.
        open_report: opens a cited report, so that every citation is compared with its text.
        terms: names of the user's own alias table.
        office: 署名 of the Word file.
        day: 成文日期 of the Word file.

    Raises:
        Unsourced: a numeral leads to no source; nothing is shown or written.
        InputError: ``out`` cannot be written.
    """
    sound = checked(document, open_report, terms=terms)
    if out is not None:
        save(sound, out, force=force, office=office, day=day)
    if as_json:
        click.echo(to_json(sound))
    elif out is None:
        screen_documents.show(sound)
    else:
        screen.out.print(f"已写入 {shown(out)}（来源{len(document.sources)}条）", soft_wrap=True)
        if told := caveat(document):
            screen.out.print(told, style="yellow", soft_wrap=True)
    return sound


def save(
    sound: Checked, out: Path, *, force: bool = False, office: str = "", day: date | None = None
) -> None:
    """Write a checked document in the form that its suffix names."""
    if out.suffix.lower() == ".docx":
        from service.papers import export  # python-docx is slow to load

        export.save(sound, out, office=office, day=day, force=force)
        return
    text = to_json(sound, indent=2) + "\n" if out.suffix.lower() == ".json" else markdown(sound)
    files_out.write(out, text.encode("utf-8"), SUFFIXES, force=force)


def to_json(sound: Checked, indent: int | None = None) -> str:
    """The JSON object, without personal data."""
    return json.dumps(masked(sound.document.to_json()), ensure_ascii=False, indent=indent)
