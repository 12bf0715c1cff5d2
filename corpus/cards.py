"""What the library tells about its reports without opening them (目录).

In: the database and a filter. Out: one card a report, the places and years that there are, figures.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace

from corpus.database import Database
from corpus.duplicates import Duplicate
from corpus.filters import KEPT, of_passages, of_reports
from corpus.records import figure_of, passage_of
from corpus.report import Figure, Filter, Genre, Passage


@dataclass(frozen=True, slots=True)
class Card:
    """One report in a list; ``merged_into`` is "" unless it is a copy of another report."""

    id: str
    title: str
    place: str | None
    year: int | None
    period: str | None
    genre: Genre
    issuer: str | None
    number: str | None
    date: str | None
    source_name: str
    source_sha256: str
    ordinal: int
    characters: int
    passages: int
    figures: int
    repairs: int
    damages: int
    masked: int
    duplicates: tuple[str, ...]  # reports that were merged into this one
    merged_into: str
    edited: tuple[str, ...]  # fields that the user changed
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """Reports that exist for a place, year and genre."""

    place: str | None
    year: int | None
    genre: Genre
    report_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """A figure with the report that states it."""

    report_id: str
    place: str | None
    year: int | None
    figure: Figure


_CARDS = """
SELECT r.id, r.title, r.place, r.year, r.period, r.genre, r.metadata, r.sha256, r.ordinal,
    r.repair_count, r.damage_count, r.masked, r.warnings, f.name AS source_name,
    length(r.text) AS characters, coalesce(d.kept_id, '') AS merged_into,
    (SELECT count(*) FROM passages p WHERE p.report_id = r.id) AS passages,
    (SELECT count(*) FROM figures g WHERE g.report_id = r.id) AS figures,
    (SELECT json_group_array(c.report_id) FROM duplicates c WHERE c.kept_id = r.id) AS copies,
    (SELECT json_group_object(e.field, e.value) FROM edits e WHERE e.report_id = r.id) AS edits
FROM reports r JOIN files f USING (sha256) LEFT JOIN duplicates d ON d.report_id = r.id
WHERE {condition} ORDER BY r.place IS NULL, r.place, r.year, f.name, r.ordinal
"""


def cards(database: Database, wanted: Filter, *, merged: bool) -> tuple[Card, ...]:
    """Cards of all matching reports; ``merged`` includes those merged into another one."""
    condition, parameters = of_reports(wanted)
    if not merged:
        condition += f" AND {KEPT}"
    return tuple(_card(row) for row in database.rows(_CARDS.format(condition=condition), parameters))


def _card(row: sqlite3.Row) -> Card:
    told, edits = json.loads(row["metadata"]), json.loads(row["edits"])

    def value(name: str) -> str | None:
        text = edits[name] if name in edits else told.get(name, [None])[0]
        return text or None

    return Card(
        id=row["id"],
        title=row["title"],
        place=row["place"],
        year=row["year"],
        period=row["period"],
        genre=Genre(row["genre"]),
        issuer=value("issuer"),
        number=value("number"),
        date=value("date"),
        source_name=row["source_name"],
        source_sha256=row["sha256"],
        ordinal=row["ordinal"],
        characters=row["characters"],
        passages=row["passages"],
        figures=row["figures"],
        repairs=row["repair_count"],
        damages=row["damage_count"],
        masked=row["masked"],
        duplicates=tuple(sorted(json.loads(row["copies"]))),
        merged_into=row["merged_into"],
        edited=tuple(sorted(edits)),
        warnings=tuple(json.loads(row["warnings"])),
    )


def coverage(database: Database) -> tuple[Covered, ...]:
    """Which places, years and genres there are."""
    rows = database.rows(
        "SELECT r.place, r.year, r.genre, json_group_array(r.id) AS ids FROM reports r"
        f" WHERE {KEPT} GROUP BY r.place, r.year, r.genre ORDER BY r.place IS NULL, r.place, r.year, r.genre"
    )
    return tuple(
        Covered(row["place"], row["year"], Genre(row["genre"]), tuple(sorted(json.loads(row["ids"]))))
        for row in rows
    )


def passages(database: Database, wanted: Filter) -> tuple[Passage, ...]:
    """Matching passages in the order of their reports."""
    condition, parameters = of_passages(wanted)
    rows = database.rows(
        "SELECT p.* FROM passages p JOIN reports r ON r.id = p.report_id"
        f" WHERE {condition} AND {KEPT} ORDER BY r.place, r.year, r.id, p.ordinal",
        parameters,
    )
    return tuple(passage_of(row) for row in rows)


def figures(database: Database, wanted: Filter, indicator: str) -> tuple[StatedFigure, ...]:
    """Matching figures; with ``kinds`` those that stand in a passage of such a section."""
    condition, parameters = of_reports(replace(wanted, kinds=()))
    if wanted.kinds:
        condition += (
            " AND EXISTS (SELECT 1 FROM passages p WHERE p.report_id = r.id AND p.start <= g.start"
            " AND g.end <= p.end AND p.kind IN (SELECT value FROM json_each(:kinds)))"
        )
        parameters |= of_passages(Filter(kinds=wanted.kinds))[1]
    if indicator:
        condition += " AND instr(g.indicator, :indicator) > 0"
        parameters["indicator"] = indicator
    rows = database.rows(
        "SELECT g.*, r.place, r.year FROM figures g JOIN reports r ON r.id = g.report_id"
        f" WHERE {condition} AND {KEPT} ORDER BY r.place, r.year, r.id, g.ordinal",
        parameters,
    )
    return tuple(StatedFigure(row["report_id"], row["place"], row["year"], figure_of(row)) for row in rows)


def duplicates(database: Database) -> tuple[Duplicate, ...]:
    """All merged copies."""
    rows = database.rows("SELECT * FROM duplicates ORDER BY kept_id, report_id")
    return tuple(Duplicate(r["report_id"], r["kept_id"], r["kind"], r["similarity"]) for r in rows)
