"""What a summary is worth (摘要): does it tell what matters, are its figures those of the source, is it short?

In: the sentences of a summary with the texts that they cite, and hand-made key facts. Out: weighted coverage of the
key facts, figures with a source of all, length against the source, repeated text; and the lead of the source, which is
what a summary has to beat. Pure functions; nothing here knows how the product makes a summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.cases import Value
from eval.metrics import contains, has_point, has_value, last_named
from eval.overlap import tokens
from eval.quantities import Quantity, clean, quantities, same_unit

SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")
RUN = 4  # tokens: a run of four seldom comes twice by chance


@dataclass(frozen=True, slots=True)
class KeyFact:
    """What a good summary tells: ``values`` and one key of each group of ``keys``, in one sentence.

    ``weight`` says how much it matters. A value with ``of`` belongs to that place or indicator: the last one named
    before it must be it.
    """

    name: str
    weight: float = 1.0
    values: tuple[Value, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A text that a sentence cites, and the place that it is about ("" where unknown)."""

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a summary with what it cites."""

    text: str
    sources: tuple[Source, ...] = ()


def coverage(facts: Sequence[KeyFact], sentences: Iterable[str]) -> float | None:
    """Share of the key facts that the sentences tell, by weight; None without facts."""
    whole = sum(fact.weight for fact in facts)
    lost = {fact.name for fact in untold(facts, sentences)}
    return sum(fact.weight for fact in facts if fact.name not in lost) / whole if whole else None


def untold(facts: Sequence[KeyFact], sentences: Iterable[str]) -> tuple[KeyFact, ...]:
    """The key facts that no single sentence tells."""
    rivals = [value for fact in facts for value in fact.values]
    texts = list(sentences)
    return tuple(fact for fact in facts if not any(_tells(text, fact, rivals) for text in texts))


def _tells(text: str, fact: KeyFact, rivals: Sequence[Value]) -> bool:
    return all(has_value(text, value, rivals) for value in fact.values) and all(
        has_point(text, group) for group in fact.keys
    )


def number_precision(said: Iterable[Said], places: Sequence[str] = ()) -> tuple[int, int]:
    """Figures whose value and unit stand in what their sentence cites, of all figures.

    Where ``places`` are given, a figure belongs to the last of them that its sentence names before it, and must stand
    in a source that is about that place or names it.
    """
    verdicts = [_stated(q, one, places) for one in said for q in figures(one.text)]
    return sum(verdicts), len(verdicts)


def unsourced(said: Iterable[Said], places: Sequence[str] = ()) -> tuple[str, ...]:
    """The figures that fail, as written: what a reader wants to see."""
    return tuple(
        clean(one.text)[q.start : q.end]
        for one in said
        for q in figures(one.text)
        if not _stated(q, one, places)
    )


def figures(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text that state something: no years, days or ordinals."""
    return tuple(q for q in quantities(clean(text)) if q.unit not in ("年", "月", "日", ""))


def _stated(figure: Quantity, said: Said, places: Sequence[str]) -> bool:
    place = last_named(clean(said.text)[: figure.start], places)
    return any(
        any(
            figure.value == q.value and same_unit(figure.unit, q.unit)
            for q in quantities(clean(source.text), chinese=True)
        )
        for source in said.sources
        if not place or place == source.place or contains(source.text, place)
    )


def length_ratio(summary: str, source: str) -> float | None:
    """Length against the source, white space aside; None without a source."""
    whole = len("".join(source.split()))
    return len("".join(summary.split())) / whole if whole else None


def redundancy(summary: str) -> float | None:
    """Share of the runs of four tokens that stood there before; None where it is shorter than one."""
    known = tokens(summary)
    runs = [tuple(known[at : at + RUN]) for at in range(len(known) - RUN + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else None


def lead(source: str, length: int) -> str:
    """The first sentences of a source up to a length, one at least: the lead-k baseline at equal length."""
    taken = ""
    for match in SENTENCE.finditer(source):
        if taken and len(taken) + len(match[0]) > length:
            break
        taken += match[0]
    return taken


def measures(
    said: Sequence[Said], facts: Sequence[KeyFact], source: str, places: Sequence[str] = ()
) -> Mapping[str, float | None]:
    """All measures of one summary, beside the coverage of the lead of the same length."""
    text = "".join(one.text for one in said)
    right, asked = number_precision(said, places)
    return {
        "coverage": coverage(facts, [one.text for one in said]),
        "lead_coverage": coverage(facts, SENTENCE.findall(lead(source, len(text)))),
        "number_precision": right / asked if asked else None,
        "length_ratio": length_ratio(text, source),
        "redundancy": redundancy(text),
    }
