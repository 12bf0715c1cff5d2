"""Ablations (消融): the product with one part switched off, to tell what that part is worth.

In: the name of a part. Out: a :class:`Product` with one stage exchanged (``service.stages``, ``corpus.parse.Stages``).
What changes the reading of files needs a library of its own: it is made once from the originals of the data folder,
under a name that holds the hash of all that it depends on, and goes on where a kill stopped it.

    no-repair    the files are read as they are: no code points, pinyin, line breaks or spaces are mended
    no-outline   passages are even parts of 400 characters at most, cut between sentences, without headings
    no-filters   places, years, periods, genres and sections restrict nothing
    no-fusion    passages are found by meaning alone, and sentences ranked by words alone
    no-lock      the model may write any number
    no-check     what the model writes stands as it is, and cites what its own marks say
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from corpus import parse as parsing
from corpus.cards import Card
from corpus.ingest import ingest, pipeline_version
from corpus.passages import cut
from corpus.report import Figure, Passage, Section, Span
from corpus.tracked import TrackedText
from eval.systems.contract import Setup
from eval.systems.extractive import by_meaning
from eval.systems.originals import laid_out
from eval.systems.product import Product, open_desk
from service.check import MARK, plain
from service.cited import Citation, Sentence
from service.desk import Desk
from service.lines import Line
from service.match import Fit, rank
from service.phrase import Phrased, split_sentences
from service.question import Question
from service.scope import Mentions, Scope, resolve
from service.stages import PRODUCT, Stages
from service.terms import Weights


def as_it_is(text: TrackedText) -> TrackedText:
    """No repair."""
    return text


def cut_evenly(
    report_id: str, text: str, sections: Sequence[Section], spans: Sequence[Span]
) -> tuple[Passage, ...]:
    """Passages that know of no sections."""
    return cut(report_id, text, (), spans)


def everywhere(question: Question, cards: Sequence[Card], mentions: Mentions) -> Scope:
    """All reports, whatever is asked."""
    return Scope(tuple(cards)) if cards else resolve(question, cards, mentions)


def admit_all(scope: Scope, question: Question, line: Line) -> bool:
    """All sentences, of whatever section."""
    return True


def rank_by_words(
    topic: str, lines: Sequence[Line], weights: Weights, dense: Mapping[Line, float] | None = None
) -> tuple[Fit, ...]:
    """The ranking without its cosines."""
    return rank(topic, lines, weights)


def unlocked(lines: Sequence[Line], question: str) -> None:
    """No grammar."""


def believe(
    text: str,
    question: str,
    lines: Sequence[Line],
    weights: Weights,
    places: Sequence[str],
    required: Sequence[Figure],
) -> Phrased:
    """Every sentence stands, with the sources that its own marks name."""
    kept = []
    for raw in split_sentences(text):
        marks = dict.fromkeys(int(mark) for mark in MARK.findall(raw))
        cited = tuple(Citation.of(lines[n - 1]) for n in marks if 0 < n <= len(lines))
        kept.append(Sentence(plain(raw).rstrip("。；;"), cited, "phrased"))
    return Phrased(tuple(kept), ())


@dataclass(frozen=True, slots=True)
class Ablation:
    """What is exchanged: stages of the answer, or stages of the reading."""

    answering: Stages = PRODUCT
    reading: parsing.Stages = parsing.PRODUCT

    @property
    def rereads(self) -> bool:
        """Whether it needs a library of its own."""
        return self.reading != parsing.PRODUCT


PARTS = {
    "no-repair": Ablation(reading=parsing.Stages(characters=as_it_is, lines=as_it_is)),
    "no-outline": Ablation(reading=parsing.Stages(cut=cut_evenly)),
    "no-filters": Ablation(Stages(narrow=everywhere, admit=admit_all)),
    "no-fusion": Ablation(Stages(fuse=by_meaning, rank=rank_by_words)),
    "no-lock": Ablation(Stages(lock=unlocked)),
    "no-check": Ablation(Stages(judge=believe)),
}


def ablated(setup: Setup, name: str) -> Product:
    """The product without one part."""
    part = PARTS[name]
    desk = open_desk(setup, stages=part.answering)
    if part.rereads:
        try:
            desk = reread(desk, setup, name, part.reading)
        except BaseException:
            desk.close()
            raise
    return Product(name, desk, (name,))


def reread(desk: Desk, setup: Setup, name: str, stages: parsing.Stages) -> Desk:
    """A desk over the same files, read with other stages; ``desk`` is closed."""
    pipeline = f"{pipeline_version()}-{name}"
    home = (setup.cache or desk.settings.home / "eval") / f"{name}-{_digest(desk, pipeline)}"
    settings = replace(desk.settings, home=home)
    other = Desk(settings, embedder=setup.embedder, chat=setup.chat)
    try:
        if not (home / "whole").is_file():
            with laid_out(desk.library) as paths:
                ingest(paths, other.library, other.index, parse=partial(parsing.parse, stages=stages),
                       pipeline=pipeline)  # fmt: skip
            _carry_edits(desk, other)
            (home / "whole").touch()
    finally:
        other.close()
    desk.close()
    return Desk(settings, embedder=setup.embedder, chat=setup.chat)


def _digest(desk: Desk, pipeline: str) -> str:
    """Hash of what such a library depends on: its files, what the user said of them, code and vectors."""
    files = desk.library.database.rows("SELECT sha256, name FROM files ORDER BY sha256")
    edits = [(card.id, field, getattr(card, field)) for card in desk.cards() for field in card.edited]
    parts = [pipeline, desk.embedder.name, *(f"{row['sha256']} {row['name']}" for row in files), repr(edits)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _carry_edits(desk: Desk, other: Desk) -> None:
    """Give the reports what the user said of them, where both readings find the same reports in a file."""
    there = {card.id for card in other.cards(merged=True)}
    for card in desk.cards(merged=True):
        for field in card.edited if card.id in there else ():
            value = getattr(card, field)
            other.edit(card.id, field, None if value is None else str(value))
