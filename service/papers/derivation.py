"""Figures that code computes from stated ones, and their repetition from the sources.

In: operands, each a figure as a quotation states it. Out: :class:`~service.cited.Derived` values whose
text, value and formula follow from the operands alone; None where figures do not compare (人 and 人次,
a rate and a count, growth from zero). :func:`recompute` reads the operands anew out of their quotations
and computes again: what it confirms was neither mistyped nor changed on the way.

Exact results (difference, total, count, rank) stay exact, quotients are rounded half up to two decimals.
``value`` has a sign, ``text`` has none (3.2个百分点): prose says the direction in words (:func:`moved`),
tables by :func:`signed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from corpus.ledger import Row, written_unit
from corpus.numerals import Number
from corpus.report import Figure, Span
from service import arithmetic
from service.arithmetic import Result, base, compact, comparable, plain
from service.cited import Citation, Derived, Operand
from service.papers.quoted import squeezed, stated, written

Operation = Callable[[Sequence[Figure]], Result | None]

CORRECTED = re.compile(r"(?P<new>[^（）]+)（人工更正，原文(?P<old>[^（）]+)）")
# A cell of a table, or 1390万 of which the sentence tells 元.
_BARE = re.compile(r"^[0-9.,，]+(?P<scale>[万亿]*)$")
_BEHIND = frozenset(
    ["以上", "以下", "以内", "之内", "左右", "上下", "余", "多", "有余", "以外"]
)  # they follow their number
_DIGITS = re.compile(r"[0-9]+")
_NOWHERE = Span(0, 0)


class Stated(Protocol):
    """What :func:`operand` needs of a figure of a report or a row of the ledger."""

    @property
    def text(self) -> str: ...  # noqa: D102


# -- operands ---------------------------------------------------------------------------------------


def operand(figure: Stated, citation: Citation) -> Operand | None:
    """A stated figure as an operand; None when it is masked, suspect, a range or not in the quote.

    A row that a user corrected is written 5015人（人工更正，原文5051人）: its original must be in the quote.
    """
    text = corrected_text(figure)
    value = _read(text, citation)
    return None if value is None else Operand(base(value) or Decimal(0), text, citation)


def corrected_text(figure: Stated) -> str:
    """A figure as written; one that a user corrected with the original beside it."""
    text = "".join(figure.text.split())
    if getattr(figure, "corrected", False):
        return f"{text}（人工更正，原文{''.join(str(getattr(figure, 'original', '')).split())}）"
    return text


def as_written(row: Row) -> str:
    """A row's figure as the source writes it, with its qualifier and, from a table, the unit of its column."""
    text = corrected_text(row)
    if row.corrected:
        return text
    bare = _BARE.match(text)
    if bare and row.unit and row.value is not None:
        text += row.unit if bare["scale"] else written_unit(row)
    if not row.qualifier or row.qualifier in text:
        return text
    return text + row.qualifier if row.qualifier in _BEHIND else row.qualifier + text


def counted(citation: Citation) -> Operand:
    """A thing that is merely counted: a report, a problem."""
    return Operand(Decimal(1), "", citation)


def read(one: Operand) -> Figure | None:
    """The figure of an operand as its quotation states it; None where the quotation does not."""
    figure = _read(one.text, one.citation)
    return figure if figure is not None and base(figure) == one.value else None


def _read(text: str, citation: Citation) -> Figure | None:
    fixed = CORRECTED.fullmatch(text)
    if fixed:
        found = written(fixed["new"])
        if found is None or (_read(fixed["old"], citation) is None and not _stands(fixed["old"], citation)):
            return None
        value, unit, factor = found
        return Figure("", value, unit, _NOWHERE, _NOWHERE, factor=factor, text=fixed["new"])
    wanted = squeezed(text)
    if not wanted or not _stands(text, citation):
        return None
    digits = _DIGITS.findall(wanted)
    fits: list[tuple[bool, Number]] = []
    for number in stated(citation.quote):
        held = squeezed(number.whole.of(citation.quote))
        if (
            number.value is not None
            and number.upper is None
            and held in wanted
            and _DIGITS.findall(held) == digits
        ):
            fits.append((held != wanted, number))
    if not fits:
        return None
    _, best = min(fits, key=lambda fit: fit[0])
    return Figure("", best.value, best.unit, best.whole, best.whole, factor=best.factor, text=text)


def _stands(text: str, citation: Citation) -> bool:
    return squeezed(text) in squeezed(citation.quote)


# -- builders ---------------------------------------------------------------------------------------


def difference(new: Operand, old: Operand) -> Derived | None:
    """New − old, signed; of two rates in 个百分点."""
    return _derived("difference", (new, old))


def growth(new: Operand, old: Operand) -> Derived | None:
    """(new − old) ÷ old in %, signed; None for rates (take the difference) and for a base of zero or less."""
    return _derived("growth", (new, old))


def total(parts: Sequence[Operand]) -> Derived | None:
    """Sum of figures of one unit."""
    return _derived("total", parts)


def share(part: Operand, whole: Operand) -> Derived | None:
    """Part ÷ whole in %; None when the part exceeds the whole."""
    return _derived("share", (part, whole))


def completion(done: Operand, planned: Operand) -> Derived | None:
    """Done ÷ planned in % (完成率), which may exceed 100 %."""
    return _derived("completion", (done, planned))


def ratio(one: Operand, other: Operand) -> Derived | None:
    """How many times (倍) ``other`` is contained in ``one``."""
    return _derived("ratio", (one, other))


def per(amount: Operand, heads: Operand) -> Derived | None:
    """Amount ÷ heads, in the unit of the amount (人均)."""
    return _derived("per", (amount, heads))


def average(parts: Sequence[Operand]) -> Derived | None:
    """Arithmetic mean of figures of one unit, in that unit."""
    return _derived("average", parts)


def rank(own: Operand, others: Sequence[Operand], *, lowest_first: bool = False) -> Derived | None:
    """第2位 of ``own`` among itself and ``others``; equal values share the better place."""
    return _derived("rank_lowest_first" if lowest_first else "rank", (own, *others))


def count(citations: Sequence[Citation], measure: str = "份") -> Derived | None:
    """How many; each citation stands for one thing, and none is counted twice."""
    return _derived("count", [counted(c) for c in dict.fromkeys(citations)], measure)


# -- what a sentence says of a result ---------------------------------------------------------------


def signed(derived: Derived) -> str:
    """+2600人, -3.2个百分点 or 0人: a change as a table shows it."""
    return f"{'-' if derived.value < 0 else '+' if derived.value > 0 else ''}{derived.text}"


def moved(derived: Derived, up: str = "增加", down: str = "减少", same: str = "持平") -> str:
    """增加3.2个百分点, 减少3.2个百分点 or 持平: a change as prose says it."""
    if derived.value == 0:
        return same
    return f"{up if derived.value > 0 else down}{derived.text}"


def recompute(derived: Derived) -> bool:
    """Whether the operands stand in their quotations and give this value, text and formula."""
    if derived.operation not in OPERATIONS:
        return False
    measure = re.sub(r"^[0-9.]+", "", derived.text) if derived.operation == "count" else ""
    again = _derived(derived.operation, derived.operands, measure)
    if again is None or (again.text, again.value) != (derived.text, derived.value):
        return False
    return not derived.formula or derived.formula == again.formula


# -- operations -------------------------------------------------------------------------------------


def _derived(operation: str, operands: Sequence[Operand], measure: str = "") -> Derived | None:
    operands = tuple(operands)
    if operation == "count":
        result = _count(operands, measure)
    else:
        figures = [read(one) for one in operands]
        known = [figure for figure in figures if figure is not None]
        result = OPERATIONS[operation](known) if known and len(known) == len(figures) else None
    if result is None:
        return None
    text = f"{plain(abs(result.value))}{result.unit}"
    if operation.startswith("rank"):
        text = f"第{text}"
    return Derived(text, result.value, operation, operands, result.formula)


def _count(operands: Sequence[Operand], measure: str) -> Result | None:
    """None unless every operand is one thing, none counted twice, and something is counted."""
    things = {one.citation for one in operands}
    if not operands or len(things) < len(operands) or any(o.text or o.value != 1 for o in operands):
        return None
    return Result(Decimal(len(operands)), measure, "")


def _rank(figures: Sequence[Figure], *, lowest_first: bool = False) -> Result | None:
    own, *others = figures
    if not others or not all(comparable(own, other) for other in others):
        return None
    mine = base(own) or Decimal(0)
    theirs = [base(other) or Decimal(0) for other in others]
    ahead = [value for value in theirs if (value < mine if lowest_first else value > mine)]
    ordered = sorted(figures, key=lambda f: base(f) or Decimal(0), reverse=not lowest_first)
    sign = "≤" if lowest_first else "≥"
    return Result(Decimal(len(ahead) + 1), "位", sign.join(compact(figure) for figure in ordered))


def _share(part: Figure, whole: Figure) -> Result | None:
    if (base(part) or Decimal(0)) > (base(whole) or Decimal(0)):
        return None
    return arithmetic.share(part, whole)


def _pair(function: Callable[[Figure, Figure], Result | None]) -> Operation:
    """An operation on exactly two figures."""
    return lambda figures: function(figures[0], figures[1]) if len(figures) == 2 else None


OPERATIONS: dict[str, Operation] = {
    "difference": _pair(arithmetic.change),
    "growth": _pair(arithmetic.growth),
    "total": arithmetic.total,
    "share": _pair(_share),
    "completion": _pair(arithmetic.completion),
    "ratio": _pair(arithmetic.times),
    "per": _pair(arithmetic.per),
    "average": arithmetic.average,
    "rank": _rank,
    "rank_lowest_first": lambda figures: _rank(figures, lowest_first=True),
    "count": lambda figures: None,  # things, not figures: see _count
}
