"""Scored runs → report.html, report.junit.xml and report.json beside it (评测报告的文件).

In: runs and the path of the page. Out: three files, each written whole or not at all; a file that is there
stays unless it may be overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from eval.reporting.judged import Run
from eval.reporting.junit import junit
from eval.reporting.page import page
from eval.reporting.plain import plain
from eval.reporting.shelf import Shelf
from service.papers import files_out

PAGE = (".html",)


def beside(out: Path) -> tuple[Path, Path, Path]:
    """The page, JUnit XML and JSON: report.html, report.junit.xml, report.json."""
    return out, out.with_suffix(".junit.xml"), out.with_suffix(".json")


def writable(out: Path, *, force: bool = False) -> None:
    """Whether all three may be written; asked before any scoring.

    Raises:
        InputError: the suffix is not .html, the folder is not there, or a file is in the way.
    """
    files_out.writable(out, PAGE, force=force)
    for path in beside(out)[1:]:
        files_out.writable(path, (path.suffix,), force=force)


def write(runs: Sequence[Run], shelf: Shelf, out: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the three files; returns their paths.

    Raises:
        InputError, StorageFull: one cannot be written.
    """
    texts = (
        page(runs, shelf),
        junit(runs),
        json.dumps(plain(runs), ensure_ascii=False, indent=1) + "\n",
    )
    for path, text in zip(beside(out), texts, strict=True):
        files_out.write(path, text.encode("utf-8"), (path.suffix,), force=force)
    return beside(out)
