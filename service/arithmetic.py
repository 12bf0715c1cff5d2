"""All arithmetic on stated figures, in decimals; the finished phrase is written here too.

In: figures with the names that they go by. Out: a result with the formula, or None where the figures
do not compare (人 and 人次, a masked value, a share of nothing). The difference of two rates is 个百分点, never %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from corpus.report import Figure

RATES = frozenset({"%", "‰", "个百分点"})
PEOPLE = frozenset({"人", "名", "位"})
COUNTED = PEOPLE | {"个", "份", "例"}  # people, and what each has one of: 服务包3589个 of 19999名 signed
# Measure words that count the same kind of thing.
COUNTS = (
    PEOPLE | {"例"},  # patients: 757名 and 949例
    frozenset({"份", "张", "册", "本"}),
    frozenset({"次", "场", "场次"}),
    frozenset({"个", "支", "家", "所"}),
)
SCALES = ((Decimal(10**12), "万亿"), (Decimal(10**8), "亿"), (Decimal(10**4), "万"))


@dataclass(frozen=True, slots=True)
class Result:
    """A computed value with its unit and the formula that leads to it."""

    value: Decimal
    unit: str
    formula: str

    @property
    def text(self) -> str:
        """Value and unit as they are written."""
        return f"{plain(self.value)}{self.unit}"


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def base(figure: Figure) -> Decimal | None:
    """Value × factor; None when it is masked, suspect or a range."""
    if figure.value is None or figure.upper is not None:
        return None
    return figure.value * figure.factor


def comparable(one: Figure, other: Figure) -> bool:
    """Whether two figures are of one unit of measure."""
    if base(one) is None or base(other) is None:
        return False
    return one.unit == other.unit or any({one.unit, other.unit} <= group for group in COUNTS)


def scaled(value: Decimal, like: Sequence[Figure]) -> tuple[Decimal, str]:
    """``value`` (in the base unit) in the written scale of ``like``, the smallest of several, with the unit."""
    unit = next((f.unit for f in like if f.unit), "")
    smallest = min(f.factor for f in like)
    if unit == "元" and len({f.factor for f in like}) > 1:
        smallest = max(smallest, SCALES[-1][0])  # 8元 beside 1万元
    for scale, word in SCALES:
        if smallest == scale:
            return value / scale, f"{word}{unit}"
    return value, unit


def total(figures: Sequence[Figure]) -> Result | None:
    """Sum of figures of one unit."""
    values = [base(f) for f in figures]
    if len(figures) < 2 or any(v is None for v in values):
        return None
    if not all(comparable(figures[0], f) for f in figures[1:]):
        return None
    value, unit = scaled(sum((v for v in values if v is not None), Decimal(0)), figures)
    return Result(value, unit, "＋".join(compact(f) for f in figures) + f"＝{plain(value)}{unit}")


def difference(one: Figure, other: Figure) -> Result | None:
    """Greater minus smaller, in 个百分点 for two rates."""
    if not comparable(one, other):
        return None
    high, low = sorted((one, other), key=lambda f: base(f) or Decimal(0), reverse=True)
    value, unit = scaled((base(high) or Decimal(0)) - (base(low) or Decimal(0)), (one, other))
    if one.unit in ("%", "‰"):
        unit = "个百分点" if one.unit == "%" else "个千分点"
    return Result(value, unit, f"{compact(high)}－{compact(low)}＝{plain(value)}{unit}")


def change(new: Figure, old: Figure) -> Result | None:
    """New − old with its sign, in 个百分点 for two rates."""
    if not comparable(new, old):
        return None
    value, unit = scaled((base(new) or Decimal(0)) - (base(old) or Decimal(0)), (new, old))
    if new.unit in ("%", "‰"):
        unit = "个百分点" if new.unit == "%" else "个千分点"
    return Result(value, unit, f"{compact(new)}－{compact(old)}＝{plain(value)}{unit}")


def average(figures: Sequence[Figure]) -> Result | None:
    """Mean of figures of one unit, two decimals; rates of unlike groups have no mean."""
    added = total(figures)
    if added is None or figures[0].unit in RATES:
        return None
    value = round2(added.value / len(figures))
    parts = "＋".join(compact(f) for f in figures)
    return Result(value, added.unit, f"（{parts}）÷{len(figures)}≈{plain(value)}{added.unit}")


def completion(done: Figure, planned: Figure) -> Result | None:
    """Done ÷ planned in %, two decimals; it may exceed 100 %."""
    if done.unit in RATES or not comparable(done, planned) or (base(planned) or Decimal(0)) <= 0:
        return None
    return _quotient(done, planned, Decimal(100), "%")


def times(one: Figure, other: Figure) -> Result | None:
    """One ÷ other in 倍, two decimals."""
    if not comparable(one, other) or (base(other) or Decimal(0)) <= 0:
        return None
    return _quotient(one, other, Decimal(1), "倍")


def share(part: Figure, whole: Figure) -> Result | None:
    """The smaller ÷ the greater in %, two decimals; rates have no share."""
    if part.unit in RATES or whole.unit in RATES:
        return None
    if (base(part) or Decimal(0)) > (base(whole) or Decimal(0)):
        part, whole = whole, part
    counted = {part.unit, whole.unit} <= COUNTED
    return _quotient(part, whole, Decimal(100), "%") if counted or comparable(part, whole) else None


def per(amount: Figure, count: Figure) -> Result | None:
    """Amount ÷ count, two decimals, in the unit of the amount; None for two rates."""
    if amount.unit in RATES or count.unit in RATES:
        return None
    divisor = base(count)
    value = base(amount)
    if not divisor or value is None:
        return None
    quotient, unit = value / divisor, amount.unit
    if amount.factor != 1:  # in the greatest scale in which it is no fraction
        scale, word = next((s for s in SCALES if quotient >= s[0]), (Decimal(1), ""))
        quotient, unit = quotient / scale, f"{word}{unit}"
    result = round2(quotient)
    return Result(result, unit, f"{compact(amount)}÷{compact(count)}≈{plain(result)}{unit}")


def growth(new: Figure, old: Figure) -> Result | None:
    """(new − old) ÷ old in %; None for rates, other units and a base of zero or less."""
    if new.unit in RATES or not comparable(new, old) or (base(old) or Decimal(0)) <= 0:
        return None
    before, after = base(old) or Decimal(0), base(new) or Decimal(0)
    value = round2((after - before) / before * 100)
    return Result(value, "%", f"（{compact(new)}－{compact(old)}）÷{compact(old)}≈{plain(value)}%")


def compact(figure: Figure) -> str:
    """A figure as the source writes it, without white space."""
    return "".join(figure.text.split())


def round2(value: Decimal) -> Decimal:
    """Half up to two decimals."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _quotient(part: Figure, whole: Figure, times: Decimal, unit: str) -> Result | None:
    divisor, value = base(whole), base(part)
    if not divisor or value is None:
        return None
    result = round2(value / divisor * times)
    return Result(result, unit, f"{compact(part)}÷{compact(whole)}≈{plain(result)}{unit}")
