"""Reads the figures of one sentence: names each number by the words around it.

In: one sentence with its numbers, the report's period there, and whether its section looks ahead.
Out: :class:`~corpus.report.Figure` in order. Clause by clause: what stands before a number names it; a
list of values takes the names of a list; a bare rate takes its subject from the clause before; a
bracket is read on its own under the words before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus import indicators
from corpus.figure_context import Context
from corpus.figure_kinds import kind_of
from corpus.figure_words import (
    ACTS,
    AMONG,
    BRACKET,
    ENUM,
    ITEM,
    LIMITING,
    MODIFIES,
    MOVED,
    ORIGIN,
    ORIGIN_WORD,
    PLACED,
    TURNS,
    UNKNOWN_START,
    counted,
    ends_at,
    hide,
    opens_at,
)
from corpus.indicators import HOLE
from corpus.numeral_roles import Role
from corpus.numerals import Number
from corpus.periods import Period, governing, is_later, periods, year_before
from corpus.report import Figure, FigureKind, Span

_CLAUSE = re.compile(r"[，,；;。：:！!？?\n]")
_WHOLE_CLAUSE = re.compile(r"[，,；;。：:！!？\n]")  # a "?" stands for what was lost
_JOIN = re.compile(rf"[、,，和及与或\s{HOLE}]*")
_LISTED = re.compile(r"[ ]?[、，,]")
_MARK = re.compile(r"[，,；;。]")
_CJK = re.compile(r"[\u4e00-\u9fff]")


def touches(span: Span, damages: Sequence[Span]) -> bool:
    """Whether a span overlaps or borders on a damaged one."""
    return any(d.start <= span.end and span.start <= d.end for d in damages)


def _shares_noun(number: Number, last: Number, known: str, other: str) -> bool:
    """Whether two counts have one noun: 县级配备3名、乡镇配备2名护士; 组建4支、每支6人的队伍."""
    each = other.startswith("每") and len(other) <= 3
    return each or (number.unit == last.unit and len(known) > 1 and known[-2:] == other[-2:])


@dataclass(slots=True)
class _Clause:
    """A stretch between two marks, and the numbers in it; ``resets`` after a ；."""

    span: Span
    numbers: list[Number]
    resets: bool = False


@dataclass(slots=True)
class SentenceReader:
    """Reads one sentence; the indicators found so far are what later clauses lean on."""

    text: str
    flat: str
    span: Span  # what is read: the sentence, or a piece of a very long one
    sentence: Span
    found: list[Number]
    damages: Sequence[Span]
    period: str
    ahead: bool
    title: str = ""  # the heading above
    broken: str = ""  # the words of the line before, where the sentence was broken
    times: tuple[Period, ...] = ()
    main: str = ""  # the sentence with holes for its brackets and titles
    base: str = ""  # what is being read: ``main``, or the whole sentence inside a bracket
    context: Context = field(default_factory=Context)
    limits: set[int] = field(default_factory=set)  # 3000万元以上项目: starts of such numbers
    named: dict[int, str] = field(default_factory=dict)  # number start → indicator
    led: dict[int, int] = field(default_factory=dict)  # number start → start of its list's first number
    origins: dict[int, tuple[int, int]] = field(default_factory=dict)
    departed: str = ""  # when the changes of this sentence began, where it is told
    arrived: str = ""  # and when they ended

    def figures(self) -> Iterator[Figure]:
        """The figures in order of the text."""
        piece = self.flat[self.span.start : self.span.end]
        self.times = periods(piece)
        self.main = self.base = hide(piece)
        self.context.title = self.title
        if self.broken:
            self.context.wait(self.broken)
        self.origins = dict(self._origins())
        brackets = list(BRACKET.finditer(piece))
        outer = [n for n in self.found if not self._bracket_of(n, brackets)]
        for clause in self._clauses(self.main, 0, outer):
            self._name(clause)
        self.base = piece
        for bracket in brackets:
            inner = [n for n in self.found if self._bracket_of(n, [bracket])]
            if inner:
                self.context.forget()
                self.context.parent = self._parent(bracket.start(), outer, brackets)
                self.context.subject = (self.context.parent,)
                hidden = " " * (bracket.start() + 1) + piece[bracket.start() + 1 : bracket.end() - 1]
                for clause in self._clauses(hidden, bracket.start() + 1, inner):
                    self._name(clause)
        for number in self.found:
            figure = None if self._is_damaged(number) else self._figure(number)
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
        context = self.context
        if clause.resets:
            context.forget()
        words = self._cut(clause.span.start, clause.span.end)
        if not clause.numbers:
            context.wait(words)
            return
        context.among = context.among or (
            words.lstrip(f" {HOLE}").startswith("其中") and len(clause.numbers) > 1
        )
        waiting: list[Number] = []  # numbers of 县级3名、乡级2名护士 that wait for their noun
        for group in self._groups(clause):
            waiting = self._name_group(clause, group, waiting)
        context.done()
        if any(self._is_damaged(number) for number in clause.numbers):
            context.subject, context.topic = (), ""

    def _groups(self, clause: _Clause) -> list[list[Number]]:
        """Numbers joined by nothing but 、和及: lists of values."""
        groups: list[list[Number]] = []
        for number in clause.numbers:
            joined = groups and _JOIN.fullmatch(self._between(groups[-1][-1], number))
            if joined and not groups[-1][-1].written_unit.endswith("人口"):  # 7万人口、4万劳动力
                groups[-1].append(number)
            else:
                groups.append([number])
        return groups

    def _between(self, left: Number, right: Number) -> str:
        return self._cut(
            ends_at(self.flat, left) - self.span.start, opens_at(self.flat, right) - self.span.start
        )

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

    def _name_group(self, clause: _Clause, group: list[Number], waiting: list[Number]) -> list[Number]:
        """Name a group of numbers; the numbers that now wait for a noun behind the next."""
        first, last = group[0], group[-1]
        left, right = self._sides(clause, first, last)
        if self._limits(clause, first, left, right):
            return []
        at = opens_at(self.flat, first) - self.span.start
        self.context.sums = "累计" in self.base[clause.span.start : at]
        names = self.context.names(left, right, group, first is clause.numbers[0])
        for number, name in zip(group, names, strict=True):
            self.named[number.span.start] = name
            self.led[number.span.start] = first.span.start
        self.context.keep(names, left, last)
        noun = self.context.noun
        if not noun:
            shares = counted(last) and _LISTED.match(right)
            return [*waiting, *group] if shares else []
        for number in waiting:
            known = self.named[number.span.start]
            if _shares_noun(number, last, known, names[-1].removesuffix(noun)):
                self.named[number.span.start] = known + noun
        return []

    def _limits(self, clause: _Clause, number: Number, left: str, right: str) -> bool:
        """Whether a number only says which things are counted: 3000万元以上项目[28个]."""
        bound = number.qualifier in ("以上", "以下", "以内") and number.unit in LIMITING
        if not bound or number is clause.numbers[-1] or right.startswith("的"):
            return False
        noun = indicators.behind(right, number.unit)
        name = indicators.before(left)
        if len(noun) < 2 or (len(name) > 1 and name not in ACTS):
            return False
        start, end = opens_at(self.flat, number), ends_at(self.flat, number)
        phrase = self.text[start:end] + noun
        self.limits.add(number.span.start)
        self.named[number.span.start] = noun
        self.context.keep((phrase,), "")
        return True

    def _sides(self, clause: _Clause, first: Number, last: Number) -> tuple[str, str]:
        """The words before and behind a group of numbers that speak of it."""
        before = [n for n in clause.numbers if n.span.start < first.span.start]
        start = ends_at(self.flat, before[-1]) - self.span.start if before else clause.span.start
        left = self._cut(start, opens_at(self.flat, first) - self.span.start)
        after = [n for n in clause.numbers if n.span.start > last.span.start]
        end = opens_at(self.flat, after[0]) - self.span.start if after else clause.span.end
        right = self._cut(ends_at(self.flat, last) - self.span.start, end)
        if (
            after
            and after[0].role is Role.QUANTITY
            and not counted(after[0])
            and indicators.behind(right) in ("", right.strip())
        ):
            # 救治5人总费用8万元: the words name the next number
            own = counted(last) and last.unit != "人" and not indicators.before(left)
            right = indicators.first_noun(right) if own else ""  # 460张床位使用率60%: but 床位 is its own
        if first.role is Role.RANK:  # 从第九位提升到第七位: both are the subject's
            led = not any(n.role is Role.RANK for n in before)
            return (MOVED.split(self._cut(clause.span.start, start) + left)[0] if led else ""), right
        if ENUM.search(left) and (before or MODIFIES.match(right)):
            return "", right
        left = PLACED.split(left)[-1]
        if first.span.start in self.origins:  # 投诉由首月的17件降到3件: 投诉
            words = self._cut(start, max(start, self.origins[first.span.start][0]))
            left = words if indicators.before(words) else left
        if before and counted(before[-1]):  # the noun of the number before is not ours
            rest = left.removeprefix(indicators.behind(left))
            left = rest if rest.strip() else left
            if before[-1].unit == first.unit and AMONG.fullmatch(left) and right.strip():
                left, self.context.subject = "", ()  # 21家医疗机构中9家建成…: what the 9 are stands behind
        return left, right

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

    def _is_damaged(self, number: Number) -> bool:
        """Whether something is lost in the clause of a number, so that nobody knows what it counts."""
        if not self.damages:
            return False
        at = number.span.start - self.span.start
        low = max((m.end() for m in _WHOLE_CLAUSE.finditer(self.main, 0, at)), default=0)
        after = _WHOLE_CLAUSE.search(self.main, number.whole.end - self.span.start)
        high = after.start() if after else len(self.main)
        clause = Span(self.span.start + low, self.span.start + high)
        return any(d.start < clause.end and clause.start < d.end for d in self.damages)

    def _figure(self, number: Number) -> Figure | None:
        name = self.named.get(number.span.start, "")
        start = opens_at(self.flat, number)
        if not name and (not number.unit or not _CJK.search(self.main.replace("年", ""))):
            return None
        end = ends_at(self.flat, number)
        period = self._period(number)
        return Figure(
            indicator=name,
            value=number.value,
            unit=number.unit,
            span=Span(start, number.whole.end),
            sentence=self.sentence,
            upper=number.upper,
            factor=number.factor,
            qualifier=number.qualifier,
            period=period,
            kind=self._kind(number, end, period),
            masked=number.masked,
            suspect=number.suspect,
            text=self.text[start : number.whole.end],
        )

    def _period(self, number: Number) -> str:
        """The time expression that governs a number."""
        at = number.span.start - self.span.start
        items = [m.end() for m in ITEM.finditer(self.main, 0, at)]
        before = [time for time in self.times if time.end <= at and time.start >= max(items, default=0)]
        origins = tuple(self.origins.values())
        if number.span.start in self.origins:
            return self._period_of_origin(number, before)
        found = governing(before, self.main, at, self.period, origins)
        turn = next((high for _, high in reversed(origins) if high <= at), None)
        if turn is None or _MARK.search(self.main, turn, at):
            return found
        own = [time.text for time in before if time.start >= turn]
        if own:  # 由2009年的5%提升到去年的8%
            self.arrived = own[-1]
        return own[-1] if own else self.arrived or found

    def _period_of_origin(self, number: Number, before: Sequence[Period]) -> str:
        """When the value held from which another changed: told, told of the change before, or the year before."""
        low, _ = self.origins[number.span.start]
        own = [time.text for time in before if time.end > low]
        if own:
            self.departed = own[-1]
        if self.departed:
            return self.departed
        at = number.span.start - self.span.start
        if UNKNOWN_START.search(self.main, low, at):
            return "此前"
        return year_before(governing(before, self.main, at, self.period))

    def _origins(self) -> Iterator[tuple[int, tuple[int, int]]]:
        """What a value changed from, by the number's start: 由8%下降到7% → the stretch from 由 to 8%."""
        found = self.found if ORIGIN_WORD.search(self.main) else ()
        for number in found:
            at, behind = number.span.start - self.span.start, number.whole.end - self.span.start
            low = max(0, at - 14)
            origin = ORIGIN.search(self.main[low:at])
            if origin and TURNS.match(self.main, behind):
                yield number.span.start, (low + origin.start(), behind)

    def _kind(self, number: Number, end: int, period: str) -> FigureKind:
        """The kind; members of one list (分别增长5%和8%) share the words before the first."""
        at = self.led.get(number.span.start, number.span.start) - self.span.start
        behind = self.main[end - self.span.start : end - self.span.start + 18]
        was = number.span.start in self.origins
        if number.span.start in self.limits:
            return FigureKind.REQUIREMENT
        kind = kind_of(number, self.main[:at], behind, was=was, ahead=self.ahead)
        later = kind is FigureKind.ACTUAL and not was and is_later(period, self.period)
        return FigureKind.TARGET if later else kind
