"""Does every numeral of a text lead to a source? One text against the quotations that it cites.

In: a text, its citations, its computed figures and what the document as a whole may say. Out: the
numerals that lead nowhere. Every token that :func:`corpus.numerals.numbers` finds must be one of these:

- a quantity or rank that a cited quotation states, with the same value and unit (1.5万人 is 15000人);
- a computed figure of the same text, in the direction that the words beside it say;
- a date made of a year that the user asked for, or of years, months and days that the cited report's name
  or period, its headings or the quotation tell (十三五 tells 2016 and 2020, 去年 the year before);
- a name with a numeral (三医联动, 65岁以上) that stands so in a quotation, heading or title;
- part of a clause that stands word for word in a quotation;
- a Chinese numeral that counts nothing (一致, 进一步), or the label of an item (一是) at the beginning.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from corpus.numeral_roles import Role
from corpus.numeral_values import chinese_value, flatten
from corpus.numerals import Number
from corpus.periods import periods
from corpus.report import Span
from corpus.when import read_when
from service.cited import Citation, Derived
from service.lines import clause_at
from service.papers.quoted import numerals, squeezed, stated

Key = tuple[Decimal, Decimal | None, str]  # value and upper end in the base unit, unit

_DIGITS = re.compile(r"\d+")
_LABELLED = re.compile(r"^\s*(?:[一二三四五六七八九十]{1,3}[是、]|[（(][一二三四五六七八九十]{1,3}[）)])")
# Numerals of these words count nothing.
_IDLE = re.compile(
    r"[进逐下上]一步|统一|同一|唯一|单一|某一|另一|任一|每一|逐一|之一|其一|万一|一[^0-9%]|十分|两者|一一|第一时间|两端|三者"
)
_DURATION = re.compile(r"(?:近|这)?([一二两三四五六七八九十]{1,2})年(?:来|间|期间)?")
_UP = re.compile(r"(?:增长|增加|新增|提高|上升|提升|高|多|超|超过|扩大|增幅|涨)[了约出近为达过于]{0,2}$")
_DOWN = re.compile(r"(?:下降|减少|降低|回落|低|少|缩小|降幅|缩减|跌)[了约出近为达过于]{0,2}$")
_SIGNED = ("difference", "growth")


@dataclass(frozen=True, slots=True)
class Times:
    """What texts tell of time: years, months and days as numbers, and the same in words (第一季度)."""

    digits: frozenset[int]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What one citation tells: its quantities, the digits of its dates, its names and its words."""

    keys: frozenset[Key]
    dates: frozenset[int]
    names: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a document may say without a source of its own.

    ``years`` are those that the user asked for, ``terms`` canonical names of indicators (some hold a
    numeral: 65岁以上老年人健康管理率); ``times`` is what the period and date of the report and the periods of
    the figures inside a citation tell; ``corrected`` are values that the user set for a citation.
    """

    years: frozenset[int] = frozenset()
    terms: frozenset[str] = frozenset()
    times: Mapping[Citation, Times] = field(default_factory=dict)
    corrected: Mapping[Citation, frozenset[Key]] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def told(citation: Citation) -> Told:
    """What a citation tells, read once."""
    quote, around = citation.quote, " ".join((*citation.path, citation.title, citation.place))
    found = stated(quote)
    keys = {key for key in map(key_of, (*found, *numerals(around))) if key}
    times = times_of((quote, *citation.path, citation.title), citation.year)
    return Told(
        frozenset(keys),
        times.digits,
        times.words.union(_names(quote), _names(around)),
        squeezed(quote) + "\n" + squeezed(around),
    )


def key_of(number: Number) -> Key | None:
    """What makes two numerals say the same; None where the number has no value."""
    if number.value is None or number.role not in (Role.QUANTITY, Role.RANK):
        return None
    upper = None if number.upper is None else number.upper * number.factor
    return (number.value * number.factor, upper, number.unit)


def times_of(texts: Iterable[str], year: int | None) -> Times:
    """What texts of a report about ``year`` tell of time: their dates, and what 去年 or 十三五 stand for."""
    labels: set[str] = set()
    for text in texts:
        flat = flatten(text)
        labels.update(n.whole.of(flat) for n in numerals(text) if n.role in (Role.DATE, Role.DOCUMENT_NUMBER))
        for period in periods(flat):
            for reviewed in (year, year - 1 if year else None):
                when = read_when(period.text, year=year, period=None, reviewed=reviewed)
                labels.update([when.label] if when else [])
    digits = {int(digit) for label in labels for digit in _DIGITS.findall(flatten(label))}
    words = {squeezed(n.whole.of(label)) for label in labels for n in numerals(label)}
    return Times(frozenset(digits | ({year} if year else set())), frozenset(words))


def _names(text: str) -> Iterator[str]:
    """Numerals that are no quantities, as written; a Chinese one with the character behind it."""
    for number in numerals(text):
        if key_of(number) is None:
            yield _name(text, number)


def _name(text: str, number: Number) -> str:
    written = squeezed(number.whole.of(text)).replace("周岁", "岁")
    if written[:1].isascii() or number.role is not Role.NAME or len(written) > 2:
        return written
    return written + squeezed(text[number.whole.end : number.whole.end + 1])


# -- the check of one text --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A text with what it rests on. ``free`` lets years stand that no citation tells: the sentence only
    says what the library has or lacks. ``tabular`` asks for the sign of a computed change.
    """

    text: str
    citations: Sequence[Citation] = ()
    derived: Sequence[Derived] = ()
    free: bool = False
    tabular: bool = False


def unsourced(claim: Claim, grounds: Grounds) -> tuple[str, ...]:
    """The numerals of a claim that lead to no source, as written."""
    text = claim.text
    computed = tuple(_computed(claim))
    below = (o.citation for d in claim.derived for o in d.operands)
    sources = tuple(dict.fromkeys((*claim.citations, *below)))
    computed += tuple(_termed(text, grounds.terms))
    label = _LABELLED.match(text)
    missing = []
    for number in numerals(text):
        inside = any(span.holds(number.span) for span in computed)
        if inside or (label and number.whole.end <= label.end()):
            continue
        if not _sourced(text, number, sources, grounds, free=claim.free):
            missing.append(number.whole.of(text))
    return tuple(missing)


def _sourced(text: str, number: Number, sources: Sequence[Citation], grounds: Grounds, *, free: bool) -> bool:
    """Whether one numeral leads to a source."""
    if number.role is Role.DATE and _dated(text, number, sources, grounds, free=free):
        return True
    key = _signed_key(text, number)
    if key is not None:
        if any(key in told(c).keys or key in grounds.corrected.get(c, ()) for c in sources):
            return True
    elif number.value is not None or number.masked or number.suspect:
        written = squeezed(number.whole.of(text))
        if any(written in told(c).words for c in sources):
            return True
    elif _name(text, number) in _all_names(sources) or _idle(text, number):
        return True
    return _verbatim(text, number, sources)


def _termed(text: str, terms: Iterable[str]) -> Iterator[Span]:
    """Where the names of indicators stand in the text."""
    for term in terms:
        for found in re.finditer(re.escape(term), text):
            yield Span(found.start(), found.end())


def _all_names(sources: Iterable[Citation]) -> frozenset[str]:
    return frozenset().union(*(told(c).names for c in sources))


def _signed_key(text: str, number: Number) -> Key | None:
    """The key of a number; a minus at the beginning of a cell belongs to it."""
    key = key_of(number)
    at = number.span.start
    if key and key[0] > 0 and flatten(text[max(0, at - 1) : at]) == "-" and not text[: at - 1].strip():
        return (-key[0], key[1], key[2])
    return key


def _dated(text: str, number: Number, sources: Sequence[Citation], grounds: Grounds, *, free: bool) -> bool:
    """Whether a date is made of years, months and days that are known."""
    written = number.whole.of(text)
    times = [grounds.times[c] for c in sources if c in grounds.times]
    digits = set(map(int, _DIGITS.findall(flatten(written))))
    if not digits:  # 三年来, 第一季度
        return _as_many(written, grounds.years) or any(squeezed(written) in one.words for one in times)
    left = {d for d in digits - grounds.years if not (free and 1900 <= d < 2100)}
    for known in (*(one.digits for one in times), *(told(c).dates for c in sources if left)):
        left -= known
    return not left


def _as_many(written: str, years: Collection[int]) -> bool:
    """Whether 两年 or 近三年 are as many years as the user asked for."""
    found = _DURATION.fullmatch(written)
    return bool(years) and found is not None and chinese_value(found[1]) == len(years)


def _idle(text: str, number: Number) -> bool:
    """Whether a Chinese numeral counts nothing."""
    around = Span(max(0, number.span.start - 2), number.span.end + 2)
    return any(
        around.start + m.start() <= number.span.start and number.span.end <= around.start + m.end()
        for m in _IDLE.finditer(around.of(text))
    )


_JOINS = re.compile(r"[0-9.,%‰万亿千百十第前/:+-]")


def _verbatim(text: str, number: Number, sources: Sequence[Citation]) -> bool:
    """Whether the clause around a number stands word for word in a quotation."""
    around = clause_at(text, number.whole)
    lead = re.split("[：:]", text[around.start : number.span.start])[-1]
    clause = squeezed(lead + text[number.span.start : around.end]).strip("，。；、,;：:")
    if len(clause) < 6 or not re.search(r"[\u4e00-\u9fff]{3}", clause):
        return False
    closes = not re.search(r"\w", text[number.whole.end : around.end])  # 0.1人 is no beginning of 0.1人次
    for citation in sources:
        for found in re.finditer(re.escape(clause), told(citation).words):
            before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
            cut_front = clause[0].isdigit() and _JOINS.match(before)
            cut_back = (closes or clause[-1].isdigit()) and (_JOINS.match(after) or after.isalnum())
            if not cut_front and not cut_back:
                return True
    return False


# -- computed figures -------------------------------------------------------------------------------


def _computed(claim: Claim) -> Iterator[Span]:
    """Where computed figures and their formulas stand in the text."""
    text = claim.text
    for derived in claim.derived:
        if derived.formula and (at := text.find(derived.formula)) >= 0:
            yield Span(at, at + len(derived.formula))
        for found in re.finditer(re.escape(derived.text), text):
            if _whole(text, found.start(), found.end()) and _points(claim, found.start(), derived):
                yield Span(found.start(), found.end())


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a figure at these offsets is not a part of a longer one: 3.2% of 13.2%, 12 of 12%."""
    flat = flatten(text)
    before, after = flat[max(0, start - 1) : start], flat[end : end + 1]
    if before and (before.isdigit() or (before in ".," and flat[max(0, start - 2) : start - 1].isdigit())):
        return False
    found = next(
        (n for n in numerals(text) if n.span.start <= start < n.span.end or n.span.start == start + 1), None
    )
    if found is not None and found.whole.end > end and found.role in (Role.QUANTITY, Role.RANK):
        return False
    return not (after.isdigit() or after in ("%", "‰"))


def _points(claim: Claim, start: int, derived: Derived) -> bool:
    """Whether sign and words in front of a change say its direction."""
    if derived.operation not in _SIGNED:
        return True
    before = claim.text[:start].rstrip()
    minus = flatten(before[-1:]) == "-"
    if minus or _DOWN.search(before):
        return derived.value <= 0
    if before.endswith(("+", "＋")) or _UP.search(before):
        return derived.value >= 0
    return derived.value >= 0 or not claim.tabular
