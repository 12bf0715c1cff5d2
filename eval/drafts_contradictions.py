"""What a draft says against its sources: another value, a swapped figure or place, a wrong direction, planned as done.

In: the document, the input and the text that was hidden. Out: one :class:`Against` a fault, with the sentence. Each
sentence is held to what it cites; one that cites nothing says nothing that could be checked here (the numerals of
such a sentence are faults of provenance). The rules would rather let a doubtful sentence pass than cry wolf: a fault
here is one that a reader would call false.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from eval.drafts_text import GAP, grams
from eval.quantities import Quantity, clean, quantities, same_unit
from service.cited import Sentence
from service.draft.inputs import DraftInput
from service.papers.document import Document, of_sentence

TASKS = "任务"  # the sheet that citations of tasks begin with
UP = re.compile(r"增长|增加|提高|提升|上升|上涨|扩大|新增|高于")
DOWN = re.compile(r"下降|降低|降至|降到|减少|压减|下调|缩小|低于|回落")
DONE = re.compile(
    r"(?:业?已(?!知|有|经是)|完成了|实现了|取得了|建成了|开展了|落实了|推进了|得到了|达成了).{0,2}"
)
DENIED = re.compile(r"(?:尚未|没有|不能|未能|无法|难以|未|不|无)(?P<what>[\u3400-\u9fff]{2})")
DENIES = re.compile(r"[未不无没难缺非免]")
_MARKS = re.compile(r"[，,。；;：:、\n（）()]")
_EMPTY = re.compile(r"\d{4}年?|目标|全年|年内|达到?|[为是至到约近比]")
_ALL = re.compile(r"(?:各项|所有|全部|上述|以上)(?:工作)?任务[^。]{0,6}由")
_TIME = frozenset({"年", "月", "日"})
FAR = 60  # characters that a neighbourhood has at most on each side
NEAR = 4  # pairs that two neighbourhoods of a figure share when they speak of one indicator


@dataclass(frozen=True, slots=True)
class Against:
    """A fault: its kind (figure, swapped, place, direction, done, office, denial), what, and the sentence."""

    kind: str
    what: str
    where: str


def contradictions(
    document: Document, given: DraftInput, hidden: str, places: Collection[str] = ()
) -> tuple[Against, ...]:
    """All that the sentences of a draft say against the rows that they cite and against the hidden text.

    Args:
        document: the draft.
        given: its input.
        hidden: the section as the office wrote it.
        places: names of places that are told apart; those of the input and of the citations are added.
    """
    known = {given.basic.place, *places, *document.places, *(c.place for c in document.sources)} - {""}
    found: list[Against] = []
    for sentence in document.sentences:
        quotes = [clean(c.quote) for c in of_sentence(sentence)]
        if not quotes:
            continue
        text = clean(GAP.sub("", sentence.text))
        found += _swapped(text, quotes)
        found += _places(text, quotes, sentence, known, given.basic.place)
        found += _directions(text, quotes)
        found += _planned_as_done(text, quotes, sentence)
        found += _offices(text, quotes, given)
        found += _denials(text, quotes)
        found += _trends(text, given)
        found += _against_hidden(text, quotes, clean(hidden))
    return tuple(dict.fromkeys(found))


# -- figures ----------------------------------------------------------------------------------------


def segment(text: str, at: Quantity, every: Iterable[Quantity]) -> str:
    """The words around a figure: back to the last mark or figure, on to the next."""
    before = text[max(0, at.start - FAR) : at.start]
    after = text[at.end : at.end + FAR]
    left = [m.end() for m in _MARKS.finditer(before)]
    left += [q.end - at.start + len(before) for q in every if at.start - len(before) <= q.end <= at.start]
    right = [m.start() for m in _MARKS.finditer(after)]
    right += [q.start - at.end for q in every if at.end <= q.start < at.end + len(after)]
    return f"{before[max(left, default=0) :]}\n{after[: min(right, default=len(after))]}"


def _words(words: str) -> frozenset[str]:
    """The pairs of a neighbourhood that tell what is measured: no years, no 目标为."""
    return grams(_EMPTY.sub("\n", words))


@lru_cache(maxsize=256)
def _told(text: str) -> tuple[tuple[Quantity, str], ...]:
    every = [q for q in quantities(text) if q.unit not in _TIME]
    return tuple((q, segment(text, q, every)) for q in every)


def _same(one: Quantity, other: Quantity) -> bool:
    return one.value == other.value and same_unit(one.unit, other.unit)


def _swapped(text: str, quotes: Iterable[str]) -> Iterator[Against]:
    """A figure told of what the sources tell another figure of, and not of its own."""
    sources = [pair for quote in quotes for pair in _told(quote)]
    for figure, words in _told(text):
        own = [_words(w) for q, w in sources if _same(q, figure)]
        rivals = [_words(w) for q, w in sources if same_unit(q.unit, figure.unit) and q.value != figure.value]
        said = _words(words)
        if own and not any(said & one for one in own) and any(said & one for one in rivals):
            yield Against("swapped", text[figure.start : figure.end], text)


def _directions(text: str, quotes: Iterable[str]) -> Iterator[Against]:
    """A rise told as a fall, or the reverse."""
    sources = [pair for quote in quotes for pair in _told(quote)]
    for figure, words in _told(text):
        own = "".join(w for q, w in sources if _same(q, figure))
        for mine, other in ((UP, DOWN), (DOWN, UP)):
            if mine.search(words) and not other.search(words) and other.search(own) and not mine.search(own):
                yield Against("direction", text[figure.start : figure.end], text)


def _trends(text: str, given: DraftInput) -> Iterator[Against]:
    """A target above this year's value told as a fall, or the reverse."""
    for row in given.indicators:
        if row.this is None or row.target is None or row.name not in text:
            continue
        rest = text.replace(row.name, "")
        told = [words for q, words in _told(rest) if q.value == row.target.value]
        rises, falls = row.target.value > row.this.value, row.target.value < row.this.value
        for words in told:
            up, down = UP.search(words), DOWN.search(words)
            if (up and not down and falls and _moves(words)) or (down and not up and rises and _moves(words)):
                yield Against("direction", row.name, text)


def _moves(words: str) -> bool:
    """提高到, 降至: the words tell a move to the value, not by it."""
    return re.search(r"(?:高|升|大|长|低|降|少|减|调)[到至为]", words) is not None


def _against_hidden(text: str, quotes: Collection[str], hidden: str) -> Iterator[Against]:
    """A figure of the same indicator with another value than the office's own text, which the sources do not state."""
    theirs = _told(hidden)
    sourced = [q for quote in quotes for q, _ in _told(quote)]
    for figure, words in _told(text):
        if any(_same(q, figure) for q in sourced) or any(_same(q, figure) for q, _ in theirs):
            continue
        said = grams(words)
        if any(same_unit(q.unit, figure.unit) and len(said & grams(w)) >= NEAR for q, w in theirs):
            yield Against("figure", text[figure.start : figure.end], text)


# -- words ------------------------------------------------------------------------------------------


def _places(
    text: str, quotes: Collection[str], sentence: Sentence, known: Collection[str], own: str
) -> Iterator[Against]:
    """A place that the sources do not name, or a figure of another place than theirs."""
    told = {c.place for c in of_sentence(sentence)} | {own}
    for place in _named(text, known):
        if place not in told and not any(place in quote for quote in quotes):
            yield Against("place", place, text)
    sources = [(q, _owner(quote, q, known)) for quote in quotes for q, _ in _told(quote)]
    for figure, _ in _told(text):
        mine = _owner(text, figure, known)
        theirs = {owner for q, owner in sources if _same(q, figure)}
        if mine and theirs and mine not in theirs and theirs != {""}:
            yield Against("place", f"{mine}{text[figure.start : figure.end]}", text)


def _named(text: str, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(place for place in known if place in text)


def _owner(text: str, figure: Quantity, known: Iterable[str]) -> str:
    """The place named last before a figure."""
    return max(((text.rfind(place, 0, figure.start), place) for place in known if place in text[: figure.start]),
               default=(-1, ""))[1]  # fmt: skip


def _planned_as_done(text: str, quotes: Collection[str], sentence: Sentence) -> Iterator[Against]:
    """A task that the input only plans, told as done in words that its row does not have."""
    if not sentence.citations or any(c.path[:1] != (TASKS,) for c in sentence.citations[:1]):
        return
    if any("完成情况：" in quote for quote in quotes):
        return
    for found in DONE.finditer(text):
        if not any(found[0] in quote for quote in quotes):
            yield Against("done", found[0], text)


def _offices(text: str, quotes: Collection[str], given: DraftInput) -> Iterator[Against]:
    """An office that the rows of the sentence do not name, or one that is given all tasks although it has not."""
    every = {task.office for task in given.tasks}
    for office in every - {""}:
        if office not in text:
            continue
        if not any(office in quote for quote in quotes) or (_ALL.search(text) and every != {office}):
            yield Against("office", office, text)


def _denials(text: str, quotes: Collection[str]) -> Iterator[Against]:
    """What the sources only deny, told without a denial."""
    whole = "\n".join(quotes)
    for what in dict.fromkeys(m["what"] for m in DENIED.finditer(whole)):
        places = [m.start() for m in re.finditer(re.escape(what), whole)]
        if not all(DENIES.search(whole[max(0, at - 4) : at]) for at in places):
            continue
        for m in re.finditer(re.escape(what), text):
            if not DENIES.search(text[max(0, m.start() - 4) : m.start()]):
                yield Against("denial", what, text)
