"""Figures of a report: each number bound to its indicator, unit, period and kind.

In: the cleaned text, its sentences and its damaged spans. Out: one :class:`~corpus.report.Figure`
per quantity or rank, in order. A sentence is read clause by clause: what stands before a number
names it; a list of values takes the names of a list (甲、乙管理率分别达81%、72%); a
bare rate takes its subject from the clause before (…签约500人，签约率66%); a bracket is read on
its own under the words before it. Masked and suspect numbers are kept without a value.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from corpus import indicators
from corpus.figure_kinds import CHANGE, kind_of, without_change
from corpus.indicators import HOLE
from corpus.numeral_roles import Role
from corpus.numeral_values import flatten
from corpus.numerals import Number, numbers
from corpus.periods import Period, dated_sections, periods, plans, runs_on
from corpus.report import Figure, FigureKind, Span
from corpus.table_figures import read_row

_CLAUSE = re.compile(r"[，,；;。：:！!？?\n]")
_BREAK = re.compile(r"[；;，、\s]")
_LONGEST = 1200  # characters
_BRACKET = re.compile(r"\([^()\n]{1,120}\)")
_TITLE = re.compile(r"《[^《》\n]{1,80}》")
_JOIN = re.compile(rf"[、,，和及与或\s{HOLE}]*")
_CJK = re.compile(r"[\u4e00-\u9fff]")


def read_figures(
    text: str, sentences: Sequence[Span], damages: Sequence[Span] = (), period: str = ""
) -> tuple[Figure, ...]:
    """All figures of ``text``.

    Args:
        text: the cleaned text of one report.
        sentences: its sentences, in order, not overlapping.
        damages: spans that no repair could restore; they yield no figures.
        period: the report's own period, for figures whose sentence names none.
    """
    found = [n for n in numbers(text) if n.role in (Role.QUANTITY, Role.RANK)]
    starts = [n.span.start for n in found]
    flat = flatten(text)
    ahead, dated = plans(flat), dated_sections(flat)
    figures: list[Figure] = []
    running = ""  # the period of the parts before, while a sentence runs on behind a ；
    for sentence in sentences:
        row = read_row(text, sentence, period)
        if row is not None:
            figures.extend(f for f in row if not _touches(f.span, damages))
            continue
        looks_ahead = any(span.start <= sentence.start < span.end for span in ahead)
        own = next((p for span, p in reversed(dated) if span.start <= sentence.start < span.end), period)
        own = running or own
        running = runs_on(flat, sentence, running)
        for piece in _pieces(flat, sentence):
            first, last = bisect_left(starts, piece.start), bisect_left(starts, piece.end)
            inside = [n for n in found[first:last] if not _touches(n.whole, damages)]
            if inside:
                reader = _Sentence(text, flat, piece, sentence, inside, damages, own, looks_ahead)
                figures.extend(reader.figures())
    return tuple(figures)


def _pieces(flat: str, sentence: Span) -> Iterator[Span]:
    """The sentence, or pieces of it: a flattened table without a full stop must not cost its square."""
    start = sentence.start
    while sentence.end - start > _LONGEST:
        marks = [m.end() for m in _BREAK.finditer(flat, start + _LONGEST // 2, start + _LONGEST)]
        end = marks[-1] if marks else start + _LONGEST
        yield Span(start, end)
        start = end
    yield Span(start, sentence.end)


def _touches(span: Span, damages: Sequence[Span]) -> bool:
    return any(d.start <= span.end and span.start <= d.end for d in damages)


@dataclass(slots=True)
class _Clause:
    """A stretch between two marks, and the numbers in it; ``resets`` after a ；."""

    span: Span
    numbers: list[Number]
    resets: bool = False


@dataclass(slots=True)
class _Sentence:
    """Reads one sentence; the indicators found so far are what later clauses lean on."""

    text: str
    flat: str
    span: Span  # what is read: the sentence, or a piece of a very long one
    sentence: Span
    found: list[Number]
    damages: Sequence[Span]
    period: str
    ahead: bool
    times: tuple[Period, ...] = ()
    main: str = ""  # the sentence with holes for its brackets and titles
    base: str = ""  # what is being read: ``main``, or the whole sentence inside a bracket
    subject: tuple[str, ...] = ()
    topic: str = ""  # the first indicator since the last ；
    pending: str = ""  # the clause before, where it has no number
    leader: Number | None = None  # the first number of the clause that is being read
    parent: str = ""  # what the bracket that is being read speaks of
    named: dict[int, str] = field(default_factory=dict)  # number start → indicator

    def figures(self) -> Iterator[Figure]:
        """The figures in order of the text."""
        piece = self.flat[self.span.start : self.span.end]
        self.times = periods(piece)
        self.main = self.base = _hide(piece)
        brackets = list(_BRACKET.finditer(piece))
        outer = [n for n in self.found if not self._bracket_of(n, brackets)]
        for clause in self._clauses(self.main, 0, outer):
            self._name(clause)
        self.base = piece
        for bracket in brackets:
            inner = [n for n in self.found if self._bracket_of(n, [bracket])]
            if inner:
                self.parent = self._parent(bracket.start(), outer, brackets)
                self.subject, self.topic = (self.parent,), ""
                hidden = " " * (bracket.start() + 1) + piece[bracket.start() + 1 : bracket.end() - 1]
                for clause in self._clauses(hidden, bracket.start() + 1, inner):
                    self._name(clause)
        for number in self.found:
            figure = self._figure(number)
            if figure is not None:
                yield figure

    def _bracket_of(self, number: Number, brackets: Sequence[re.Match[str]]) -> bool:
        at = number.span.start - self.span.start
        return any(b.start() <= at < b.end() for b in brackets)

    def _clauses(self, piece: str, start: int, found: Sequence[Number]) -> Iterator[_Clause]:
        """Clauses of ``piece``; marks inside numbers (12,345) do not count."""
        base = self.span.start
        covered = [(n.span.start - base, n.whole.end - base) for n in found]
        marks = [
            m.start()
            for m in _CLAUSE.finditer(piece, start)
            if not any(low <= m.start() < high for low, high in covered)
        ]
        resets = False
        for mark in (*marks, len(piece)):
            inside = [n for n in found if start <= n.span.start - base < mark]
            yield _Clause(Span(start, mark), inside, resets)
            resets = mark < len(piece) and piece[mark] in "；;。\n"
            start = mark + 1

    # --- indicators ------------------------------------------------------------------------------

    def _name(self, clause: _Clause) -> None:
        if clause.resets:
            self.subject, self.topic = (), ""
        if not clause.numbers:
            phrase = indicators.before(self._cut(clause.span.start, clause.span.end))
            self.pending = phrase if len(phrase) >= 2 else ""
            return
        self.leader = clause.numbers[0]
        for group in self._groups(clause):
            self._name_group(clause, group)
        self.pending = ""

    def _groups(self, clause: _Clause) -> list[list[Number]]:
        """Numbers joined by nothing but 、和及: lists of values."""
        groups: list[list[Number]] = []
        for number in clause.numbers:
            if groups and _JOIN.fullmatch(self._between(groups[-1][-1], number)):
                groups[-1].append(number)
            else:
                groups.append([number])
        return groups

    def _between(self, left: Number, right: Number) -> str:
        return self._cut(_end(self.flat, left) - self.span.start, _start(self.flat, right) - self.span.start)

    def _cut(self, start: int, end: int) -> str:
        """Words of the main sentence: time expressions and what lies left of damage fall away."""
        piece = list(self.base[start:end])
        for time in self.times:
            for at in range(max(time.start, start), min(time.end, end)):
                piece[at - start] = HOLE
        for damage in self.damages:
            if damage.start < self.span.start + end and damage.end > self.span.start + start:
                cut = min(damage.end - self.span.start, end) - start
                piece[:cut] = [HOLE] * cut
        return "".join(piece)

    def _name_group(self, clause: _Clause, group: list[Number]) -> None:
        first, last = group[0], group[-1]
        left, right = self._sides(clause, first, last)
        names = indicators.split(without_change(left), len(group)) or self._carried(left, len(group))
        if names is None:
            names = (self._one(left, right, first, last),) * len(group)
        elif _counted(last):
            noun = indicators.behind(right)
            names = tuple(name if name.endswith(noun) else name + noun for name in names)
        for number, name in zip(group, names, strict=True):
            self.named[number.span.start] = name
        if any(names) and not _BASE.match(left):
            self.subject = names
            self.topic = self.topic or names[0]

    def _sides(self, clause: _Clause, first: Number, last: Number) -> tuple[str, str]:
        """The words before and behind a group of numbers that speak of it."""
        before = [n for n in clause.numbers if n.span.start < first.span.start]
        start = _end(self.flat, before[-1]) - self.span.start if before else clause.span.start
        left = self._cut(start, _start(self.flat, first) - self.span.start)
        after = [n for n in clause.numbers if n.span.start > last.span.start]
        end = _start(self.flat, after[0]) - self.span.start if after else clause.span.end
        right = self._cut(_end(self.flat, last) - self.span.start, end)
        if (
            after
            and after[0].role is Role.QUANTITY
            and not _counted(after[0])
            and indicators.behind(right) == right.strip()
        ):
            right = ""  # 救治5人总费用8万元: the words name the next number
        if first.role is Role.RANK:
            return _PLACED.split(self._cut(clause.span.start, start) + left)[0], right
        if _ENUM.search(left) and (before or _MODIFIES.match(right)):
            return "", right
        left = _PLACED.split(left)[-1]
        if before and _counted(before[-1]):  # the noun of the number before is not ours
            rest = left.removeprefix(indicators.behind(left))
            left = rest if rest.strip() else left
        return left, right

    def _carried(self, left: str, count: int) -> tuple[str, ...] | None:
        """分别比2007年增加…: a list of values under the names of the list before."""
        if count > 1 and len(self.subject) == count and not indicators.before(without_change(left)):
            return self.subject
        return None

    def _one(self, left: str, right: str, first: Number, last: Number) -> str:
        name = indicators.before(without_change(left))
        subject = self.subject[-1] if self.subject else ""
        if not name and subject and CHANGE.search(left):
            return subject
        noun = self._noun(name, right, last)
        if self.parent and not self.topic and 0 < len(name) <= 4:
            return self.parent + name
        if _OTHERS.match(name):
            name = self.topic + name
        elif _LEANS.match(name) or _BASE.match(left) or indicators.is_rate(name):
            name = indicators.with_subject(subject, name)
        elif 0 < len(self.pending) <= 20 and first is self.leader and 0 < len(name) <= 2 and not noun:
            name = self.pending + name
        if noun and name in _SPENDS:
            return noun + name
        if noun and not name.endswith(noun):
            return name + noun
        return name or subject or indicators.before(right) or self.pending

    def _noun(self, name: str, right: str, last: Number) -> str:
        """What stands behind the number and is counted, paid for or shared."""
        share = not name and last.unit == "%"
        paid = last.unit == "元" and _PAID.match(right)
        if last.unit in _DURATIONS and not name:
            return indicators.before(right)
        if _counted(last) or share or paid or _MODIFIES.match(right):
            return indicators.behind(right)
        return ""

    def _parent(self, at: int, outer: Sequence[Number], brackets: Sequence[re.Match[str]]) -> str:
        """What a bracket at offset ``at`` of the sentence speaks of."""
        before = [n for n in outer if n.whole.end - self.span.start <= at]
        marks = [m.end() for m in _CLAUSE.finditer(self.main, 0, at)]
        marks += [b.end() for b in brackets if b.end() <= at]
        start = max(marks, default=0)
        if before and before[-1].whole.end - self.span.start >= start:
            start = before[-1].whole.end - self.span.start
            words = indicators.before(self._cut(start, at))
            known = self.named.get(before[-1].span.start, "")
            return known if not words or known.endswith(words) else words
        return indicators.before(self._cut(start, at))

    # --- the rest --------------------------------------------------------------------------------

    def _figure(self, number: Number) -> Figure | None:
        name = self.named.get(number.span.start, "")
        if not name and (not number.unit or not _CJK.search(self.main.replace("年", ""))):
            return None
        if not name and _touches(self.span, self.damages):  # what named it is lost
            return None
        start = _start(self.flat, number)
        end = _end(self.flat, number)
        return Figure(
            indicator=name,
            value=number.value,
            unit=number.unit,
            span=Span(start, number.whole.end),
            sentence=self.sentence,
            upper=number.upper,
            factor=number.factor,
            qualifier=number.qualifier,
            period=self._period(number),
            kind=self._kind(number, end),
            masked=number.masked,
            suspect=number.suspect,
            text=self.text[start : number.whole.end],
        )

    def _period(self, number: Number) -> str:
        """The time expression that governs a number; "" for what a value was before it changed."""
        at = number.span.start - self.span.start
        items = [m.end() for m in _ITEM.finditer(self.main, 0, at)]
        before = [time for time in self.times if time.end <= at and time.start >= max(items, default=0)]
        nearest = before[-1].text if before else ""
        if self._was(number):
            return nearest if before and at - before[-1].end <= 1 else ""
        return nearest or self.period

    def _was(self, number: Number) -> bool:
        """Whether this is what a value changed from: 由8%下降到6%."""
        at = number.span.start - self.span.start
        behind = number.whole.end - self.span.start
        return bool(_ORIGIN.search(self.main[max(0, at - 14) : at]) and _TURNS.match(self.main, behind))

    def _kind(self, number: Number, end: int) -> FigureKind:
        at = number.span.start - self.span.start
        behind = self.main[end - self.span.start : end - self.span.start + 18]
        return kind_of(number, self.main[:at], behind, was=self._was(number), ahead=self.ahead)


def _hide(piece: str) -> str:
    piece = _TITLE.sub(lambda m: HOLE * len(m[0]), piece)
    return _BRACKET.sub(lambda m: HOLE * len(m[0]), piece)


def _start(flat: str, number: Number) -> int:
    """A rank includes its 第 or 前."""
    start = number.span.start
    if number.role is Role.RANK:
        while flat[start - 1 : start] in (" ", "第", "前") and start > 0:
            start -= 1
            if flat[start] in "第前":
                break
    return start


_QUALIFIED = re.compile(r"[ ]?(?:及?以[上下内]|之内|左右|上下|(?<=[时天年月钟日])内|多)")


def _end(flat: str, number: Number) -> int:
    """The offset behind the number, its unit and a qualifier behind that."""
    after = _QUALIFIED.match(flat, number.whole.end) if number.qualifier else None
    return after.end() if after else number.whole.end


def _counted(number: Number) -> bool:
    unit = number.unit
    return number.role is Role.QUANTITY and unit not in _UNCOUNTED and "/" not in unit


_PLACED = re.compile(r"跃居|稳居|跃升至|位居|位列|名列|排名|排在|居(?=[全世第首前同])|列(?=[全第前])")
_ENUM = re.compile(r"(?:、|[和及与])[ ]?$")
_LEANS = re.compile(r"^(?:占|在管|到位|已?救治|未救治|在治|治愈|接诊|在册|总(?:建筑)?面积|总床位|总费用)")
_OTHERS = re.compile(r"^其[他它余]$")
_BASE = re.compile(r"^\s*比")
_DURATIONS = frozenset(("小时", "天", "分钟", "工作日", "个月", "年"))
# Units that measure something named before them; all others count the noun behind them.
_UNCOUNTED = _DURATIONS | {
    "%",
    "‰",
    "个百分点",
    "个点",
    "元",
    "美元",
    "欧元",
    "港元",
    "倍",
    "番",
    "岁",
    "分",
    "位",
    "1:",
}
_PAID = re.compile(r"[^，,。；、]{0,8}(?:津贴|补贴|补助|资金|经费|费用|奖金|奖励|救助金|助学金|资助|费)")
_SPENDS = frozenset(("投资", "总投资", "投入", "争取", "补助", "补偿", "概算总投资"))
_MODIFIES = re.compile(r"[ ]?(?:以上|以下|左右)?(?:的|用于|标准(?!化))")
_ORIGIN = re.compile(r"[从由][^，,。；、]{0,12}$")
_TURNS = re.compile(r"[^，,。；、]{0,8}[至到为]")
_ITEM = re.compile(r"[；;](?=[ ]?[一二三四五六七八九十]是)")


def total(figure: Figure) -> Decimal | None:
    """The value in the figure's own unit: 1.5万人 is 15000."""
    return None if figure.value is None else figure.value * figure.factor
