"""The input as a workbook: written for the office to fill in, read back when it has (输入表).

In: what is known beforehand, or an .xlsx. Out: a file, or the input that stands in it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from corpus.errors import UnreadableFile
from corpus.files import shown
from corpus.readers import guard
from service.draft.input_rows import Sheets, build
from service.draft.inputs import DraftInput
from service.draft.prefill_sources import Prefilled
from service.draft.workbook_reading import LIMITS, sheets_of
from service.papers.files_out import write
from service.papers.provenance import OpenReport

SUFFIXES = (".xlsx",)


def write_workbook(given: Prefilled, path: Path, *, force: bool = False) -> None:
    """Write the workbook.

    Raises:
        InputError: the path cannot be written.
        StorageFull: no space is left.
    """
    from service.draft.workbook_writing import workbook  # openpyxl is slow to load

    write(path, workbook(given), SUFFIXES, force=force)


def read_workbook(path: Path, open_report: OpenReport | None = None) -> DraftInput:
    """The input of a workbook.

    Args:
        path: an .xlsx.
        open_report: opens a report of the library, so that prefilled cells keep their citations only where the
            library still has the sentence.

    Raises:
        UnreadableFile: it is no workbook, or one with macros or a password.
        BadTable: cells, columns or sheets that cannot be, all in one message.
    """
    made = build(sheets_in(path), shown(path.name), open_report)
    return replace(made, warnings=(*_opened(path), *made.warnings))


def sheets_in(path: Path) -> Sheets:
    """The cells of a workbook.

    Raises:
        UnreadableFile, BadTable: as for :func:`read_workbook`, but for what stands in single cells.
    """
    if path.suffix.lower() != ".xlsx":
        raise UnreadableFile(
            f"不读“{path.suffix or '没有扩展名'}”的工作簿", where=shown(path), remedy="请另存为不含宏的 .xlsx"
        )
    return sheets_of(guard.load(path, LIMITS), shown(path))


def _opened(path: Path) -> tuple[str, ...]:
    """A warning where an office program has the file open: its lock file stands beside it."""
    locks = (f".~lock.{path.name}#", f"~${path.name}", f"~${path.name[2:]}")
    if not any((path.parent / lock).exists() for lock in locks):
        return ()
    return (f"{shown(path.name)}正在另一个程序中打开，读到的是上次保存的内容；请先保存",)
