"""Text that the user writes for a step in place of the model's (手工改写).

In: a step of the outline and plain text. Out: what is written for the step, each sentence with the sources of the facts
that it rests on. The gate of every document is asked at once: a numeral that no source of the step holds is refused and
named, so that a draft never keeps text that could not be handed out.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.errors import InputError
from corpus.sentences import sentences
from service.cited import Sentence
from service.draft.drafts import Step, Written
from service.draft.inputs import Basic
from service.papers.document import Document, Paragraph, of_sentence
from service.papers.provenance import OpenReport, faults
from service.terms import grams

LONGEST = 5000  # characters of one step; a section of a report is shorter
LEAST_SHARED = 0.4  # of the bigrams of the shorter text, for a sentence to rest on a fact


class Unheld(InputError):
    """A numeral written by hand that no source of the step holds."""


def by_hand(
    step: Step,
    text: str,
    open_report: OpenReport | None = None,
    *,
    places: Sequence[str] = (),
    years: Sequence[int] = (),
) -> Written:
    """The user's text as what is written for a step.

    Args:
        step: the step whose facts the text may rest on.
        text: any number of lines.
        open_report: a report by its id, the input's own included; with it the periods of reports count as known.
        places: those of the document, which may stand anywhere.
        years: likewise.

    Raises:
        InputError: no text, too much of it, a table, or a numeral that no source of the step holds.
    """
    where = f"{step.key} {step.heading}".strip()
    if step.table is not None:
        raise InputError("这一步是表格，由程序填写", where=where, remedy="请改输入表中的任务后重新运行")
    pieces = split(text)
    if not pieces:
        raise InputError("没有文字", where=where, remedy="请用 --text 给出这一步的正文")
    if len(text) > LONGEST:
        raise InputError(
            f"这一步的文字有{len(text)}字，最多{LONGEST}字", where=where, remedy="请缩短，或分到几步里"
        )
    made = tuple(sourced(piece, step.facts) for piece in pieces)
    document = Document("draft", "", (Paragraph(made),), tuple(places), tuple(years))
    found = faults(document, open_report)
    if found:
        first = found[0]
        more = f"（另有{len(found) - 1}处）" if len(found) > 1 else ""
        raise Unheld(
            f"“{first.numeral}”在这一步的来源中没有，或与来源的数值、单位、增减不符{more}，没有保存",
            where=where,
            remedy="请改正这个数，或先把它填进输入表",
        )
    return Written(step.key, made, by_hand=True)


def years_of(basic: Basic) -> tuple[int, ...]:
    """The years that a draft may name without a source."""
    return tuple(sorted({basic.past - 1, basic.past, basic.past + 1, basic.year}))


def split(text: str) -> tuple[str, ...]:
    """The sentences of a text as typed; a ； ends none."""
    found: list[str] = []
    for span in sentences(text):
        piece = span.of(text)
        if found and found[-1].endswith(("；", ";")):
            found[-1] += piece
        else:
            found.append(piece)
    return tuple(" ".join(piece.split()) for piece in found)


def sourced(text: str, facts: Sequence[Sentence]) -> Sentence:
    """A sentence with the sources of the facts that it shares words with, where they hold its numerals; else of all."""
    own = grams(text)
    near = [fact for fact in facts if _share(own, grams(fact.text)) >= LEAST_SHARED]
    made = _of(text, near or facts)
    return _of(text, facts) if faults(Document("draft", "", (Paragraph((made,)),))) else made


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _of(text: str, facts: Sequence[Sentence]) -> Sentence:
    citations = tuple(dict.fromkeys(c for fact in facts for c in fact.citations))
    derived = tuple(dict.fromkeys(d for fact in facts for d in fact.derived if d.text in text))
    made = Sentence(text, citations, "phrased", (), derived)
    return made if of_sentence(made) else Sentence(text, (), "stated")
