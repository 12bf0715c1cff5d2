"""Which copies are merged at present, kept in step with every change (合并重复).

In: a transaction and the reports that were touched. Out: the rows of ``duplicates`` of all reports
that these could be copies of, computed afresh; what the user decided is respected.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from corpus.duplicates import Candidate, find_duplicates
from corpus.errors import InputError, NotFound
from corpus.records import dump

# Reports that may be copies of each other: same place and year; where these are unknown, the same
# text or the same file; and whatever the user merged by hand.
_RELATED = """
WITH known AS (SELECT value AS id FROM json_each(?))
SELECT id FROM reports WHERE id IN known
UNION SELECT o.id FROM known JOIN reports r USING (id)
    JOIN reports o ON o.place = r.place AND o.year = r.year
UNION SELECT o.id FROM known JOIN reports r USING (id)
    JOIN reports o ON (o.text_key = r.text_key OR o.sha256 = r.sha256)
    AND o.place IS r.place AND o.year IS r.year
UNION SELECT d.report_id FROM known JOIN decisions d ON d.kept_id = known.id AND d.merged
UNION SELECT d.kept_id FROM known JOIN decisions d ON d.report_id = known.id AND d.merged
"""


def related(connection: sqlite3.Connection, report_ids: Iterable[str]) -> set[str]:
    """The reports and all that could be copies of them, directly or through others."""
    known = set(report_ids)
    while True:
        wider = known | {row["id"] for row in connection.execute(_RELATED, (dump(sorted(known)),))}
        if wider == known:
            return known
        known = wider


def refresh(connection: sqlite3.Connection, report_ids: Iterable[str]) -> None:
    """Compute the copies among these reports and their relatives again."""
    ids = dump(sorted(related(connection, report_ids)))
    rows = connection.execute(
        "SELECT r.*, f.name FROM reports r JOIN files f USING (sha256)"
        " WHERE r.id IN (SELECT value FROM json_each(?))",
        (ids,),
    ).fetchall()
    decided = connection.execute("SELECT * FROM decisions").fetchall()
    found = find_duplicates(
        [_candidate(row) for row in rows],
        apart=[(d["report_id"], d["kept_id"]) for d in decided if not d["merged"]],
        together={d["report_id"]: d["kept_id"] for d in decided if d["merged"]},
    )
    connection.execute(
        "DELETE FROM duplicates WHERE report_id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    connection.executemany(
        "INSERT INTO duplicates (report_id, kept_id, kind, similarity) VALUES (?, ?, ?, ?)",
        [(d.report_id, d.kept_id, d.kind, d.similarity) for d in found],
    )


def _candidate(row: sqlite3.Row) -> Candidate:
    told = len(json.loads(row["metadata"])) - 2  # title and genre are always there
    return Candidate(
        id=row["id"],
        source=row["sha256"],
        name=row["name"],
        ordinal=row["ordinal"],
        place=row["place"],
        year=row["year"],
        period=row["period"],
        text=row["text"],
        damages=row["damage_count"],
        told=told,
    )


def merge(connection: sqlite3.Connection, report_id: str, kept_id: str) -> None:
    """Merge a report into another one of the same place and year, by hand.

    Raises:
        InputError: the same report, or another place or year.
    """
    if report_id == kept_id:
        raise InputError("不能把报告并入它自己", where=report_id, remedy="请给出两份不同的报告")
    pair = connection.execute(
        "SELECT DISTINCT place, year FROM reports WHERE id IN (?, ?)", (report_id, kept_id)
    ).fetchall()
    if len(pair) > 1:
        raise InputError(
            "地区或年份不同的报告不能合并",
            where=f"{report_id}、{kept_id}",
            remedy="若元数据有误，请先用 wenheng edit 修改",
        )
    _decide(connection, report_id, kept_id, merged=True)


def unmerge(connection: sqlite3.Connection, report_id: str) -> str:
    """Make a merged copy a report of its own again; the id of the report that it was merged into.

    Raises:
        NotFound: it is not merged into any report.
    """
    row = connection.execute("SELECT kept_id FROM duplicates WHERE report_id = ?", (report_id,)).fetchone()
    if row is None:
        raise NotFound("这份报告没有被合并", where=report_id, remedy="用 wenheng reports 查看哪些报告被合并")
    kept_id = str(row["kept_id"])
    _decide(connection, report_id, kept_id, merged=False)
    return kept_id


def _decide(connection: sqlite3.Connection, report_id: str, kept_id: str, *, merged: bool) -> None:
    """Remember a decision in place of earlier ones about the same pair, then apply it."""
    before = related(connection, (report_id, kept_id))
    connection.execute(
        "DELETE FROM decisions WHERE (report_id = ?1 AND (merged OR kept_id = ?2))"
        " OR (report_id = ?2 AND kept_id = ?1)",
        (report_id, kept_id),
    )
    connection.execute("INSERT INTO decisions VALUES (?, ?, ?)", (report_id, kept_id, int(merged)))
    refresh(connection, before)


def carry(connection: sqlite3.Connection, old_id: str, new_id: str) -> None:
    """Give the edits and decisions about a report to the one that takes its place."""
    if old_id == new_id:
        return
    for table, column in (("edits", "report_id"), ("decisions", "report_id"), ("decisions", "kept_id")):
        columns = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
        chosen = ", ".join("?1" if name == column else name for name in columns)
        connection.execute(
            f"INSERT OR IGNORE INTO {table} SELECT {chosen} FROM {table} WHERE {column} = ?2",
            (new_id, old_id),
        )


def forget(connection: sqlite3.Connection, report_id: str) -> None:
    """Drop edits of and decisions about a report that is gone."""
    connection.execute("DELETE FROM edits WHERE report_id = ?", (report_id,))
    connection.execute("DELETE FROM decisions WHERE report_id = ?1 OR kept_id = ?1", (report_id,))
