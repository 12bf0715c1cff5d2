"""What a text that the user is writing for a step would do at the gate, without keeping it (即时核对).

In: a step of the outline and plain text. Out: :class:`Look`: each sentence with the sources that it would get, and each
numeral that no source of the step holds, with its place in the text as typed and the figures of the sources that may
have been meant. It asks what :func:`service.draft.editing.by_hand` asks, so that what passes here can be saved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.numerals import Number, numbers
from service.cited import Citation, Sentence
from service.draft.drafts import Step
from service.draft.editing import LONGEST, sourced, split
from service.papers.document import Document, Paragraph, of_sentence
from service.papers.provenance import OpenReport, faults
from service.papers.sourcing import key_of

MOST = 5  # candidates that are offered for one numeral


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure of a source that may have been meant: as it is written, in which sentence, and where that stands."""

    text: str
    fact: str
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class Unheld:
    """A numeral at ``start`` to ``end`` of the text as typed that may not stay, and why."""

    numeral: str
    start: int
    end: int
    why: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What came of it; ``notes`` say what is wrong with the text as a whole."""

    sentences: tuple[Sentence, ...]
    unheld: tuple[Unheld, ...]
    notes: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the text can be saved."""
        return not self.unheld and not self.notes

    def to_json(self) -> dict[str, Any]:
        """Plain object for JSON."""
        return {
            "sound": self.sound,
            "notes": list(self.notes),
            "sentences": [sentence.to_json() for sentence in self.sentences],
            "unheld": [
                {
                    "numeral": one.numeral,
                    "start": one.start,
                    "end": one.end,
                    "why": one.why,
                    "candidates": [
                        {
                            "text": candidate.text,
                            "fact": candidate.fact,
                            "citation": candidate.citation.to_json() if candidate.citation else None,
                        }
                        for candidate in one.candidates
                    ],
                }
                for one in self.unheld
            ],
        }


def look(
    step: Step,
    text: str,
    open_report: OpenReport | None = None,
    *,
    places: Sequence[str] = (),
    years: Sequence[int] = (),
) -> Look:
    """Hold a text against the sources of a step; arguments as for :func:`service.draft.editing.by_hand`."""
    if step.table is not None:
        return Look((), (), ("这一步是表格，由程序填写；请改输入表中的任务",))
    if len(text) > LONGEST:
        return Look((), (), (f"这一步的文字有{len(text)}字，最多{LONGEST}字；请缩短，或分到几步里",))
    pieces = split(text)
    if not pieces:
        return Look((), (), ("还没有文字",))
    made = tuple(sourced(piece, step.facts) for piece in pieces)
    offered = tuple(_candidates(step.facts))
    found: list[Unheld] = []
    for sentence, begin, end in _placed(text, made):
        document = Document("draft", "", (Paragraph((sentence,)),), tuple(places), tuple(years))
        for fault in faults(document, open_report):
            taken = [(one.start, one.end) for one in found if one.numeral == fault.numeral]
            start, stop = _find(text, fault.numeral, begin, end, taken)
            found.append(Unheld(fault.numeral, start, stop, fault.why, _near(fault.numeral, offered)))
    return Look(made, tuple(sorted(found, key=lambda one: (one.start, one.end))))


def _placed(text: str, made: Sequence[Sentence]) -> Iterator[tuple[Sentence, int, int]]:
    """The sentences with their places in the text as typed, whatever white space was folded."""
    at = 0
    for sentence in made:
        begin = at
        for character in sentence.text:
            if character.isspace():
                continue
            hit = text.find(character, at)
            at = hit + 1 if hit >= 0 else at
        yield sentence, begin, at


def _find(text: str, numeral: str, begin: int, end: int, taken: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Where a numeral stands within a sentence, each place once; the whole sentence where it was folded."""
    at = text.find(numeral, begin, end)
    while at >= 0 and (at, at + len(numeral)) in taken:
        at = text.find(numeral, at + 1, end)
    if at < 0:
        lead = len(text[begin:end]) - len(text[begin:end].lstrip())
        return begin + lead, end
    return at, at + len(numeral)


def _candidates(facts: Sequence[Sentence]) -> Iterator[tuple[Number, Candidate]]:
    """The figures that the facts of a step state, in order, each once."""
    seen: set[str] = set()
    for fact in facts:
        for number in numbers(fact.text):
            written = number.whole.of(fact.text)
            if key_of(number) is None or written in seen:
                continue
            seen.add(written)
            held = (c for c in of_sentence(fact) if written in c.quote)
            first = next(held, next(iter(of_sentence(fact)), None))
            yield number, Candidate(written, fact.text, first)


def _near(numeral: str, offered: Sequence[tuple[Number, Candidate]]) -> tuple[Candidate, ...]:
    """Those of the same unit, the ones first that share most digits: 4处 is not what 98.7% was meant to be."""
    typed = next(iter(numbers(numeral)), None)
    unit = typed.unit if typed else ""

    def rank(one: tuple[Number, Candidate]) -> tuple[bool, int]:
        return one[0].unit != unit, -_shared(numeral, one[1].text)

    same = [one for one in offered if one[0].unit == unit or not unit]
    return tuple(candidate for _, candidate in sorted(same, key=rank)[:MOST])


def _shared(one: str, other: str) -> int:
    """The characters that two figures have in common at their beginning or end."""
    begin = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    back = zip(reversed(one), reversed(other), strict=False)
    return begin + next((i for i, (a, b) in enumerate(back) if a != b), min(len(one), len(other)))
