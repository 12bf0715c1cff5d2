"""What was understood of a question, to be seen and put right by who asked (理解与改正).

In: a question as understood, and facets that are switched off, changed or added. Out: the question as it is then meant.
The words are changed as well where the value stands in them, so that a follow-up goes on from what was meant; the
filters themselves are set exactly, whatever the words say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.cards import Card
from corpus.report import Genre, SectionKind
from service.answer import Event, respond
from service.desk import Desk
from service.naming import short_name
from service.question import Question

KINDS = {"places": "地方", "years": "年份", "periods": "时段", "genres": "文种", "sections": "栏目"}


@dataclass(frozen=True, slots=True)
class Facet:
    """One hard filter of a question: ``kind`` is a field of it, ``value`` as text, ``label`` as shown."""

    kind: str
    value: str
    label: str


def facets(question: Question) -> tuple[Facet, ...]:
    """The filters of a question, in the order in which people say them."""
    found = [Facet("places", place, place) for place in question.places]
    found += [Facet("years", str(year), f"{year}年") for year in question.years]
    found += [Facet("periods", period, period) for period in question.periods]
    found += [Facet("genres", genre.value, genre.label) for genre in question.genres]
    found += [Facet("sections", section.value, section.label) for section in question.sections]
    return tuple(found)


def choices(cards: Sequence[Card], kind: str) -> tuple[Facet, ...]:
    """The values that a filter can take in this library."""
    if kind == "places":
        return tuple(Facet(kind, p, p) for p in sorted({c.place for c in cards if c.place}))
    if kind == "years":
        return tuple(Facet(kind, str(y), f"{y}年") for y in sorted({c.year for c in cards if c.year}))
    if kind == "periods":
        return tuple(Facet(kind, p, p) for p in sorted({c.period for c in cards if c.period}))
    if kind == "genres":
        return tuple(Facet(kind, g.value, g.label) for g in sorted({c.genre for c in cards}))
    return tuple(Facet(kind, s.value, s.label) for s in SectionKind if s is not SectionKind.OTHER)


def without(question: Question, facet: Facet) -> Question:
    """The question without one filter."""
    kept = tuple(one for one in facets(question) if one != facet)
    text = " ".join(_cut(question.text, facet).split())
    return _set(question, kept, text or question.text)


def changed(question: Question, facet: Facet, new: Facet) -> Question:
    """The question with another value for one filter."""
    kept = tuple(new if one == facet else one for one in facets(question))
    word = _word(question.text, facet)
    text = question.text.replace(word, new.label, 1) if word else new.label + question.text
    return _set(question, tuple(dict.fromkeys(kept)), text)


def added(question: Question, new: Facet) -> Question:
    """The question with one more filter."""
    return _set(question, tuple(dict.fromkeys((*facets(question), new))), new.label + question.text)


def asked(desk: Desk, question: Question) -> Iterator[Event]:
    """Answer a question that was put right; the last event is ``Done``."""
    if desk.cards():
        desk.warm()
    yield from respond(question, desk.view, desk.report, desk.model, desk.settings.chat_name)


def _word(text: str, facet: Facet) -> str:
    """How the question words a filter, "" where it does not (it came from the question before)."""
    forms = [facet.label, facet.value]
    if facet.kind == "places":
        forms.append(short_name(facet.value))
    return next((form for form in forms if form and form in text), "")


def _cut(text: str, facet: Facet) -> str:
    word = _word(text, facet)
    return text.replace(word, "", 1) if word else text


def _set(question: Question, kept: Sequence[Facet], text: str) -> Question:
    """The question with exactly these filters."""
    values = {kind: tuple(one.value for one in kept if one.kind == kind) for kind in KINDS}
    return replace(
        question,
        text=text,
        places=values["places"],
        years=tuple(int(year) for year in values["years"]),
        periods=values["periods"],
        genres=tuple(Genre(genre) for genre in values["genres"]),
        sections=tuple(SectionKind(section) for section in values["sections"]),
        strangers=question.strangers if values["places"] == question.places else (),
    )
