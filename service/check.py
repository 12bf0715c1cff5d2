"""Is a written sentence held by its evidence? Numbers with unit, what they belong to, and words.

In: a sentence of an answer and the evidence sentences that may support it. Out: a
:class:`Verdict` with the supporting sentences and the faults. Pure code: no model judges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.numeral_values import CHINESE, chinese_value
from corpus.numerals import Number, numbers, same_quantity
from service.lines import Line, clause_at
from service.naming import short_name
from service.premises import contradiction
from service.terms import Weights, content, coverage, grams, is_verb

LEAST_WORDS = 0.55  # share of a sentence's content that its evidence must hold
LEAST_BINDING = 0.5  # share of a figure's own words that the evidence clause must hold
MARK = re.compile(r"[\[［【](\d{1,2})[\]］】]")
# Amounts without a numeral.
AMOUNT = re.compile(r"一半|过半|半数|大半|大部分|大多数|多数|翻了?一?番|成倍|[数上近][十百千万](?!分)")
PEOPLE = frozenset({"人", "名", "人次", "户"})  # units of those whom the words before the number name
COUNTED = re.compile(rf"({CHINESE})[个种项名家所支处座间张台套次例户人批类大块轮周条]")
# Words beside a number that say the same; 余 and 近 are vague and also tell a side.
BOUNDS = (
    frozenset({"不少于", "不低于", "至少", "以上", "超", "余", "多"}),
    frozenset({"不超过", "至多", "以下", "以内", "不足", "低于", "近"}),
    frozenset({"约", "左右", "近", "余", "多"}),
)
NEGATION = re.compile(r"没有|没能|未(?![来成])|并非|不是|无法")
# What code computes and the report does not write: 44＋69＝113, 总共是, 多1人.
CALCULATION = re.compile(r"[=＝≈]|\d[^，。；\d\[\]]{0,3}[+＋×÷/＊*]\s*\d|\d\s*[-－]\s*\d+\s*[=＝]")
COMPUTED = re.compile(r"(?<![至不减提增最更缺])(?:合计|相差|多出?|少|高出?|低|剩余?)[是为有约了]{0,2}(?=\d)")
PER_CENT = re.compile(r"百分之\s*\d")
ECHO = re.compile(r"(?:吗|呢|对吧|是吧|吧|对不对|是不是)[？?]?$|[？?]$")
NEGATED = re.compile(rf".{{0,4}}?(?:{NEGATION.pattern})")  # right behind a number: 1270万元没有拨付


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found; ``faults`` are Chinese phrases, empty when the sentence stands."""

    supports: tuple[Line, ...]
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the sentence may be shown."""
        return not self.faults


def plain(text: str) -> str:
    """A sentence without its citation marks."""
    return MARK.sub("", text).strip()


def check(
    text: str, lines: Sequence[Line], weights: Weights, *, also: str = "", places: Sequence[str] = ()
) -> Verdict:
    """Check one sentence against the evidence ``lines``.

    Args:
        text: the sentence, with or without marks [n].
        lines: all evidence sentences; code decides which support it.
        weights: rarity of words, so that common ones count little.
        also: further words that are allowed (the question's own).
        places: names of all places that the library knows, to notice exchanged ones.
    """
    bare = plain(text)
    written = numbers(bare)
    stated = [n for n in written if n.role in ("quantity", "rank", "date")]
    supports: list[Line] = []
    faults: list[str] = []
    held = "　".join((also, *(f"{line.text}　{line.headings}" for line in lines)))
    uncounted = [_uncounted(bare, number, held) for number in written]
    vague = [word for word in AMOUNT.findall(bare) if word not in held]
    faults.extend(f"“{word}”不在材料中" for word in (*uncounted, *vague) if word)
    for number in stated:
        holders = [line for line in lines if _holds(line, bare, number, also)]
        if not holders:
            faults.append(f"“{number.whole.of(bare)}”不在材料中或单位不符")
            continue
        bound = [line for line in holders if _bound(bare, number, line, weights, also)]
        if number.role == "quantity" and not bound:
            faults.append(f"“{number.whole.of(bare)}”与材料中该数字所指的事项不符")
            continue
        misstated = _misstated(bare, number, (bound or holders)[0]) or _turned(bare, number, holders)
        if misstated:
            faults.append(misstated)
            continue
        supports.append((bound or holders)[0])
    if not supports:
        best = max(lines, key=lambda line: _words(bare, line, weights, also), default=None)
        if best is not None and _words(bare, best, weights, also) >= LEAST_WORDS:
            supports.append(best)
        else:
            faults.append("这句话的内容不在材料中")
    unique = tuple(dict.fromkeys(supports))
    if unique and not faults:
        faults.extend(_strange(bare, unique, weights, also, places))
    return Verdict(unique, tuple(faults))


def _holds(line: Line, text: str, number: Number, also: str) -> bool:
    """Whether the evidence states this number with this unit (years may come from the report, 五年 from the question)."""
    if number.role == "date":
        written = text[number.span.start : number.span.end]
        digits = re.findall(r"\d+", written)
        if not digits:  # 四年, 第一季度
            return _spelled(written, "　".join((line.text, line.headings, also)))
        known = (
            {str(line.card.year)}
            | set(re.findall(r"\d+", line.text))
            | set(re.findall(r"\d+", line.headings))
        )
        return all(d in known for d in digits)
    return any(same_quantity(number, other) for other in numbers(line.text + "　" + " ".join(line.path)))


def _spelled(written: str, held: str) -> bool:
    """Whether a Chinese numeral and what it counts stand in the evidence, there perhaps in digits: 十五年来, 15年."""
    found = re.search(rf"({CHINESE})(\w*?)(?=[来内间]|$)", written)
    value = chinese_value(found[1]) if found else None
    if found is None or value is None:
        return written in held
    if value == 1:  # 上一年, 一年来
        return True
    return found[0] in held or re.search(rf"(?<![\d.]){value}[ ]?{found[2]}", held) is not None


def _uncounted(text: str, number: Number, held: str) -> str:
    """A numeral that is part of a name, or not told apart from one (三大行动, 分四批), and stands nowhere else; or ""."""
    counted = COUNTED.match(text, number.span.start)
    if number.role != "name" or counted is None or not (chinese_value(counted[1]) or 0) > 1:
        return ""
    return "" if _spelled(counted[0], held) else counted[0]


def _bound(text: str, number: Number, line: Line, weights: Weights, also: str) -> bool:
    """Whether the words around the number in the answer are those around it in the evidence."""
    around = _clause(text, number)
    own = _own(around, (line,))
    if not own:
        return True
    for other in numbers(line.text):
        if not same_quantity(number, other):
            continue
        near = line.text[: other.span.end + 12] + " " + line.headings + " " + line.before
        if coverage(own, near + " " + also, weights) >= LEAST_BINDING and not _rival(
            own, other, line, weights
        ):
            return True
    return False


def _misstated(text: str, number: Number, line: Line) -> str:
    """What is wrong with the 不少于, 以上, 没有 … beside a number; "" when the evidence says it too."""
    same = [n for n in numbers(line.text) if same_quantity(number, n)]
    if number.role != "quantity" or not same:
        return ""
    written = number.whole.of(text)
    if not any(_same_bound(number.qualifier, n.qualifier) for n in same):
        theirs = same[0].qualifier
        if not number.qualifier:
            return f"“{written}”前后漏了“{theirs}”"
        return f"“{written}”写成了“{number.qualifier}”，材料是“{theirs or written}”"
    if all(NEGATED.match(_clause(line.text, n, behind=True)) for n in same) and not NEGATION.search(text):
        return f"“{written}”后面漏了否定的说法"
    return ""


def _turned(text: str, number: Number, holders: Sequence[Line]) -> str:
    """What is wrong with who is counted; "" when some evidence counts the same: 签约家庭医生291人 are doctors, and
    家庭医生签约291人 are those who signed.
    """
    counted = _before(text, number)
    if number.unit not in PEOPLE or len(counted) < 2:
        return ""
    theirs = [
        _before(line.text, n) for line in holders for n in numbers(line.text) if same_quantity(number, n)
    ]
    if not theirs or not all(_swapped(counted, words) for words in theirs):
        return ""
    return f"“{number.whole.of(text)}”前面的词序颠倒了，材料数的是“{theirs[0][-1]}”"


def _swapped(words: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether the noun that ends the evidence's words stands before the verb that ends the answer's, not after it."""
    if not theirs or words[-1] not in theirs[:-1] or theirs[-1] not in words[:-1]:
        return False
    return words[-1] != theirs[-1] and is_verb(words[-1]) and not is_verb(theirs[-1])


def _before(text: str, number: Number) -> list[str]:
    """The content words between a number and the number or mark before it."""
    clause = clause_at(text, number.span)
    return content(re.split(r"\d", text[clause.start : number.whole.start])[-1]).split()


def _same_bound(one: str, other: str) -> bool:
    return one == other or any({one, other} <= group for group in BOUNDS)


def _rival(own: str, chosen: Number, line: Line, weights: Weights) -> bool:
    """Whether another figure of the same unit fits the answer's words clearly better."""
    mine = coverage(own, _clause(line.text, chosen), weights)
    for other in numbers(line.text):
        if other.role != "quantity" or other.unit != chosen.unit or same_quantity(other, chosen):
            continue
        theirs = coverage(own, _clause(line.text, other), weights)
        if theirs >= mine + 0.34 and theirs >= 0.6:
            return True
    return False


def _clause(text: str, number: Number, *, behind: bool = False) -> str:
    """The stretch between punctuation marks that holds the number, or what of it stands ``behind``."""
    clause = clause_at(text, number.span)
    return text[number.whole.end if behind else clause.start : clause.end]


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+(?:\.\d+)?", " ", text)


def _known(line: Line) -> frozenset[str]:
    """Bigrams that any sentence about this report may use: its place, year and title."""
    card = line.card
    return grams(
        " ".join(filter(None, (card.place, short_name(card.place or ""), card.title, card.issuer or "")))
    )


def _own(text: str, lines: Sequence[Line]) -> str:
    """Content words of an answer's words that the report's place, year and title do not explain."""
    known = frozenset(g for line in lines for g in _known(line))
    return " ".join(word for word in content(_without_numbers(text)).split() if not grams(word) <= known)


def _words(text: str, line: Line, weights: Weights, also: str) -> float:
    own = _own(text, (line,))
    if not own:
        return 0.0
    return coverage(own, " ".join((line.text, line.headings, line.before, also)), weights)


def _strange(
    text: str, supports: Sequence[Line], weights: Weights, also: str, places: Sequence[str]
) -> list[str]:
    """Faults of wording: another place's name, the opposite, or too many words that no evidence holds."""
    faults = []
    held = " ".join(f"{line.text} {line.headings} {line.before} {line.card.place or ''}" for line in supports)
    for place in places:
        if place in text and place not in held and short_name(place) not in held:
            faults.append(f"材料说的不是{place}")
    opposite = contradiction(text, held)
    if opposite:
        faults.append(f"写成了“{opposite[0]}”，材料是“{opposite[1]}”")
    if NEGATION.search(text) and not NEGATION.search(held):
        faults.append("材料没有否定的说法")
    reckoned = {m[0] for m in COMPUTED.finditer(held)}
    if CALCULATION.search(text) and not CALCULATION.search(held):
        faults.append("写了材料里没有的算式")
    faults += [f"“{m[0]}”是算出来的，材料没有这样写" for m in COMPUTED.finditer(text) if m[0] not in reckoned]
    if PER_CENT.search(text) and not PER_CENT.search(held):
        faults.append("百分数的写法不对")
    if ECHO.search(text.rstrip("。；; ")):
        faults.append("重复了问题，没有回答")
    own = _own(text, supports)
    if own and coverage(own, held + " " + also, weights) < LEAST_WORDS:
        faults.append("有材料以外的内容")
    return faults
