"""A :class:`Filter` as SQL, over ``reports r`` and ``passages p``.

In: a filter. Out: a condition and its parameters. Lists travel as JSON, so that the statement stays
the same whatever their length.
"""

from __future__ import annotations

from corpus.records import dump
from corpus.report import Filter

# Reports that were merged into another one are never found, whatever the filter.
KEPT = "r.id NOT IN (SELECT report_id FROM duplicates)"

_COLUMNS = {
    "places": "r.place",
    "years": "r.year",
    "periods": "r.period",
    "genres": "r.genre",
    "report_ids": "r.id",
}


def of_reports(wanted: Filter) -> tuple[str, dict[str, object]]:
    """Condition on reports; a section kind asks for reports that have such a passage."""
    condition, parameters = _common(wanted)
    if wanted.kinds:
        condition += (
            " AND EXISTS (SELECT 1 FROM passages p WHERE p.report_id = r.id"
            " AND p.kind IN (SELECT value FROM json_each(:kinds)))"
        )
        parameters["kinds"] = dump(list(wanted.kinds))
    return condition, parameters


def of_passages(wanted: Filter) -> tuple[str, dict[str, object]]:
    """Condition on passages joined with their reports."""
    condition, parameters = _common(wanted)
    if wanted.kinds:
        condition += " AND p.kind IN (SELECT value FROM json_each(:kinds))"
        parameters["kinds"] = dump(list(wanted.kinds))
    return condition, parameters


def _common(wanted: Filter) -> tuple[str, dict[str, object]]:
    conditions = ["1"]
    parameters: dict[str, object] = {}
    for name, column in _COLUMNS.items():
        values = getattr(wanted, name)
        if values:
            conditions.append(f"{column} IN (SELECT value FROM json_each(:{name}))")
            parameters[name] = dump(list(values))
    return " AND ".join(conditions), parameters
