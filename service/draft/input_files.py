"""Input files in every format: a workbook, YAML or JSON, told by the suffix (输入文件).

In: a path. Out: the :class:`~service.draft.inputs.DraftInput` that stands there, the same for the same content in each
format; or a file made of what is known beforehand.
"""

from __future__ import annotations

from pathlib import Path

from corpus.errors import UnreadableFile
from corpus.files import shown
from corpus.readers import guard
from corpus.readers.guard import Limits
from service.draft.input_rows import Sheets, build
from service.draft.inputs import DraftInput
from service.draft.prefill_sources import Prefilled
from service.draft.workbook import read_workbook, sheets_in, write_workbook
from service.papers.files_out import write
from service.papers.provenance import OpenReport

SUFFIXES = (".xlsx", ".yaml", ".yml", ".json")
WORKBOOKS = (".xlsx", ".xlsm", ".xls")  # of which only the first is read
LIMITS = Limits(size=5 * 2**20)


def read_input(path: Path, open_report: OpenReport | None = None) -> DraftInput:
    """The input of a file.

    Args:
        path: .xlsx, .yaml, .yml or .json.
        open_report: opens a report of the library; see :func:`~service.draft.workbook.read_workbook`.

    Raises:
        UnreadableFile: it cannot be read at all.
        BadTable: what stands in it cannot be, everything in one message.
    """
    if path.suffix.lower() in WORKBOOKS:
        return read_workbook(path, open_report)
    return build(read_sheets(path), shown(path.name), open_report)


def read_sheets(path: Path) -> Sheets:
    """The cells of a file as they were typed, whatever is wrong with them.

    Raises:
        UnreadableFile: it cannot be read at all.
        BadTable: it is not made of the four sheets.
    """
    suffix = path.suffix.lower()
    if suffix in WORKBOOKS:
        return sheets_in(path)
    if suffix not in SUFFIXES:
        raise UnreadableFile(
            f"不认识“{path.suffix or '没有扩展名'}”的输入表",
            where=shown(path),
            remedy=f"可用：{'、'.join(SUFFIXES)}",
        )
    from service.draft import input_text  # PyYAML

    text = _text(guard.load(path, LIMITS), shown(path))
    read = input_text.sheets_of_json if suffix == ".json" else input_text.sheets_of_yaml
    return read(text, shown(path))


def write_input(given: Prefilled, path: Path, *, force: bool = False) -> None:
    """Write an input in the form that the suffix names.

    Raises:
        InputError: the path cannot be written.
        StorageFull: no space is left.
    """
    suffix = path.suffix.lower()
    if suffix not in (".yaml", ".yml", ".json"):
        write_workbook(given, path, force=force)
        return
    from service.draft import input_text

    text = input_text.json_text(given) if suffix == ".json" else input_text.yaml_text(given)
    write(path, text.encode("utf-8"), SUFFIXES, force=force)


def _text(data: bytes, where: str) -> str:
    """Text in UTF-8, or as Chinese Windows writes it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("不是文本文件，或编码不认识", where=where, remedy="请另存为 UTF-8 编码后再试")
