"""What the user changed of an outline, done again to a new one (提纲的改动沿用).

In: the outline that code makes now, the one that it made for the old input, and the draft whose outline the user had
accepted. Out: the new outline with the same titles, the same order, and without the steps that the user took out. What
the user did not touch is as the code makes it now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from service.draft.drafts import Draft, Outline, Part, Step
from service.draft.inputs import DraftInput
from service.draft.keeping import matched


def reshaped(made: Outline, given: DraftInput, base: Outline, accepted: Draft) -> Outline:
    """The outline in the shape that the user gave the last one.

    Args:
        made: what code makes of the new input.
        given: the new input.
        base: what code makes of the old input.
        accepted: the draft with the old input and the outline that the user accepted.
    """
    if base == accepted.outline:
        return made
    old, new = Draft(accepted.given, base), Draft(given, made)
    shaped = dict(
        zip((s.key for s in base.steps), matched(old, accepted), strict=True)
    )  # base key → accepted key
    came = dict(zip(matched(old, new), base.steps, strict=True))  # new key → step of the base
    kept = {
        step.key: (n, part.key, step) for part in accepted.outline.parts for n, step in enumerate(part.steps)
    }
    places: dict[str, list[_Place]] = {part.key: [] for part in (*accepted.outline.parts, *made.parts)}
    for part in made.parts:
        home, last = part.key, -1
        for n, step in enumerate(part.steps):
            before = came.get(step.key)
            if before is None:  # a new one stands behind the step that it followed
                places[home].append(_Place(last, n, step))
            elif shaped[before.key]:  # else the user took it out
                last, home, mine = kept[shaped[before.key]]
                heading = step.heading if mine.heading == before.heading else mine.heading
                places[home].append(_Place(last, n, replace(step, heading=heading)))
    title = accepted.outline.title if accepted.outline.title != base.title else made.title
    return replace(made, title=title, parts=tuple(_parts(made, base, accepted.outline, places)), shaped=True)


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where a step goes within a part: behind the ``last`` accepted one, in the order of the new outline."""

    last: int
    n: int
    step: Step = field(compare=False)


def _parts(
    made: Outline, base: Outline, accepted: Outline, places: dict[str, list[_Place]]
) -> Iterator[Part]:
    """The parts in the user's order, then new ones; one without steps is left out."""
    fresh = {part.key: part for part in made.parts}
    titles = {part.key: part.title for part in base.parts}
    order = [part.key for part in accepted.parts]
    mine = {part.key: part.title for part in accepted.parts}
    for key in (*order, *(key for key in fresh if key not in order)):
        steps = tuple(place.step for place in sorted(places[key]))
        part = fresh.get(key)
        if steps:
            changed = key in mine and mine[key] != titles.get(key)
            title = mine[key] if changed or part is None else part.title
            yield Part(key, title, steps, part.lead if part else ())
