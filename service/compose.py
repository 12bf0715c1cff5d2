"""Sentences that code writes by itself: quotations, comparisons, arithmetic, corrections.

In: ranked sentences and targets. Out: :class:`Sentence` objects whose every figure stands in a
citation or follows from cited ones by a formula that is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from corpus.cards import Card
from corpus.report import Figure, FigureKind
from service.arithmetic import Result, base, compact, comparable, difference, growth, plain, total
from service.cited import Citation, Sentence
from service.lines import Line
from service.match import Target, clause_of
from service.terms import grams

YEAR = re.compile(r"(?:19|20)\d{2}")
PART = re.compile(r"[上下]半年|前?[一二三]季度|[一二三四]季度")
LEAST_SHARED = 0.5  # share of pairs of characters that two years of one indicator have in common


def label(line: Line, *, year: bool = True) -> str:
    """襄垣县2017年: how an answer names the report of a sentence."""
    return name_of(line.card, year=year)


def name_of(card: Card, *, year: bool = True) -> str:
    """Place and year of a report; its title where no place is told."""
    place = card.place or f"《{card.title}》"
    return f"{place}{card.year}年" if year and card.year else place


def year_of(target: Target) -> int | None:
    """The year of a figure, which a table may give for another year than its report's."""
    card = target.line.card
    named = {int(year) for year in YEAR.findall(target.figure.period)}
    return named.pop() if len(named) == 1 and "year" not in card.edited else card.year


def dated(target: Target) -> str:
    """青岭县2023年上半年: place and time of a figure."""
    card, told, year = target.line.card, target.figure.period, year_of(target)
    part = PART.search(told) or (PART.search(card.period or "") if year == card.year else None)
    place = card.place or f"《{card.title}》"
    return f"{place}{year}年{part[0] if part else ''}" if year else place


def quote(line: Line, *, lead: str = "") -> Sentence:
    """The source's own sentence, named by place and year."""
    text = " ".join(line.text.split()).strip("；;，, ")
    return Sentence(f"{lead or label(line)}：{text}", (Citation.of(line),), "quoted", figures_of([line]))


def quotes(lines: Sequence[Line]) -> tuple[Sentence, ...]:
    """Several quotations; a report is named once, in front of its first sentence."""
    found: list[Sentence] = []
    named = ""
    for line in lines:
        sentence = quote(line)
        if line.report_id == named:
            sentence = replace(sentence, text=sentence.text.removeprefix(f"{label(line)}："))
        named = line.report_id
        found.append(sentence)
    return tuple(found)


def figures_of(lines: Sequence[Line]) -> tuple[str, ...]:
    """Figures of sentences as written."""
    return tuple(dict.fromkeys(compact(f) for line in lines for f in line.figures if f.value is not None))


def stated(target: Target) -> str:
    """Indicator and value as the source has them, 人民医院聘请为6人."""
    name = target.figure.indicator or target.ask.topic.replace(" ", "")
    aimed = target.figure.kind is FigureKind.TARGET and "目标" not in name
    return f"{name}{'目标' if aimed else ''}{_verb(target.figure)}{compact(target.figure)}"


def _verb(figure: Figure) -> str:
    if figure.kind is FigureKind.RANK:  # 绩效考核列第3位
        return ""
    return "" if figure.qualifier in ("不少于", "不低于", "至少", "超过", "超", "达到") else "为"


def side_by_side(parts: Sequence[Target], *, with_difference: bool) -> tuple[Sentence, ...]:
    """One sentence per figure, then who is higher and by how much; unlike measures are named."""
    sentences = [
        Sentence(f"{dated(t)}{stated(t)}", (Citation.of(t.line),), "quoted", (compact(t.figure),))
        for t in parts
    ]
    if len(parts) == 2 and with_difference:
        sentences.append(_difference_sentence(parts[0], parts[1]))
    elif len(parts) > 2:
        ranking = _ranking(parts)
        if ranking:
            sentences.append(ranking)
    return tuple(sentences)


def summed(parts: Sequence[Target]) -> Sentence:
    """The sum of figures of one name; it says why where they cannot be added."""
    cited = tuple(dict.fromkeys(Citation.of(t.line) for t in parts))
    if len(parts) < 2:
        return Sentence("只找到其中一个数，不能合计", cited, "computed")
    result = total([t.figure for t in parts])
    first = parts[0].figure
    if result is None or any(_stranger(first, t.figure) for t in parts[1:]):
        return Sentence("各处不是同一指标或单位不同，不能合计", cited, "computed")
    text = f"合计{result.text}（计算：{result.formula}）"
    if any(_unlike(first, t.figure) for t in parts[1:]):
        text += "；各处指标名称不同，口径可能不一致"
    return Sentence(text, cited, "computed", (result.text,))


def _difference_sentence(one: Target, other: Target) -> Sentence:
    both = (Citation.of(one.line), Citation.of(other.line))
    result = difference(one.figure, other.figure)
    if result is None:
        units = f"{one.figure.unit or '无单位'}与{other.figure.unit or '无单位'}"
        return Sentence(f"两个数的单位不同（{units}），不能直接比较", both, "computed")
    if _stranger(one.figure, other.figure) and one.line.card.place == other.line.card.place:
        names = f"{one.figure.indicator}、{other.figure.indicator}"
        return Sentence(f"两处不是同一指标（{names}），不作比较", both, "computed")
    first, second = base(one.figure) or Decimal(0), base(other.figure) or Decimal(0)
    if first == second:
        return Sentence(f"两者相同，都是{compact(one.figure)}", both, "computed", (compact(one.figure),))
    high, low = (one, other) if first > second else (other, one)
    word = "高" if one.figure.unit in ("%", "‰", "") else "多"
    text = f"{_who(high, low)}比{_who(low, high)}{word}{result.text}（{result.formula}）"
    text += _growth(one, other)
    if _unlike(one.figure, other.figure):
        text += "；两处指标名称不同，口径可能不一致"
    if one.line.card.period and other.line.card.period and one.line.card.period != other.line.card.period:
        text += f"；时段不同（{one.line.card.period}与{other.line.card.period}），比较仅供参考"
    return Sentence(text, both, "computed", (result.text,))


def _growth(one: Target, other: Target) -> str:
    """What one indicator of one place grew by between two years of like period, "" for anything else."""
    a, b = one.line.card, other.line.card
    if a.place != b.place or not a.year or not b.year or a.year == b.year or a.period != b.period:
        return ""
    old, new = (one, other) if a.year < b.year else (other, one)
    result = growth(new.figure, old.figure)
    if result is None or _unlike(one.figure, other.figure):
        return ""
    if result.value >= 0:
        return f"，{new.line.card.year}年比{old.line.card.year}年增长约{result.text}（{result.formula}）"
    share = f"{plain(-result.value)}%"
    formula = f"（{compact(old.figure)}－{compact(new.figure)}）÷{compact(old.figure)}≈{share}"
    return f"，{new.line.card.year}年比{old.line.card.year}年下降约{share}（{formula}）"


def _who(target: Target, other: Target) -> str:
    """Place, and year where the place is the same."""
    same = target.line.card.place == other.line.card.place
    name = dated(target) if same or target.line.card.place is None else label(target.line, year=False)
    if target.line.report_id != other.line.report_id:
        return name
    if target.ask.topic == other.ask.topic:
        return f"“{clause_of(target.line, target.figure).strip()}”"
    return target.ask.topic.replace(" ", "")


def _unlike(one: Figure, other: Figure) -> bool:
    short, long = sorted((one.indicator, other.indicator), key=len)
    return bool(short) and short not in long


def _stranger(one: Figure, other: Figure) -> bool:
    """Whether two figures of one place are called by names that hardly share a word."""
    if not _unlike(one, other):
        return False  # 接诊 and 夜间门诊接诊
    mine, theirs = grams(one.indicator), grams(other.indicator)
    return bool(mine and theirs) and len(mine & theirs) < LEAST_SHARED * len(mine | theirs)


def _ranking(parts: Sequence[Target]) -> Sentence | None:
    first = parts[0].figure
    if not all(comparable(first, t.figure) for t in parts[1:]):
        return None
    ordered = sorted(parts, key=lambda t: base(t.figure) or Decimal(0), reverse=True)
    text = "由高到低：" + "、".join(f"{dated(t)}（{compact(t.figure)}）" for t in ordered)
    cited = tuple(dict.fromkeys(Citation.of(t.line) for t in ordered))
    return Sentence(text, cited, "computed", tuple(compact(t.figure) for t in ordered))


def computed(result: Result, parts: Sequence[Target], what: str) -> tuple[Sentence, ...]:
    """The result with its formula, and the figures that it rests on."""
    cited = tuple(dict.fromkeys(Citation.of(t.line) for t in parts))
    head = Sentence(
        f"{label(parts[0].line)}{what}{result.text}（计算：{result.formula}）",
        cited,
        "computed",
        (result.text,),
    )
    rest = tuple(quote(line) for line in dict.fromkeys(t.line for t in parts))
    return (head, *rest)


def gap(result: Result, parts: Sequence[Target]) -> tuple[Sentence, ...]:
    """Which of two figures is greater and by how much, with the formula and the sources."""
    high, low = sorted(parts[:2], key=lambda t: base(t.figure) or Decimal(0), reverse=True)
    cited = tuple(dict.fromkeys(Citation.of(t.line) for t in parts))
    word = "高" if high.figure.unit in ("%", "‰") else "多"
    names = [_called(high, low), _called(low, high)]
    text = f"{label(high.line)}{names[0]}比{names[1]}{word}{result.text}（计算：{result.formula}）"
    rest = tuple(quote(line) for line in dict.fromkeys(t.line for t in parts))
    return (Sentence(text, cited, "computed", (result.text,)), *rest)


def _called(target: Target, other: Target) -> str:
    """A figure by the name that tells it from the other one: its indicator, else its clause."""
    name = target.figure.indicator
    if name and other.figure.indicator and name != other.figure.indicator:
        return f"{name}（{compact(target.figure)}）"
    return f"“{clause_of(target.line, target.figure).strip()}”"


def correction(claim: str, target: Target) -> Sentence:
    """Says that a figure asserted by the question is not what the report says."""
    text = f"问题中的“{claim}”与报告不符：{dated(target)}{stated(target)}"
    return Sentence(text, (Citation.of(target.line),), "computed", (compact(target.figure),))


def confirmation(claim: str, target: Target) -> Sentence:
    """Says that the report bears the asserted figure out."""
    text = f"是的，{dated(target)}{stated(target)}，与问题中的“{claim}”一致"
    return Sentence(text, (Citation.of(target.line),), "computed", (compact(target.figure),))


def disagreement(targets: Sequence[Target]) -> tuple[Sentence, ...]:
    """Two places of the corpus that give different values for one thing: both are shown."""
    values = "、".join(dict.fromkeys(compact(t.figure) for t in targets))
    cited = tuple(dict.fromkeys(Citation.of(t.line) for t in targets))
    head = Sentence(
        f"报告中有不一致的说法（{values}），请核对原文",
        cited,
        "computed",
        tuple(compact(t.figure) for t in targets),
    )
    return (head, *(quote(t.line) for t in targets))
