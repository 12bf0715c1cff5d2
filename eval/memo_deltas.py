"""Recomputes the changes that a memo states from its own cells: value, direction, unit and growth rate (增减复算).

In: the JSON of a memo. Out: a :class:`Change` for each computed cell, right or with what is wrong. Read as a reader
does: from the texts of the cells alone, with the quantity reader of eval, so that a fault of the code that computed
the cell cannot hide here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from eval.quantities import Quantity, clean, quantities, same_unit

UP = re.compile(r"^约?(?:提高|增加|扩大|上升|增长|高|多)")
DOWN = re.compile(r"^约?(?:下降|减少|缩小|降低|低|少)")
SAME = re.compile(r"^(?:持平|相同)")
FALLEN = re.compile(r"^(?:下降|减少)")
_GROWTH = re.compile(r"（(增长|下降)([^（）]*)）")
_PAIR = re.compile(r"^(.+)比(.+)$")
POINT = "百分点"
BESIDE = ("增减", "相差")


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that states a change, and what is wrong with it ("" where it is right)."""

    row: str
    text: str
    fault: str

    @property
    def right(self) -> bool:
        """Nothing is wrong."""
        return not self.fault


def changes(memo: Mapping[str, Any]) -> tuple[Change, ...]:
    """All stated changes of the memo's tables whose two values stand in the memo."""
    tables = [block for block in memo["blocks"] if block["type"] == "table"]
    values: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        for at, text in _values(table):
            values.setdefault(at, []).append(text)
    return tuple(one for table in tables for one in _of_table(table, values))


def _values(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """(row, head) → text of a value; rows of several places are told apart by all their first cells."""
    for row in table["rows"]:
        for head, cell in zip(table["header"], row, strict=True):
            if not cell["derived"]:
                yield (_name(table, row), head), cell["text"]


def _name(table: Mapping[str, Any], row: Sequence[Mapping[str, Any]]) -> str:
    width = 2 if table["header"][1:2] == ["地区"] else 1
    return "｜".join(cell["text"] for cell in row[:width])


def _of_table(table: Mapping[str, Any], values: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[Change]:
    heads = table["header"]
    for row in table["rows"]:
        name = _name(table, row)
        for at, cell in enumerate(row):
            ends = _ends(name, row, heads, at, values)
            if ends is not None and cell["derived"]:
                faults = [fault(cell["text"], old, new) for old, new in ends]
                yield Change(name, cell["text"], min(faults, default="两端的数值不在备忘录里"))


def _ends(
    name: str,
    row: Sequence[Mapping[str, Any]],
    heads: Sequence[str],
    at: int,
    values: Mapping[tuple[str, str], Sequence[str]],
) -> list[tuple[str, str]] | None:
    """The old and new text of a change, several where rows share a name; None where the cell is no change."""
    if heads[at] in BESIDE and at >= 2:
        return [(row[at - 2]["text"], row[at - 1]["text"])]
    pair = _PAIR.match(heads[at])
    if pair is None:
        return None
    return list(product(values.get((name, pair[2]), ()), values.get((name, pair[1]), ())))


def fault(said: str, old: str, new: str) -> str:
    """What is wrong with a stated change from ``old`` to ``new``; "" where nothing is."""
    both = bool(FALLEN.match(old) and FALLEN.match(new))  # then it is the decrease that grew or shrank
    first, second = _signed(old, both), _signed(new, both)
    told = quantities(clean(_GROWTH.sub("", said)))
    if first is None or second is None:
        return "两端的数值不在备忘录里"
    difference = second[0] - first[0]
    if SAME.match(said):
        return "" if not difference else f"说成持平，实为 {difference}"
    if not told:
        return "没有写出差额"
    direction = 1 if UP.match(said) else -1 if DOWN.match(said) else 0
    if direction * difference <= 0:
        return "方向不对"
    if abs(told[0].value - abs(difference)) > told[0].step / 2:
        return f"差额应为 {abs(difference)}"
    if not _unit_right(told[0], first[1], second[1]):
        return f"单位不对（{told[0].unit}）"
    return _growth_fault(said, first[0], difference)


def _signed(text: str, bare: bool) -> tuple[Decimal, Quantity] | None:
    found = quantities(clean(text))
    if not found:
        return None
    return (-found[0].value if FALLEN.match(text) and not bare else found[0].value), found[0]


def _unit_right(told: Quantity, old: Quantity, new: Quantity) -> bool:
    """Percentages differ by 百分点, never by %; everything else by its own unit."""
    if "%" in (old.unit, new.unit):
        return same_unit(told.unit, POINT)
    return any(same_unit(told.unit, one.unit) for one in (old, new)) or not (old.unit or new.unit)


def _growth_fault(said: str, old: Decimal, difference: Decimal) -> str:
    growth = _GROWTH.search(said)
    if growth is None or not old:
        return ""
    told = quantities(clean(growth[2]))
    if not told or told[0].unit != "%":
        return "增长率的单位不对"
    rate = difference * 100 / old
    if (rate < 0) != (growth[1] == "下降"):
        return "增长率方向不对"
    return (
        ""
        if abs(told[0].value - abs(rate)) <= told[0].step / 2
        else f"增长率应为 {abs(rate).quantize(told[0].step)}%"
    )
