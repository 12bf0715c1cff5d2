"""What changed from one version of a draft to another, by step and sentence (改动对照).

In: two drafts. Out: for each step that is not the same the sentences that were added, removed or changed, and the
figures that a changed sentence gained or lost. Steps are told apart by the rows of the input that they tell, not by
their numbers, so that a new problem in front does not make all others look new. Nothing here is written by a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from corpus.numerals import numbers
from service.draft.drafts import Draft, Part, Step
from service.draft.keeping import matched
from service.papers.sourcing import key_of

ALIKE = 0.5  # two sentences with at least this much in common are one that was changed
OPEN = "（还没有写）"
GAP = "【待补：{}】"


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence that is not as it was: ``before`` is "" where it was added, ``after`` where it was removed.

    ``gone`` and ``come`` are the figures that only the one or the other states.
    """

    before: str
    after: str
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        return "added" if not self.before else "removed" if not self.after else "changed"


@dataclass(frozen=True, slots=True)
class Changed:
    """A step, or the opening of a part, that is not as it was. ``before`` and ``after`` are its keys, "" where it is
    not there; ``title`` is its heading, or that of its part; ``by_hand`` says that the user wrote the later text.
    """

    before: str
    after: str
    title: str
    changes: tuple[Change, ...]
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Diff:
    """All that changed; ``same`` counts the steps that did not. ``titles`` are changed headings, the document's first."""

    changed: tuple[Changed, ...]
    titles: tuple[Change, ...]
    same: int

    def to_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        return {
            "titles": [_json(change) for change in self.titles],
            "steps": [
                {
                    "before": step.before,
                    "after": step.after,
                    "title": step.title,
                    "by_hand": step.by_hand,
                    "changes": [_json(change) for change in step.changes],
                }
                for step in self.changed
            ],
            "same": self.same,
        }


def _json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "figures_gone": list(change.gone),
        "figures_come": list(change.come),
    }


def diff(before: Draft, after: Draft) -> Diff:
    """What is not the same in ``after`` as it was in ``before``."""
    pairs = dict(zip(before.outline.steps, matched(before, after), strict=True))
    old_of = {key: step for step, key in pairs.items() if key}
    gone = [_gone(before, step) for step, key in pairs.items() if not key]
    found: list[Changed] = []
    same = 0
    for part in after.outline.parts:
        opening = _opening(before, part)
        found += [opening] if opening.changes else []
        for step in part.steps:
            one = _step(before, old_of.get(step.key), after, step, part)
            found += [one] if one.changes or not one.before else []
            same += not one.changes and bool(one.before)
    return Diff((*found, *gone), tuple(_titles(before, after, old_of)), same)


def _opening(before: Draft, part: Part) -> Changed:
    old = next((p for p in before.outline.parts if p.title == part.title), None)
    old = old or next((p for p in before.outline.parts if p.key == part.key), None)
    lead = [s.text for s in old.lead] if old else []
    return Changed(old.key if old else "", part.key, part.title, changes(lead, [s.text for s in part.lead]))


def _step(before: Draft, old: Step | None, after: Draft, step: Step, part: Part) -> Changed:
    written = after.of(step.key)
    return Changed(
        old.key if old else "",
        step.key,
        step.heading or part.title,
        changes(texts(before, old) if old else (), texts(after, step)),
        written is not None and written.by_hand,
    )


def _gone(before: Draft, step: Step) -> Changed:
    part = next(part for part in before.outline.parts if step in part.steps)
    return Changed(step.key, "", step.heading or part.title, changes(texts(before, step), ()))


def _titles(before: Draft, after: Draft, old_of: dict[str, Step]) -> Iterator[Change]:
    """Headings that were changed; those of steps that came or went are told with them."""
    pairs = [(before.outline.title, after.outline.title)]
    parts = {part.key: part.title for part in before.outline.parts}
    kept = {*parts.values()} & {part.title for part in after.outline.parts}
    pairs += [
        (parts[part.key], part.title)
        for part in after.outline.parts
        if part.key in parts and part.title not in kept and parts[part.key] not in kept
    ]
    pairs += [(old_of[step.key].heading, step.heading) for step in after.outline.steps if step.key in old_of]
    yield from (Change(one, other, *_figures(one, other)) for one, other in pairs if one != other)


def texts(draft: Draft, step: Step) -> tuple[str, ...]:
    """What stands in a step: its sentences, the rows of its table, what it lacks."""
    if step.table is not None:
        return tuple("｜".join(cell.text for cell in row) for row in step.table.rows)
    written = draft.of(step.key)
    told = tuple(sentence.text for sentence in written.sentences) if written else (OPEN,)
    return (*told, *(GAP.format(gap) for gap in step.gaps))


# -- sentences --------------------------------------------------------------------------------------


def changes(before: Sequence[str], after: Sequence[str]) -> tuple[Change, ...]:
    """The sentences that are not the same, in reading order."""
    found: list[Change] = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            found += _paired(before[a:b], after[c:d])
    return tuple(found)


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Sentences of one stretch: alike ones in order as changed, the others as removed or added."""
    left = list(before)
    new: list[Change] = []
    for text in after:
        best = max(range(len(left)), key=lambda i: _likeness(left[i], text), default=None)
        if best is None or _likeness(left[best], text) < ALIKE:
            new.append(Change("", text))
            continue
        yield from (*(Change(one, "") for one in left[:best]), *new)
        yield Change(left[best], text, *_figures(left[best], text))
        del left[: best + 1]
        new = []
    yield from (*(Change(one, "") for one in left), *new)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _figures(before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The figures that only one of two texts states, as written."""
    old, new = _stated(before), _stated(after)
    return (
        tuple(text for key, text in old.items() if key not in new),
        tuple(text for key, text in new.items() if key not in old),
    )


def _stated(text: str) -> dict[object, str]:
    """The figures of a text by what they say: 1.5万人 is 15000人; a date or a name by its letters."""
    found: dict[object, str] = {}
    for number in numbers(text):
        written = number.whole.of(text)
        found.setdefault(key_of(number) or "".join(written.split()), written)
    return found


def spans(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """A changed sentence in pieces, each "same", "gone" or "come" with its text."""
    found: list[tuple[str, str]] = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(("same", before[a:b]))
            continue
        found += [(kind, text) for kind, text in (("gone", before[a:b]), ("come", after[c:d])) if text]
    return tuple(found)
