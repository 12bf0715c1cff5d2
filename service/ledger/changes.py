"""Corrections of rows as users make them: by hand, one row at a time, or from an edited table (更正).

In: rows of the library and the fields that a user changes. Out: the changes, checked, kept all together or
not at all; and the rows as they then are.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from corpus import aliases as tables
from corpus.aliases import Aliases
from corpus.corrections import (
    Change,
    Correction,
    all_corrections,
    checked,
    field_of,
    keep,
    positions,
    undo,
)
from corpus.errors import BadTable, InputError, NotFound
from corpus.ledger import Row, rows_of
from corpus.library import Library
from corpus.report import Report


class Book:
    """The rows of a library, report by report, as they are opened."""

    def __init__(self, library: Library, aliases: Aliases) -> None:
        self._library = library
        self._aliases = aliases
        self._open: dict[str, tuple[Report, dict[str, Row]]] = {}

    def row(self, row_id: str, where: str = "") -> Row:
        """A row by its id, or the unique beginning of its report's id and the offset: 1f3a:1234.

        Raises:
            NotFound: there is no such report or row.
            InputError: several reports begin so.
        """
        report_id, mark, position = row_id.strip().partition(":")
        if not mark or not position:
            raise NotFound(
                f"“{row_id}”不是行号", where=where, remedy="行号形如 1f3a5b:1234，用 wenheng figures 查看"
            )
        rows = self._of(report_id)[1]
        if position not in rows:
            raise NotFound(
                f"没有这一行：{row_id}",
                where=where,
                remedy="用 wenheng figures --report 编号 查看该报告的行号",
            )
        return rows[position]

    def change(self, row: Row, field: str, value: str | None, where: str = "") -> Change:
        """A change of one field; None takes it back.

        Raises:
            BadTable: no such field, or a value that it cannot take.
        """
        report = self._of(row.report_id)[0]
        name = field_of(field, where)
        stored = None if value is None else checked(name, value, where)
        position = row.id.partition(":")[2]
        return Change(report.source_sha256, position, name, stored, row.original or row.text, row.quote)

    def _of(self, report_id: str) -> tuple[Report, dict[str, Row]]:
        full = self._library.full_id(report_id)
        if full not in self._open:
            report = self._library.report(full)
            rows = rows_of(report, self._aliases, all_corrections(self._library.database))
            self._open[full] = (report, {row.id.partition(":")[2]: row for row in rows})
        return self._open[full]


def set_fields(library: Library, wanted: Iterable[tuple[str, str]], aliases: Aliases) -> tuple[Row, ...]:
    """Apply (row id, "field=value"), all or none; the rows as they then are.

    Raises:
        BadTable: a field or value that cannot be.
        NotFound: no such row.
    """
    book = Book(library, aliases)
    changes, ids = [], []
    for row_id, text in wanted:
        field, mark, value = text.replace("＝", "=").partition("=")
        if not mark:
            raise BadTable(f"看不懂“{text}”", where=row_id, remedy="请写成 数值=12.5 的样子")
        row = book.row(row_id)
        changes.append(book.change(row, field, value, row_id))
        ids.append(row.id)
    keep(library.database, changes)
    after = Book(library, aliases)
    return tuple(after.row(row_id) for row_id in dict.fromkeys(ids))


def unset(library: Library, row_ids: Iterable[str], aliases: Aliases) -> tuple[Row, ...]:
    """Take back every correction of these rows; the rows as the pages tell them.

    Raises:
        NotFound: no such row, or it was not corrected; nothing is taken back then.
    """
    book = Book(library, aliases)
    rows = [book.row(row_id) for row_id in row_ids]
    for row in rows:
        if not row.corrected:
            raise NotFound(
                "这一行没有人工更正", where=row.id, remedy="用 wenheng figures 查看带“更正”标记的行"
            )
    for row in rows:
        undo(library.database, library.report(row.report_id).source_sha256, row.id.partition(":")[2])
    after = Book(library, aliases)
    return tuple(after.row(row.id) for row in rows)


def add_alias(home: Path, name: str, alias: str, where: str = "") -> Aliases:
    """Note that ``alias`` means ``name``; the table as it then is.

    Raises:
        BadTable, InputError: a name is empty or not one name, or the table would contradict itself.
    """
    if not name.strip() or not alias.strip():
        raise BadTable("标准名和别名都要写", where=where, remedy="请写成 标准名=别名 的样子")
    if any(character in name + alias for character in "\n\r,，#=＝"):
        raise InputError("一次只能加一个别名", where=where, remedy="多个别名请分几次加")
    return tables.add(home, name, alias)


def adrift(library: Library) -> tuple[Correction, ...]:
    """Corrections whose figure is in no report any more, say after the file was rewritten."""
    kept = all_corrections(library.database)
    files = {correction.sha256 for correction in kept}
    known = {
        (card.source_sha256, position)
        for card in (library.cards(merged=True) if files else ())
        if card.source_sha256 in files
        for position, _ in positions(library.report(card.id))
    }
    return tuple(c for c in kept if (c.sha256, c.position) not in known)
