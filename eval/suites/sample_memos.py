"""The cells of a memo over the samples against truth.json (样例备忘录的单元格).

In: the JSON of a memo and the samples that it is about. Out: how many cells are right of those that can be judged, and
what is wrong with the others. truth.json does not list every figure: a cell is judged only where it lists one of that
place, year and name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.memos import name_of, year_of
from eval.quantities import Quantity, clean, quantities, same_unit
from eval.truth import Fact, Sample

NAME_SHARE = 0.9  # of the characters of either name that stand in the other: the same indicator
ABOUT_SAME = 0.7  # of the truth's name: enough where the value agrees as well
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell with what its row and column say it is."""

    label: str
    aimed: bool
    place: str
    year: int
    text: str
    status: str
    cited: bool


def judged(memo: Mapping[str, Any], given: Sequence[Sample]) -> tuple[tuple[int, int], tuple[str, ...]]:
    """(right, judged) and a line for each wrong cell."""
    facts = [fact for one in given for fact in one.figures if fact.kind != "difference"]
    told = {(one.place, fact) for one in given for fact in one.figures}
    own = [fact for fact in facts if (fact.place, fact) in told]  # not what the city says of a county
    verdicts = [(spot, verdict) for spot in spots(memo) if (verdict := fault(spot, facts, own)) is not None]
    wrong = tuple(f"{s.place}{s.year}　{s.label}　{s.text}　{why}" for s, why in verdicts if why)
    return (len(verdicts) - len(wrong), len(verdicts)), wrong


def fault(spot: Spot, facts: Sequence[Fact], own: Sequence[Fact]) -> str | None:
    """What is wrong with a cell, "" where it is right; None where truth.json cannot tell.

    ``own`` are the facts that the reports of their own place tell: these must not be missing.
    """
    there = [fact for fact in facts if _meant(spot, fact)]
    same = [
        fact
        for fact in own
        if _meant(spot, fact) and fact.period == "全年" and _alike(fact.indicator, spot.label)
    ]
    if spot.status == MISSING:
        told = next((fact for fact in same if fact.value is not None), None)
        return f"应为 {told.text}" if told else None
    said = quantities(clean(spot.text))
    if any(_states(said, fact) and _named(fact.indicator, spot.label) for fact in there):
        return "" if spot.cited else "没有出处"
    return f"应为 {same[0].text}" if same and same[0].value is not None else None


def _meant(spot: Spot, fact: Fact) -> bool:
    return (fact.place, fact.year, fact.kind == "target") == (spot.place, spot.year, spot.aimed)


def spots(memo: Mapping[str, Any]) -> Iterator[Spot]:
    """The value cells of the tables of indicators."""
    for table in memo["blocks"]:
        if table["type"] != "table" or table["header"][0] != "指标" or "地区" in table["header"]:
            continue
        for row in table["rows"]:
            label, aimed = name_of(row[0]["text"])
            for head, cell in zip(table["header"][1:], row[1:], strict=True):
                year = year_of(head)
                if year is not None or head in memo["places"]:
                    place = memo["places"][0] if year is not None else head
                    at = year if year is not None else memo["years"][0]
                    yield Spot(label, aimed, place, at, cell["text"], cell["status"], bool(cell["sources"]))


def _states(said: Sequence[Quantity], fact: Fact) -> bool:
    return any(
        one.value == fact.value and (same_unit(one.unit, fact.unit) or not one.unit or len(fact.unit) > 1)
        for one in said
    )


def _alike(one: str, other: str) -> bool:
    return min(_share(one, other), _share(other, one)) >= NAME_SHARE


def _named(truth: str, label: str) -> bool:
    return max(_share(truth, label), _share(label, truth)) >= ABOUT_SAME


def _share(one: str, other: str) -> float:
    """Share of the characters of one name that stand in the other."""
    return sum(char in other for char in one) / len(one) if one else 0.0
