"""The ledger of the sample corpus against truth.json: all 554 figures, field by field.

Value, unit, time, place and kind come out of the ledger as they are; names under the alias table that users of
these three counties would write (data/samples-aliases.txt). Nothing is corrected by hand.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from corpus.aliases import Aliases, combined, key, read, shipped
from corpus.ledger import Row, rows_of
from corpus.parse import parse
from corpus.readers import read as read_file
from corpus.report import Report
from corpus.samples import SAMPLES
from corpus.when import When, read_when

TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
FIGURES: list[dict[str, Any]] = TRUTH["figures"]
TABLE = Path(__file__).parent / "data" / "samples-aliases.txt"

# The city's report calls its counties by what they are.
COUNTIES = {"山区县": "青岭县", "湖区县": "云泽县", "工业县": "铜埠县"}
PEOPLE = {"名": "人", "位": "人"}
# What truth.json calls the change of an indicator.
CHANGE = re.compile(r"(?:增幅|降幅|减少|增加|缩短|差距|增速)$")
# Figures of plans, and what a plan counts, can be read as done or as aimed at.
EITHER = {
    ("招聘计划岗位数", "38个"),
    ("享受山区医生津贴人数", "213人"),
    ("离岗血防员人数", "126名"),
    ("县老年医院总投资", "1.26亿元"),
    ("县老年医院规划床位数", "200张"),
}


@cache
def table() -> Aliases:
    return combined(shipped(), read(TABLE))


@cache
def reports() -> dict[tuple[str, int], Report]:
    files = sorted({document["file"] for document in TRUTH["documents"]})
    return {
        (file, piece): report
        for file in files
        for piece, report in enumerate(parse(read_file(SAMPLES / file)), 1)
    }


@cache
def ledger() -> dict[tuple[str, int], tuple[Row, ...]]:
    return {at: rows_of(report, table()) for at, report in reports().items()}


def amount(figure: dict[str, Any]) -> tuple[Decimal | None, str]:
    """Value and unit of a figure of the truth, without 万 and 亿."""
    unit, factor = figure["unit"], 1
    if unit[0] in "万亿":
        unit, factor = unit[1:], 10**4 if unit[0] == "万" else 10**8
    value = None if figure["value"] is None else Decimal(figure["value"]) * factor
    return value, PEOPLE.get(unit, unit)


def time(figure: dict[str, Any]) -> When:
    period = "" if figure["period"] == "全年" else figure["period"]
    when = read_when(period, year=figure["year"], period=None)
    assert when is not None
    return when


def name(figure: dict[str, Any]) -> str:
    return CHANGE.sub("", figure["indicator"]) if figure["kind"] == "difference" else figure["indicator"]


def states(row: Row, figure: dict[str, Any]) -> bool:
    """Whether a row has the truth's value, unit, time, place and kind; a more exact time will do."""
    whole = time(figure)
    within = row.when is not None and whole.start <= row.when.start and row.when.end <= whole.end
    kinds = {"masked": ("actual",), "target": ("target", "requirement")}.get(
        figure["kind"], (figure["kind"],)
    )
    either = (figure["indicator"], figure["text"]) in EITHER and row.kind.value in ("actual", "target")
    return (
        (row.value, PEOPLE.get(row.unit, row.unit)) == amount(figure)
        and within
        and COUNTIES.get(row.place or "", row.place) == figure["place"]
        and (row.kind.value in kinds or either)
        and row.masked == (figure["kind"] == "masked")
    )


def named(row: Row, figure: dict[str, Any]) -> bool:
    context = "\n".join((*row.path, row.quote))
    return key(row.name) == key(table().canonical(name(figure), row.unit, context))


def stating(figure: dict[str, Any]) -> list[Row]:
    return [row for row in ledger()[figure["file"], figure["piece"]] if states(row, figure)]


def test_every_figure_has_its_row() -> None:
    assert len(FIGURES) == 554
    missing = [(f["file"], f["indicator"], f["text"]) for f in FIGURES if not stating(f)]
    assert missing == []


def test_every_row_has_its_name() -> None:
    wrong = [
        (f["file"], f["indicator"], f["text"], [row.name for row in stating(f)])
        for f in FIGURES
        if not any(named(row, f) for row in stating(f))
    ]
    assert wrong == []


def test_the_one_contradiction_is_there_and_aliases_make_few_others() -> None:
    """铜埠县 2024 tells 26 and 29 cases; parts beside their sum are the only other two values of a name."""
    names = {key(name(figure)) for figure in FIGURES}
    told: dict[tuple[object, ...], set[Decimal]] = defaultdict(set)
    for found in ledger().values():
        for row in found:
            if row.value is not None and key(row.name) in names and row.kind.value == "actual":
                told[row.report_id, row.place, key(row.name), row.unit, row.when].add(row.value)
    twice = {(at[1], at[2]): values for at, values in told.items() if len(values) > 1}
    assert twice["铜埠县", key("新发职业病例数")] >= {Decimal(26), Decimal(29)}
    assert len(twice) <= 10, twice
