"""UHGEval: can the check of numbers tell made-up continuations of news from real ones?

In: the published JSON lines (full or concise). Out: one task an item. What is verified is not a model but the
check that guards every answer (:mod:`service.check`): each number of the made-up continuation against the beginning
and the real rest of the news item. Official are the accuracy over sentences (the made-up continuation flagged, the
real one not) and over balanced keywords. A check of numbers can only see keywords that hold a number, so the strict
values count those alone. The real continuation is part of the source, so only the other half of ``sentence`` is hard.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass

from corpus.aliases import Aliases
from corpus.numerals import numbers
from corpus.report import Metadata, Passage, Report, SectionKind, Span
from corpus.tracked import TrackedText
from eval.public.files import checked, read_data, unique
from eval.suites.contract import Output, Score, Task, Where
from service.check import check
from service.lines import lines_of
from service.phrase import split_sentences
from service.proof.text import Text
from service.terms import Weights

if TYPE_CHECKING:
    from eval.systems import System

WHAT = " UHGEval "
UNREASONABLE = "不合理"
_QUOTED_NUMBER = re.compile(r"^“(.+?)”")  # faults of service.check that concern a number begin with it
_WEIGHED = ("quantity", "rank", "date")  # roles of numbers that the check looks at


@checked_dataclass(frozen=True, slots=True)
class _Item:
    id: str
    type: str
    headLine: str
    broadcastDate: str
    newsBeginning: str
    hallucinatedContinuation: str
    realContinuation: str
    newsRemainder: str
    annotations: tuple[str, ...] = ()
    allKeywords: dict[str, str] | None = None


ITEM = TypeAdapter(_Item)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of the made-up continuation and whether the annotators found it made up."""

    text: str
    made_up: bool

    @property
    def number(self) -> bool:
        """Whether it holds a number that the check looks at."""
        return any(n.role in _WEIGHED for n in numbers(self.text))


def keywords(item: _Item) -> tuple[Keyword, ...]:
    """The annotated keywords, from the published form or the older one."""
    pairs = [tuple(note.split("<sep>", 1)) for note in item.annotations] or list(
        (item.allKeywords or {}).items()
    )
    return tuple(Keyword(pair[0], pair[1].startswith(UNREASONABLE)) for pair in pairs if len(pair) == 2)


# -- the verifier ------------------------------------------------------------------------------------------


def flagged(text: str, source: str, title: str = "") -> tuple[str, ...]:
    """The numbers of a text that its source does not support, as written."""
    lines, weights = _evidence(source, title)
    found: list[str] = []
    for sentence in split_sentences(text):
        for fault in check(sentence, lines, weights).faults:
            number = _QUOTED_NUMBER.match(fault)
            if number:
                found.append(number[1])
    return tuple(dict.fromkeys(found))


def _evidence(source: str, title: str) -> tuple[Any, Weights]:
    """The source as evidence lines of a report, as answers have them."""
    tracked = TrackedText.from_raw(source)
    digest = hashlib.sha256(source.encode()).hexdigest()
    report = Report(digest[:12], digest, "", 0, tracked.text, tracked.origin, Metadata(title))
    card = Text(report, Aliases()).card
    passage = Passage(f"{report.id}-0000", report.id, Span(0, len(source)), source, (), SectionKind.OTHER)
    lines = lines_of([passage], {report.id: card})
    return lines, Weights.learn(line.text for line in lines)


# -- the suite ---------------------------------------------------------------------------------------------


class UhgEval:
    """The suite; whatever system it is run on, the check verifies."""

    name = "uhgeval"

    def cases(self, where: Where) -> tuple[Task, ...]:
        """A task for each item of the user's file."""
        items = [checked(ITEM, record, WHAT) for record in read_data(where.cases)]
        assert where.cases is not None  # read_data refuses None
        unique((item.id for item in items), where.cases)
        return tuple(
            Task(item.id, item.type, item.id, "public", {"item": _asked(item)}, keywords(item))
            for item in items
        )

    def run(self, task: Task, system: System) -> Output:
        """Verify both continuations."""
        item = task.asks["item"]
        source = f"{item['beginning']}\n{item['remainder']}\n{item['date']}"
        told = {name: list(flagged(item[name], source, item["headline"])) for name in ("made_up", "real")}
        return {"output": told}

    def score(self, task: Task, item: Mapping[str, Any]) -> Score:
        """Official accuracies, and precision and recall over the keywords that hold a number."""
        output = item["output"]
        marked: tuple[Keyword, ...] = task.gold
        if output is None:
            return Score(task.id, dict.fromkeys(("sentence", "keyword", "number_keyword")), None)
        verdicts = [(one, _meets(one.text, output["made_up"])) for one in marked]
        sentence = (bool(output["made_up"]) + (not output["real"])) / 2
        counts = {
            "number_keyword": _share(verdicts, lambda *_: True, lambda one, said: one.made_up == said),
            "number_recall": _share(verdicts, lambda one, _: one.made_up, lambda _, said: said),
            "number_precision": _share(verdicts, lambda _, said: said, lambda one, _: one.made_up),
        }
        values: dict[str, float | None] = {"sentence": sentence, "keyword": _balanced(verdicts)}
        values |= {name: right / asked if asked else None for name, (right, asked) in counts.items()}
        asked = counts["number_keyword"]
        good = asked[0] == asked[1] if asked[1] else None
        wrong = [one.text for one, said in verdicts if one.number and one.made_up != said]
        return Score(task.id, values, good, (f"判错：{'、'.join(wrong)}",) if wrong else (), counts)


def _asked(item: _Item) -> dict[str, str]:
    return {
        "headline": item.headLine,
        "date": item.broadcastDate,
        "beginning": item.newsBeginning,
        "remainder": item.newsRemainder,
        "made_up": item.hallucinatedContinuation,
        "real": item.realContinuation,
    }


def _meets(keyword: str, found: list[str]) -> bool:
    return any(number in keyword or keyword in number for number in found)


Verdicts = list[tuple[Keyword, bool]]


def _balanced(verdicts: Verdicts) -> float | None:
    """The published accuracy: as many reasonable keywords as made-up ones, the first of each."""
    made_up = [said for one, said in verdicts if one.made_up]
    sound = [said for one, said in verdicts if not one.made_up]
    size = min(len(made_up), len(sound))
    if not size:
        return None
    return (sum(made_up[:size]) + sum(not said for said in sound[:size])) / (2 * size)


Choice = Callable[[Keyword, bool], bool]


def _share(verdicts: Verdicts, of: Choice, right: Choice) -> tuple[int, int]:
    """(right, asked) over the keywords that hold a number."""
    asked = [right(one, said) for one, said in verdicts if one.number and of(one, said)]
    return sum(asked), len(asked)
