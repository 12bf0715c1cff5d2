"""Quantities of labels and of the product on one scale, so that they compare.

In: a label, whose unit stands as written with its 万 or 亿, or a product's figure, whose unit is
canonical beside a factor. Out: a :class:`Quantity` in the base unit. The units are read here and not
with ``corpus.units``: a scorer that shares the reader shares its mistakes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from corpus.report import Figure
from eval.labels import LabelledFigure

SCALE = re.compile(r"(?P<scale>百万|千万|万亿|[百千万亿](?!分))?(?P<unit>.*)", re.DOTALL)
FACTORS = {
    "": Decimal(1),
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10**4),
    "百万": Decimal(10**6),
    "千万": Decimal(10**7),
    "亿": Decimal(10**8),
    "万亿": Decimal(10**12),
}
# Written forms of one and the same unit. 个点 is left alone: whether it means 个百分点 is for a reader.
SAME = {
    "名": "人",
    "位": "人",
    "cm": "厘米",
    "mm": "毫米",
    "km": "公里",
    "kg": "公斤",
    "㎡": "平方米",
    "百分点": "个百分点",
    "场次": "场",
    "周岁": "岁",
    "周年": "年",
    "个月": "月",
    "个工作日": "工作日",
    "1/10万": "/10万",
    "1/万": "/万",
}
# What a qualifier says of the value; its wording is not judged.
BOUNDS = {
    "about": ["约", "近", "左右", "上下", "大约", "大概", "接近", "将近"],
    "least": ["余", "多", "以上", "超", "超过", "突破", "逾", "不少于", "不低于", "至少", "最低"],
    "most": ["以内", "以下", "不超过", "不高于", "至多", "最多", "不足", "低于"],
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in the base unit; None where it is masked or cannot be read."""

    value: Decimal | None
    upper: Decimal | None
    unit: str
    scaled: bool  # written with 万 or 亿
    masked: bool
    suspect: bool


def labelled(label: LabelledFigure) -> Quantity:
    """The quantity of a label: 1.5 万人 is 15000 人."""
    found = SCALE.fullmatch(label.unit)
    scale, unit = (found["scale"] or "", found["unit"]) if found else ("", label.unit)
    factor = FACTORS[scale]
    return Quantity(
        _times(label.value, factor),
        _times(label.upper, factor),
        SAME.get(unit, unit),
        bool(scale),
        label.masked,
        label.suspect,
    )


def produced(figure: Figure) -> Quantity:
    """The quantity of a product's figure."""
    return Quantity(
        _times(figure.value, figure.factor),
        _times(figure.upper, figure.factor),
        SAME.get(figure.unit, figure.unit),
        figure.factor != 1,
        figure.masked,
        figure.suspect,
    )


def _times(value: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if value is None else value * factor


def agree(label: Quantity, product: Quantity) -> bool:
    """Whether value, range, unit and scale, mask and suspicion are the same.

    A label without a unit takes 个; "万" or "亿" alone takes 人, whose noun stands elsewhere.
    """
    taken = {label.unit}
    if not label.unit:
        taken.add("人" if label.scaled else "个")
    return (
        label.value == product.value
        and label.upper == product.upper
        and product.unit in taken
        and (label.masked, label.suspect) == (product.masked, product.suspect)
    )


def bound(qualifier: str) -> str:
    """What a qualifier makes of its value: about, least, most, or "" for none."""
    return next((name for name, words in BOUNDS.items() if qualifier in words), qualifier)
