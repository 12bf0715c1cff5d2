"""The numerals that a quotation states, in prose and in table rows.

In: the quote of a citation. Out: its numbers with value, unit and place in the quote. A table row is one
sentence (指标：巡诊；单位：次；2021年：37), where the unit of a cell stands under another header: such
cells are read by :mod:`corpus.table_figures`, everything else by :mod:`corpus.numerals`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from corpus.numeral_values import find_value, flatten
from corpus.numerals import Number, numbers
from corpus.report import Figure, Span
from corpus.table_figures import read_row
from corpus.units import match_unit

ONE = Decimal(1)


@lru_cache(maxsize=16384)
def numerals(text: str) -> tuple[Number, ...]:
    """All numbers of a text; headings and quotations come up again and again."""
    return numbers(text)


@lru_cache(maxsize=4096)
def stated(quote: str) -> tuple[Number, ...]:
    """All numbers of a quote; those of a table row also with the unit of their column."""
    row = read_row(quote, Span(0, len(quote)), "") or ()
    return (*numerals(quote), *(_number(figure) for figure in row))


def squeezed(text: str) -> str:
    """Text for a comparison of wording: no white space, one form of digits and dashes."""
    return "".join(flatten(text).split())


@lru_cache(maxsize=4096)
def written(text: str) -> tuple[Decimal, str, Decimal] | None:
    """A figure that stands alone, as (value, unit, factor of the written unit): -3.2个百分点, 1.5万人, 0.7."""
    flat = squeezed(text)
    sign = Decimal(-1) if flat.startswith("-") else ONE
    at = 1 if flat[:1] in ("-", "+") else 0
    value = find_value(flat, at)
    if value is None or value.value is None:
        return None
    unit = match_unit(flat, value.end)
    factor = value.factor * (unit.factor if unit else ONE)
    return sign * value.value, unit.name if unit else "", factor


def _number(figure: Figure) -> Number:
    end = figure.span.end
    return Number(
        figure.span,
        Span(end, end),
        figure.value,
        figure.unit,
        figure.upper,
        factor=figure.factor,
        qualifier=figure.qualifier,
        masked=figure.masked,
        suspect=figure.suspect,
    )
