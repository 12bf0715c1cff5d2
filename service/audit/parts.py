"""Parts against their whole: 其中…, …共….

In: a report as chains of figures. Out: findings where a part exceeds the whole, or parts that should make
up the whole do not. Reports list what they like behind 其中, so a sum that stays far below the whole
says nothing; one that comes near it, or names the rest, does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from corpus.report import FigureKind
from service.audit.findings import Finding, Kind, Severity
from service.audit.measure import ranges, step
from service.audit.pairs import claim_of
from service.audit.reading import Mention, Reading, Told, known, same_unit
from service.audit.shares import MEAN, PER
from service.cited import Derived
from service.papers.derivation import total

_SUM = re.compile(r"(?:共计|合计|总计|总共|一共|[，,、 ]共|全年共|累计共|^共)[^，,。；;：:]{0,10}$")
_AMONG = re.compile("其中|包括")
_STOP = re.compile(r"[。；;]|其中|共计|合计|总计|[，,]共|比上年|比去年|同比|增加|减少|下降|增长|平均|人均")
_REST = re.compile(r"其[余他它]|剩余|另外")
_WHOLE_LISTS = (
    ("中央", "省"), ("省级", "市级"), ("省级", "县级"), ("男", "女"), ("城", "乡"), ("新建", "续建"), ("县级", "乡"),
    ("上半年", "下半年"), ("第一季度", "第二季度"), ("一级", "二级"), ("收入", "支出"), ("上调", "下调"), ("第一剂", "第二剂"),
)  # fmt: skip
_CLOSE = Decimal("0.15")
_SLIPS = (Decimal(10000), Decimal("0.0001"), Decimal(100000000))


def check(reading: Reading) -> Iterator[Finding]:
    """Findings on parts and wholes, in order."""
    previous: Told | None = None
    for told in reading.sentences:
        yield from _among(reading, told, previous)
        yield from _of_them(reading, told)
        yield from _summed(reading, told)
        previous = told


# -- 其中 -----------------------------------------------------------------------------------------


def _among(reading: Reading, told: Told, previous: Told | None) -> Iterator[Finding]:
    for mark in _AMONG.finditer(told.text):
        at = told.span.start + mark.start()
        after = [m for m in told.mentions if m.start > at]
        if not after or after[0].value is None or after[0].rate:
            continue
        whole = _whole(told, previous, at, after[0])
        parts = _parts(after)
        if whole is None or not parts:
            continue
        found = (
            _slip(reading, whole, parts)
            or _exceeds(reading, told, whole, parts[0], at)
            or _sum(reading, whole, parts)
        )
        if found:
            yield found


def _whole(told: Told, previous: Told | None, at: int, part: Mention) -> Mention | None:
    """The last figure of the unit before 其中; in the sentence before where 其中 opens this one."""
    chain = [m for m in told.mentions if m.start < at]
    if not chain and previous is not None and previous.line == told.line and at - told.span.start < 2:
        chain = list(previous.mentions)
    stated = [m for m in chain if not _is_change(m) and not _is_mean(m)]
    fits = [m for m in stated if same_unit(m, part) and m.value]
    return fits[-1] if fits else None


def _is_mean(mention: Mention) -> bool:
    return bool(MEAN.search(mention.before) or PER.search(mention.clause))


def _is_change(mention: Mention) -> bool:
    return mention.figure.kind is FigureKind.DIFFERENCE or claim_of(mention) is not None


def _parts(after: Sequence[Mention]) -> list[Mention]:
    """The parts that follow 其中, up to where something else begins."""
    found = [after[0]]
    for mention in after[1:]:
        if _STOP.search(mention.before):
            break
        if mention.rate and "占" in mention.before:
            continue
        if not same_unit(mention, found[0]) or mention.value is None:
            break
        found.append(mention)
    return found


def _exceeds(reading: Reading, told: Told, whole: Mention, part: Mention, at: int) -> Finding | None:
    greatest = max(
        (m.value or Decimal(0) for m in told.mentions if m.start < at and same_unit(m, part)),
        default=Decimal(0),
    )
    value = part.value or Decimal(0)
    counts = [m for m in told.mentions if whole.start <= m.start < at and not m.rate and m.unit != "个百分点"]
    between = [m for m in counts if m.start > whole.start and not same_unit(m, part)]
    slack = Decimal(0) if step(part) == step(whole) else max(step(part), step(whole)) / 2
    if between or value - slack <= max(greatest, whole.value or Decimal(0)):
        return None
    return Finding(
        Severity.HIGH,
        Kind.WHOLE,
        f"其中的{part.text}大于总数{whole.text}",
        reading.cites(whole, part),
        (),
        "请核对总数和其中的数，或改写彼此的关系",
    )


_OF_THEM = re.compile(
    r"^[^，,。；;、]{0,14}(?<!其)中(?![标心医药央级小学国西期型旬层部毒风])[，,]?(?:有|共有?)?[^，,。；;、]{0,10}$"
)


def _of_them(reading: Reading, told: Told) -> Iterator[Finding]:
    """60名医师中，有72名…."""
    for whole, part in zip(told.mentions, told.mentions[1:], strict=False):
        if whole.value and part.value and same_unit(whole, part) and _OF_THEM.match(part.before):
            found = None if whole.rate else _exceeds(reading, told, whole, part, part.start)
            if found:
                yield found


def _sum(reading: Reading, whole: Mention, parts: Sequence[Mention]) -> Finding | None:
    if len(parts) < 2 or any(_adds_up(whole, parts[:n]) for n in range(2, len(parts) + 1)):
        return None
    ratio = _added(parts) / (whole.value or Decimal(1))
    exhaustive = _is_exhaustive(parts)
    near = abs(ratio - 1) <= _CLOSE and (len(parts) > 2 or ratio > 1)
    if not near and not (exhaustive and Decimal("0.3") < ratio < 3):
        return None
    return _mismatch(reading, whole, parts, Severity.HIGH if exhaustive or ratio > 1 else Severity.MEDIUM)


def _is_exhaustive(parts: Sequence[Mention]) -> bool:
    words = [m.before + m.after[:4] for m in parts]
    text = "".join(words)
    return bool(_REST.search(text)) or any(all(word in text for word in pair) for pair in _WHOLE_LISTS)


# -- 共 -------------------------------------------------------------------------------------------


def _summed(reading: Reading, told: Told) -> Iterator[Finding]:
    """A，B，C，共D."""
    for whole in told.mentions:
        if whole.number < 2 or not whole.value or whole.rate or not _SUM.search(whole.before):
            continue
        parts = _list_before(told, whole)
        if len(parts) < 2 or any(_adds_up(whole, parts[n:]) for n in range(len(parts) - 1)):
            continue
        ratio = _added(parts) / whole.value
        if abs(ratio - 1) > Decimal("0.25") or max(m.value or Decimal(0) for m in parts) >= whole.value:
            continue
        yield _slip(reading, whole, parts) or _mismatch(reading, whole, parts, Severity.HIGH)


def _list_before(told: Told, whole: Mention) -> list[Mention]:
    """The figures of one unit that run up to a sum."""
    found: list[Mention] = []
    for mention in reversed(told.mentions[: whole.number]):
        if not same_unit(mention, whole) or mention.value is None or _is_mean(mention):
            break
        found.insert(0, mention)
        if len(mention.before) > 24 or re.search("[；;。]|其中", mention.before):
            break
    return found


# -- computing ------------------------------------------------------------------------------------


def _added(parts: Sequence[Mention]) -> Decimal:
    return sum((m.value or Decimal(0) for m in parts), Decimal(0))


def _adds_up(whole: Mention, parts: Sequence[Mention]) -> bool:
    """Whether the parts make the whole, given how finely all are written."""
    own, *others = ranges((whole, *parts))
    low, high = sum(r[0] for r in others), sum(r[1] for r in others)
    slack = max(step(whole) if whole.figure.factor != 1 else Decimal(0), Decimal(0))
    return low - slack <= own[1] and own[0] <= high + slack


def _slip(reading: Reading, whole: Mention, parts: Sequence[Mention]) -> Finding | None:
    """One part that fits when it is taken ten thousand times as great."""
    if len(parts) < 2 or _adds_up(whole, parts):
        return None
    added, wanted = _added(parts), whole.value or Decimal(0)
    for part in parts:
        value = part.value or Decimal(0)
        for slip in _SLIPS:
            if wanted and abs(added - value + value * slip - wanted) <= wanted / 1000:
                return Finding(
                    Severity.HIGH,
                    Kind.SCALE,
                    f"各分项之和与总数{whole.text}不符；{part.text}的“万”“亿”如果写错，正好相符",
                    reading.cites(whole, *parts),
                    known(_total(reading, parts)),
                    f"请核对{part.text}的单位",
                )
    return None


def _mismatch(reading: Reading, whole: Mention, parts: Sequence[Mention], severity: Severity) -> Finding:
    return Finding(
        severity,
        Kind.SUM,
        f"{'、'.join(m.text for m in parts)}相加与总数{whole.text}不符",
        reading.cites(whole, *parts),
        known(_total(reading, parts)),
        "请核对各分项和总数；若分项没有列全，请注明",
    )


def _total(reading: Reading, parts: Sequence[Mention]) -> Derived | None:
    operands = [reading.operand(m) for m in parts]
    return total([o for o in operands if o is not None]) if all(operands) else None
