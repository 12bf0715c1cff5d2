"""A question as understood: the data that every later stage reads.

In: nothing; :mod:`service.understanding` makes these. Out: frozen values whose fields become hard filters
(places, years, periods, genres, sections) and say what is wanted (kind, topic, asks, operation).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from corpus.report import Genre, SectionKind


class QuestionKind(StrEnum):
    """Which kind of answer is wanted."""

    FACT = "fact"  # a figure or a plain statement
    LIST = "list"  # all members of something
    WHY = "why"  # causes
    COMPARE = "compare"  # two or more places, years or reports side by side
    COMPUTE = "compute"  # a sum, difference, share or quotient of stated figures
    GATHER = "gather"  # over all reports
    CHECK = "check"  # is this claim right?
    PRIVATE = "private"  # personal data


class Operation(StrEnum):
    """What code is to compute from stated figures."""

    NONE = ""
    SUM = "sum"
    DIFFERENCE = "difference"
    SHARE = "share"
    QUOTIENT = "quotient"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    ``topic`` is the content that must be found in evidence (places, years and question words taken
    out); ``asks`` are the parts of the topic that each want a value of their own.
    """

    text: str
    kind: QuestionKind
    topic: str
    asks: tuple[Ask, ...]
    places: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()  # places named that no report is about
    years: tuple[int, ...] = ()
    periods: tuple[str, ...] = ()
    genres: tuple[Genre, ...] = ()
    sections: tuple[SectionKind, ...] = ()
    operation: Operation = Operation.NONE
    operands: tuple[Ask, ...] = ()  # what a computation takes, in order
    claims: tuple[str, ...] = ()  # figures that the question itself asserts, as written
    members: int = 0  # "十大任务" has 10; 0 = not told
    latest: bool = False  # 最近一年: of several years the last one is meant
    follows: bool = False  # places, years or topic were taken over from the question before


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing wanted: its words and the unit that the value must have ("" = any)."""

    topic: str
    unit: str = ""
    quantity: bool = False  # a figure is wanted, not a statement
    counted: str = ""  # what is counted: the words behind 多少间, 几位
