"""What a draft is made of: the outline that the user accepts, and what was written for each step of it.

In: nothing but values. Out: frozen types, and their JSON form, which the store keeps. A step is the smallest thing that
is written, checked, shown and written again: one problem, one task, a paragraph of indicators. Its ``facts`` are
sentences composed by code, each with its sources; what the model makes of them is checked against them, and where it
fails twice the facts themselves are the text (``Written.phrased`` is then false).
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from service.cited import Sentence
from service.draft.inputs import DraftInput, Kind
from service.papers.document import Table


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to write. ``key`` is unique in the draft (2.3); ``rows`` are the addresses of the input rows that it
    tells; ``heading`` is "" where the step goes on in the paragraph flow of its part.

    ``table`` is set where the step is a table (分工表) and nothing is for the model. ``gaps`` say in words what the
    input lacks here; each is written as 【待补：…】. ``group`` is the heading between those of the part and of the step,
    "" where there is none; steps of one group stand together.
    """

    key: str
    heading: str
    facts: tuple[Sentence, ...]
    rows: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    table: Table | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One section (一、…) of the outline; ``key`` is its number as text: 1."""

    key: str
    title: str
    steps: tuple[Step, ...]
    lead: tuple[Sentence, ...] = ()  # stands before the first step, never for the model


@dataclass(frozen=True, slots=True)
class Outline:
    """What will be written, in order. ``shaped`` is true where it is not as the code made it but as the user changed it."""

    kind: Kind
    title: str
    parts: tuple[Part, ...]
    shaped: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in reading order."""
        return tuple(step for part in self.parts for step in part.steps)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for the step of this key. ``phrased`` is false where code's own sentences stand because the
    model failed, and true where the model's passed the check; ``by_hand`` where the user wrote them.
    """

    key: str
    sentences: tuple[Sentence, ...]
    phrased: bool = False
    by_hand: bool = False
    faults: tuple[str, ...] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, whole or under way: ``written`` holds the steps that are done, in reading order."""

    given: DraftInput
    outline: Outline
    written: tuple[Written, ...] = ()

    @property
    def open(self) -> tuple[Step, ...]:
        """The steps that are still to be written, in reading order; tables need no writing."""
        done = {w.key for w in self.written}
        return tuple(s for s in self.outline.steps if s.key not in done and s.table is None)

    def of(self, key: str) -> Written | None:
        """What was written for a step; None while it is open."""
        return next((w for w in self.written if w.key == key), None)


def how(written: Written | None, step: Step) -> str:
    """How a step came to be: table, by_hand, phrased, composed, open, or empty where there is nothing to write."""
    if step.table is not None:
        return "table"
    if written is None:
        return "open" if step.facts else "empty"
    return "by_hand" if written.by_hand else "phrased" if written.phrased else "composed"


_ADAPTER = TypeAdapter(Draft)


def to_json(draft: Draft) -> str:
    """One JSON object; :func:`from_json` gives the same draft back."""
    return _ADAPTER.dump_json(draft).decode("utf-8")


def from_json(text: str) -> Draft:
    """The draft that :func:`to_json` wrote."""
    return _ADAPTER.validate_json(text)
