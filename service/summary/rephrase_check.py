"""Does a rephrased text say what the facts say: each figure with its indicator, and nothing else?

In: what the model wrote and the sentences that it was given. Out: the sentences that stand, with the
citations of the facts that they retell, in between them the facts that did not come back whole, and the
faults of the rest. Stricter than :mod:`service.check`, since a retelling has no reason
to differ: every number must come with the same indicator, unit, bound, period and direction, every
clause must be made of the words of one fact, negations and plans (未, 将) must stay where they were.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache

import rjieba

from corpus.figures import read_figures
from corpus.numeral_roles import Role
from corpus.numerals import numbers
from corpus.report import Figure, Span
from service.check import BOUNDS
from service.cited import Sentence
from service.lines import clause_at
from service.papers.document import of_sentence
from service.terms import grams

LEAST_HELD = 0.8  # share of a clause's bigrams that the facts it retells must hold
LEAST_KEPT = 0.5  # share of a fact's bigrams that must come back, where nothing may be lost
LEAST_NAMED = 0.5  # share of a figure's own words that two descriptions of it must have in common

CLAUSES = re.compile(r"[，,；;。！？!?：:\n]+")
SENTENCES = re.compile(r"(?<=[。！？!?\n])")
# Words that only bind and may be added; they are taken out before words are compared.
BINDING = re.compile(
    r"截[至止]目前|目前|同时|其中|此外|另外|并且|而且|以及|分别|方面|一方面|另一方面|总体上?|整体|主要|具体|包括|进一步|年度|全年|工作|情况|该[县区市]|"
    r"全[县区市]|我[县区市局]|[本此各]|[和与及且并还也均都则而]|共计|累计|为|是|达到?|的|了|在|中|上"
)
LEAD = re.compile(r"^(?:为了?|通过|在|按照|根据|围绕|经过)[^，。；]{4,40}，")
LINK = re.compile(r"^(?:此外|同时|另外|并且|其中)[，,]?")
# What turns a statement into another one. The first that fits counts; 增加到 is not 增加了.
TURNS = (
    ("增到", re.compile(r"(?:增加|增长|增|提高|提升|上升|扩大|升)[到至为]")),
    ("降到", re.compile(r"(?:下降|降低|减少|下滑|回落|缩短|压缩|降|减)[到至为]")),
    ("增", re.compile(r"增加|增长|新增|提高|提升|上升|扩大|翻番|翻[一两]番|增幅")),
    ("降", re.compile(r"下降|降低|减少|下滑|回落|缩短|压缩|降幅")),
    ("高于", re.compile(r"高于|高出|超过|超出|超额")),
    ("低于", re.compile(r"低于|不足|不到|少于|未达|欠缺|差距")),
    ("否", re.compile(r"没有|没能|未能|尚未|仍未|未(?!来|成年)|并非|不是|无法|不能|不(?=[足够高强全齐适])|缺乏|缺少|尚无|无(?=[一专法])")),
    ("拟", re.compile(r"将(?!近)|拟|计划|力争|争取|预计|打算|确保")),
    ("未来", re.compile(r"下一步|今后|目标|年底前|正在")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sentences to show, the faults that were found, and the share of the facts that came back whole."""

    sentences: tuple[Sentence, ...]
    faults: tuple[str, ...]
    share: float

    @property
    def ok(self) -> bool:
        """Whether all of it stands."""
        return not self.faults and bool(self.sentences)


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure of a text with what it is said of; ``turns`` are those of its clause.

    ``since`` is its period, or the one that was last named in front of it.
    """

    figure: Figure
    words: str
    turns: frozenset[str]
    clause: str
    since: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A written sentence without faults; ``at`` are the facts that it retells."""

    text: str
    at: tuple[int, ...]


def retold(text: str, facts: Sequence[Sentence], *, whole: bool = True) -> Verdict:
    """Check ``text`` against ``facts``; with ``whole`` a fact that is not retold stays as it was."""
    written = tuple(_founded(s.strip(), facts) for s in SENTENCES.split(text) if s.strip("。！？!? \n　"))
    faults: list[str] = [] if written else ["没有写出正文"]
    told = _told(tuple(fact.text for fact in facts))
    kept: list[Kept] = []
    for sentence, said in zip(written, _told(written), strict=True):
        at, wrong = _supports(sentence, said, facts, told)
        wrong = wrong or _repeated("".join((*(k.text for k in kept), sentence)), facts)
        faults += wrong
        if not wrong:
            kept.append(Kept(sentence.rstrip("。；;"), at))
    lost: dict[int, list[str]] = {}
    if whole:
        kept, lost = _complete(kept, facts)
        faults += [fault for found in lost.values() for fault in found]
    parts = [(k.at[0], _sentence(k, facts)) for k in kept] + [(i, facts[i]) for i in lost]
    shown = _smooth([sentence for _, sentence in sorted(parts, key=lambda part: part[0])])
    covered = {i for k in kept for i in k.at}
    return Verdict(shown, tuple(dict.fromkeys(faults)), len(covered) / len(facts) if facts else 0.0)


def _smooth(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Without a 此外 at the beginning, or one behind another."""
    found: list[Sentence] = []
    before = "此外"
    for sentence in sentences:
        link = LINK.match(sentence.text)
        if link and sentence.status == "phrased" and before:
            sentence = replace(sentence, text=sentence.text[link.end() :])
        before = link[0] if link else ""
        found.append(sentence)
    return tuple(found)


def _founded(text: str, facts: Sequence[Sentence]) -> str:
    """A sentence without an opening clause that the model made up (为了进一步提升服务水平，)."""
    lead = LEAD.match(text)
    if lead is None or numbers(lead[0].replace("一步", "")):
        return text
    best = max((_held(lead[0], fact.text) for fact in facts), default=0.0)
    return text[lead.end() :] if best < LEAST_HELD else text


def _complete(kept: list[Kept], facts: Sequence[Sentence]) -> tuple[list[Kept], dict[int, list[str]]]:
    """The sentences that together retell their facts whole, and what is missing of every other fact."""
    while True:
        lost = {
            i: missing
            for i, fact in enumerate(facts)
            if (missing := _lost(fact, "。".join(k.text for k in kept if i in k.at)))
        }
        sound = [k for k in kept if not lost.keys() & set(k.at)]
        if len(sound) == len(kept):
            return kept, lost
        kept = sound


def _sentence(kept: Kept, facts: Sequence[Sentence]) -> Sentence:
    """A phrased sentence with what its facts rest on; a computed figure goes with the sentence that states it."""
    supports = [facts[i] for i in kept.at]
    cited = tuple(dict.fromkeys(c for fact in supports for c in fact.citations))
    derived = tuple(dict.fromkeys(d for fact in supports for d in fact.derived if d.text in kept.text))
    return Sentence(
        kept.text, cited, "phrased", tuple(dict.fromkeys(f.text for f in _figures(kept.text))), derived
    )


def _supports(
    text: str, said: Sequence[Stated], facts: Sequence[Sentence], told: Sequence[Sequence[Stated]]
) -> tuple[tuple[int, ...], list[str]]:
    """Which facts one written sentence retells, in their order, and its faults.

    ``said`` are the figures of the sentence, ``told`` those of each fact.
    """
    used: set[int] = set()
    faults: list[str] = []
    for stated in said:
        at = _fact_of(stated, told)
        if at is None:
            faults.append(f"“{stated.figure.text}”与要点中该数字所指的事项、时间或增减不符")
        else:
            used.add(at)
    faults += [f"“{token}”不在要点中" for token in _tokens(text) if not _in_facts(token, facts)]
    places = _places(facts)
    for clause in (c for c in CLAUSES.split(text) if len(_own(c)) >= 2):
        best = max(range(len(facts)), key=lambda i: _held(clause, facts[i].text))
        near = {i for s in said if s.clause in clause if (i := _fact_of(s, told)) is not None}
        together = " ".join(facts[i].text for i in sorted(near | {best}))
        faults += [f"要点没有这样说{p}" for p in places if p in clause and p not in together]
        if _held(clause, together) < LEAST_HELD:
            faults.append(f"“{clause}”有要点以外的内容")
        elif _turns(clause) != _turns_of(clause, together):
            faults.append(f"“{clause}”的增减、否定或计划的说法与要点不同")
        elif halves := _halves(clause, together):
            faults += [f"“{clause}”里的“{half}”少了字" for half in halves]
        else:
            used.add(best)
    return tuple(sorted(used)), faults or ([] if used else [f"“{text}”不是要点的内容"])


def _places(facts: Sequence[Sentence]) -> tuple[str, ...]:
    """Places of the cited reports that the facts name."""
    cited = (c.place for fact in facts for c in of_sentence(fact))
    return tuple(p for p in dict.fromkeys(cited) if p and any(p in fact.text for fact in facts))


# -- figures ----------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def _figures(text: str) -> tuple[Figure, ...]:
    return read_figures(text, (Span(0, len(text)),), (), "")


def _told(texts: Sequence[str]) -> tuple[tuple[Stated, ...], ...]:
    """The figures of each of several texts that are read one after the other."""
    found: list[tuple[Stated, ...]] = []
    since = ""
    for text in texts:
        here = []
        for figure in _figures(text):
            since = figure.period or since
            clause = clause_at(text, figure.span)
            words = figure.indicator or text[clause.start : figure.span.start] or text[: figure.span.start]
            here.append(Stated(figure, words, _turns(clause.of(text)), clause.of(text), since))
        found.append(tuple(here))
    return tuple(found)


def _fact_of(stated: Stated, told: Sequence[Sequence[Stated]]) -> int | None:
    """Which fact says the same of the same thing; None where another figure fits the words better."""
    alike = [
        (_alike(stated, other), i, other)
        for i, fact in enumerate(told)
        for other in fact
        if other.figure.unit == stated.figure.unit
    ]
    best = max((score for score, _, _ in alike), default=0.0)
    for score, i, other in alike:
        if score == best and score >= LEAST_NAMED and _same(stated, other):
            return i
    return None


def _alike(one: Stated, other: Stated) -> float:
    """How much two figures are said of the same thing, 0 to 1."""
    a, b = _own(one.words), _own(other.words)
    if a == b:
        return 1.0
    shorter, longer = sorted((a, b), key=len)
    if not shorter:
        return 0.0
    if shorter in longer:
        return 0.9
    first, second = grams(a), grams(b)
    return 0.9 * len(first & second) / max(1, min(len(first), len(second)))


def _same(one: Stated, other: Stated) -> bool:
    """Same value, range, bound, period and direction."""
    a, b = one.figure, other.figure
    if _key(one) != _key(other):
        return False
    bound = a.qualifier == b.qualifier or any({a.qualifier, b.qualifier} <= group for group in BOUNDS)
    return bound and one.turns == other.turns and (a.period == b.period or one.since == other.since)


# -- words ------------------------------------------------------------------------------------------


def _own(text: str) -> str:
    """The words of a clause without binding ones, marks and digits."""
    return re.sub(r"[^\u3400-\u9fffA-Za-z]", "", BINDING.sub("", text))


def _held(clause: str, text: str) -> float:
    """Share of the clause's bigrams that stand in ``text``."""
    wanted = grams(_own(clause))
    present = grams(_own(text)) | grams(text)
    return len(wanted & present) / len(wanted) if wanted else 1.0


def _halves(clause: str, text: str) -> list[str]:
    """Runs of ``text`` in the clause that begin or end with one character of a longer word: [安]宁疗[护]床位."""
    starts, ends = _words_of(text)
    found = []
    for _, at, size in SequenceMatcher(None, clause, text, autojunk=False).get_matching_blocks():
        if size < 2:
            continue
        last = at + size - 1
        if (at not in starts and ends[at] == at + 1) or (last in starts and ends[last] > last + 1):
            found.append(text[at : at + size])
    return found


@lru_cache(maxsize=512)
def _words_of(text: str) -> tuple[frozenset[int], dict[int, int]]:
    """Where the words of a text begin, and for each character where its word ends."""
    starts: set[int] = set()
    ends: dict[int, int] = {}
    at = 0
    for word in map(str, rjieba.cut(text)):
        starts.add(at)
        ends.update((i, at + len(word)) for i in range(at, at + len(word)))
        at += len(word)
    return frozenset(starts), ends


def _turns(text: str) -> frozenset[str]:
    found = set()
    for name, pattern in TURNS:
        text, count = pattern.subn("　", text)
        if count:
            found.add(name)
    return frozenset(found)


def _turns_of(clause: str, text: str) -> frozenset[str]:
    """The turns of the clause of ``text`` that holds most of ``clause``."""
    parts = [part for part in CLAUSES.split(text.replace(" ", "。")) if part.strip()]
    best = max(parts, key=lambda part: (_held(clause, part), -len(part)), default="")
    return _turns(best)


def _tokens(text: str) -> tuple[str, ...]:
    """Dates, names with numerals and document numbers, as written."""
    return tuple(
        "".join(n.whole.of(text).split())
        for n in numbers(text)
        if n.role not in (Role.QUANTITY, Role.RANK, Role.LABEL)
    )


def _in_facts(token: str, facts: Sequence[Sentence]) -> bool:
    return any(token in "".join(fact.text.split()) for fact in facts)


# -- the whole --------------------------------------------------------------------------------------


def _lost(fact: Sentence, text: str) -> list[str]:
    """What of a fact is missing in the sentences that retell it."""
    left = Counter(_key(stated) for said in _told((text,)) for stated in said)
    flat = "".join(text.split())
    (told,) = _told((fact.text,))
    faults = [f"漏写“{stated.clause}”" for stated in told if not left[_key(stated)]]
    tokens = (*_tokens(fact.text), *_places((fact,)))
    faults += [f"漏写“{token}”" for token in tokens if token not in flat]
    if _held(fact.text, text) < LEAST_KEPT:
        faults.append(f"漏写“{fact.text[:16]}”")
    missing = _all_turns(fact.text) - _all_turns(text)
    return faults + [f"漏写“{name}”的说法" for name in sorted(missing)]


def _all_turns(text: str) -> frozenset[str]:
    return frozenset(name for clause in CLAUSES.split(text) for name in _turns(clause))


def _key(stated: Stated) -> tuple[object, ...]:
    f = stated.figure
    if f.value is None:
        return (f.text, f.unit)
    return (f.value * f.factor, None if f.upper is None else f.upper * f.factor, f.unit)


def _repeated(text: str, facts: Sequence[Sentence]) -> list[str]:
    """Figures that are written more often than the facts have them."""
    written = Counter(_key(s) for said in _told((text,)) for s in said)
    told = Counter(_key(s) for fact in _told(tuple(f.text for f in facts)) for s in fact)
    return [f"“{key[0]}{key[-1]}”写了两遍" for key, count in written.items() if count > max(1, told[key])]
