"""What users correct in the ledger (人工更正): kept through a new ingest, marked, and undone at will.

In: a row's id and fields with their new values. Out: rows of ``corrections`` and, laid over a
:class:`~corpus.ledger.Row`, the row that counts. A correction is bound to the bytes of the file and the raw
offset of the figure, so it outlives every new parse; where the file itself changes, it follows the same
figure in the same sentence. Many are kept in one transaction or none is.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.database import Database, now
from corpus.errors import BadTable
from corpus.report import Figure, FigureKind, Report
from corpus.units import match_unit
from corpus.when import read_when

FIELDS = {
    "indicator": "指标",
    "value": "数值",
    "unit": "单位",
    "qualifier": "限定",
    "period": "时段",
    "kind": "性质",
    "place": "地方",
}
KINDS = {
    FigureKind.ACTUAL: "实际",
    FigureKind.TARGET: "目标",
    FigureKind.REQUIREMENT: "要求",
    FigureKind.RANK: "位次",
    FigureKind.DIFFERENCE: "增减",
}
_LONGEST = {"indicator": 60, "place": 30, "unit": 12, "qualifier": 8}
_NUMBER = r"-?\d{1,15}(?:\.\d{1,8})?"
_VALUE = re.compile(rf"(?P<low>{_NUMBER})(?:[-—－～~至](?P<high>{_NUMBER}))?")
_SCALES = (("万亿", Decimal(10) ** 12), ("亿", Decimal(10) ** 8), ("万", Decimal(10) ** 4))


@dataclass(frozen=True, slots=True)
class Correction:
    """One changed field of one row; ``original`` is the figure as written, ``quote`` its sentence."""

    sha256: str
    position: str  # raw offset of the figure, "1234", or "1234.2" for a second one there
    field: str
    value: str
    original: str
    quote: str
    corrected_at: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a user sets on a row; ``value`` None takes the correction back."""

    sha256: str
    position: str
    field: str
    value: str | None
    original: str
    quote: str


# -- what a value may be ----------------------------------------------------------------------------


def checked(field: str, value: str, where: str = "") -> str:
    """The value in the form that is stored.

    Raises:
        BadTable: no such field, or a value that it cannot take.
    """
    name = next((key for key, label in FIELDS.items() if field.strip() in (key, label)), "")
    value = " ".join(value.split())
    if not name:
        raise BadTable(
            f"没有“{field}”这一项", where=where, remedy=f"可更正的有：{'、'.join(FIELDS.values())}"
        )
    if name == "value":
        return _checked_value(value, where)
    if len(value) > _LONGEST.get(name, 40):
        raise BadTable(
            f"“{FIELDS[name]}”过长（{len(value)}字）",
            where=where,
            remedy=f"请不要超过{_LONGEST.get(name, 40)}字",
        )
    if name in ("indicator", "place") and not value:
        raise BadTable(f"“{FIELDS[name]}”不能为空", where=where, remedy="请填写；要撤销更正请用 --unset")
    if name == "kind":
        return _checked_kind(value, where)
    if name == "period" and value and read_when(value, year=2000, period=None) is None:
        raise BadTable(
            f"看不懂时段“{value}”", where=where, remedy="请写成 2018年、2018年上半年、2018年1—5月 的样子"
        )
    return value


def field_of(name: str, where: str = "") -> str:
    """The field of a name or a Chinese label.

    Raises:
        BadTable: there is none.
    """
    for key, label in FIELDS.items():
        if name.strip() in (key, label):
            return key
    raise BadTable(f"没有“{name}”这一项", where=where, remedy=f"可更正的有：{'、'.join(FIELDS.values())}")


def _checked_value(value: str, where: str) -> str:
    plain = value.replace(",", "").replace("，", "").replace(" ", "")
    found = _VALUE.fullmatch(plain)
    if not plain:
        return ""
    if found is None:
        raise BadTable(
            f"“{value}”不是数值", where=where, remedy="请只写数字，如 12.5 或 250-300；单位写在“单位”一栏"
        )
    if found["high"] and Decimal(found["high"]) < Decimal(found["low"]):
        raise BadTable(f"“{value}”的上限小于下限", where=where, remedy="请写成 250-300 的样子")
    return f"{found['low']}-{found['high']}" if found["high"] else found["low"]


def _checked_kind(value: str, where: str) -> str:
    for kind, label in KINDS.items():
        if value in (kind.value, label):
            return kind.value
    raise BadTable(f"没有“{value}”这种性质", where=where, remedy=f"可选：{'、'.join(KINDS.values())}")


def numbers_of(value: str) -> tuple[Decimal | None, Decimal | None]:
    """A stored value as value and upper end."""
    found = _VALUE.fullmatch(value)
    if found is None:
        return None, None
    return Decimal(found["low"]), Decimal(found["high"]) if found["high"] else None


def unit_of(text: str) -> tuple[str, Decimal]:
    """万人 as 人 and 10000."""
    for word, scale in _SCALES:
        if text.startswith(word):
            unit, factor = unit_of(text[len(word) :])
            return unit, factor * scale
    known = match_unit(text, 0) if text else None
    if known and known.end == len(text):
        return known.name, known.factor
    return text, Decimal(1)


# -- the table --------------------------------------------------------------------------------------


def all_corrections(database: Database) -> tuple[Correction, ...]:
    """Every correction, file by file."""
    rows = database.rows("SELECT * FROM corrections ORDER BY sha256, position, field")
    return tuple(Correction(**dict(row)) for row in rows)


def keep(database: Database, changes: Sequence[Change]) -> None:
    """Write all changes, or none."""
    with database.writing() as connection:
        for change in changes:
            place = (change.sha256, change.position, change.field)
            connection.execute(
                "DELETE FROM corrections WHERE sha256 = ? AND position = ? AND field = ?", place
            )
            if change.value is not None:
                connection.execute(
                    "INSERT INTO corrections VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*place, change.value, change.original, change.quote, now()),
                )


def undo(database: Database, sha256: str, position: str) -> int:
    """Take back all corrections of a row; how many there were."""
    with database.writing() as connection:
        gone = connection.execute(
            "DELETE FROM corrections WHERE sha256 = ? AND position = ?", (sha256, position)
        )
    return gone.rowcount


def forget(connection: sqlite3.Connection, sha256: str) -> None:
    """Drop the corrections of a file that was removed."""
    connection.execute("DELETE FROM corrections WHERE sha256 = ?", (sha256,))


def carry(connection: sqlite3.Connection, old_sha256: str | None, reports: Iterable[Report]) -> None:
    """Let corrections of a file follow their figures into the reports that take its place.

    The same bytes parsed anew: the figure that covers the same raw text. Other bytes: the same figure in
    the same sentence; what finds none stays with the old bytes, in case they come back.
    """
    rows = connection.execute(
        "SELECT * FROM corrections WHERE sha256 = ? ORDER BY position", (old_sha256,)
    ).fetchall()
    if not rows:
        return
    stands = [(position, figure, report) for report in reports for position, figure in positions(report)]
    for row in rows:
        goal = _follow(row, stands)
        if goal and goal != (row["sha256"], row["position"]):
            connection.execute(
                "UPDATE OR REPLACE corrections SET sha256 = ?, position = ?"
                " WHERE sha256 = ? AND position = ? AND field = ?",
                (*goal, row["sha256"], row["position"], row["field"]),
            )


def _follow(row: sqlite3.Row, stands: Sequence[tuple[str, Figure, Report]]) -> tuple[str, str] | None:
    """File and position of the figure that a correction is about now."""
    same_file = [(p, f, r) for p, f, r in stands if r.source_sha256 == row["sha256"]]
    if any(position == row["position"] for position, _, _ in same_file):
        return str(row["sha256"]), str(row["position"])
    at = int(str(row["position"]).split(".", 1)[0])
    for position, figure, report in same_file:
        low, high = report.origin.raw_span(figure.span.start, figure.span.end)
        if low <= at < high:
            return report.source_sha256, position
    same = [
        (report.source_sha256, position)
        for position, figure, report in stands
        if _plain(figure.text) == _plain(row["original"])
        and _plain(figure.sentence.of(report.text)) == _plain(row["quote"])
    ]
    return same[0] if len(same) == 1 else None


def _plain(text: str) -> str:
    return "".join(text.split())


def positions(report: Report) -> Iterable[tuple[str, Figure]]:
    """Each figure of a report with its place in the raw text of the file."""
    seen: dict[int, int] = {}
    for figure in report.figures:
        at = report.raw_offset(figure.span.start)
        seen[at] = seen.get(at, 0) + 1
        yield (str(at) if seen[at] == 1 else f"{at}.{seen[at]}"), figure


def by_row(found: Iterable[Correction]) -> Mapping[tuple[str, str], dict[str, str]]:
    """(file, position) → field → value."""
    table: dict[tuple[str, str], dict[str, str]] = {}
    for correction in found:
        table.setdefault((correction.sha256, correction.position), {})[correction.field] = correction.value
    return table
