"""What of a draft stays when its input or its outline changes (沿用).

In: the draft as it was, the new input and the new outline. Out: the draft of the new outline with the text of every
step whose facts say the same as before, cited anew (the rows of the input may have moved), and the names of what could
not stay. What the user wrote by hand stays with its row even where the facts changed, as long as every numeral in it
still leads to one of them; else the run stops and says which, since hand-written text is never thrown away silently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from corpus.errors import InputError
from service.cited import Citation, Derived, Operand, Sentence
from service.draft.drafts import Draft, Outline, Step, Written
from service.draft.editing import Unheld, by_hand, years_of
from service.draft.inputs import DraftInput
from service.papers.provenance import OpenReport

Name = tuple[
    str, str, frozenset[str]
]  # title of the part, heading of a step without rows, what its rows are about


@dataclass(frozen=True, slots=True)
class Kept:
    """The new draft; ``lost`` names the hand-written steps that the new outline has no place for."""

    draft: Draft
    lost: tuple[str, ...] = ()


def kept(
    before: Draft,
    given: DraftInput,
    outline: Outline,
    open_report: OpenReport | None = None,
    *,
    again: bool = False,
    without: Collection[str] = (),
) -> Kept:
    """The draft of a new outline with what still holds of the one before.

    Args:
        before: the draft as it was.
        given: the new input, or the same.
        outline: what is to be written now.
        open_report: a report by its id, the new input's own included.
        again: keep nothing but what was written by hand.
        without: keys of the new outline that keep nothing, not even that.

    Raises:
        InputError: a hand-written step holds a numeral that its facts do not hold any more.
    """
    fresh = replace(before, given=given, outline=outline, written=())
    named = dict(zip(matched(before, fresh), before.outline.steps, strict=True))  # new key → old step
    alike = _alike(before, outline)
    written: list[Written] = []
    used: set[str] = set()
    for step in outline.steps:
        own = named.get(step.key)
        hand = before.of(own.key) if own else None
        by_user = own is not None and hand is not None and hand.by_hand
        if own and by_user:
            used.add(own.key)
        if step.key in without or step.table is not None:
            continue
        if own and hand and by_user:
            written.append(_moved(hand, own, step) or _anew(hand, step, fresh, open_report))
        elif not again and (found := _unchanged(step, own, alike, before)):
            written.append(found)
    lost = [
        f"{step.key} {step.heading}".strip()
        for step in before.outline.steps
        if (w := before.of(step.key)) and w.by_hand and step.key not in used
    ]
    return Kept(replace(fresh, written=tuple(written)), tuple(lost))


def matched(before: Draft, after: Draft) -> tuple[str, ...]:
    """For each step of a draft the key of the step of another one that tells the same rows; "" for none."""
    left = {step.key: name for step, name in _named(after)}
    found: dict[str, str] = {}
    for same in (_equal, _related):
        for step, name in _named(before):
            if step.key in found:
                continue
            fits = [key for key, other in left.items() if same(name, other)]
            if fits:
                found[step.key] = step.key if step.key in fits else fits[0]
                del left[found[step.key]]
    return tuple(found.get(step.key, "") for step in before.outline.steps)


def _equal(one: Name, other: Name) -> bool:
    return one == other


def _related(one: Name, other: Name) -> bool:
    """The same rows under another title of the part, or a row more or less in the same part."""
    if one[1] != other[1]:
        return False
    return bool(one[2]) and (one[2] == other[2] or (one[0] == other[0] and bool(one[2] & other[2])))


def _named(draft: Draft) -> Iterator[tuple[Step, Name]]:
    about = topics(draft.given)
    for part in draft.outline.parts:
        for step in part.steps:
            rows = frozenset(about.get(at, at) for at in step.rows)
            yield step, (part.title, "" if rows else step.heading, rows)


def topics(given: DraftInput) -> dict[str, str]:
    """What each row of an input is about, by its address; an address alone moves when a row is put in."""
    return {
        **{row.at: f"指标 {row.name}" for row in given.indicators},
        **{row.at: f"问题 {row.title}" for row in given.problems},
        **{row.at: f"任务 {row.title}" for row in given.tasks},
        given.basic.at: "基本信息",
    }


# -- facts that say the same ------------------------------------------------------------------------

Saying = tuple[tuple[str, str, int, tuple[tuple[str, int], ...]], ...]


def saying(step: Step) -> Saying:
    """What the facts of a step say, whatever place of the input they come from."""
    return tuple(
        (f.text, f.status, len(f.citations), tuple((d.text, len(d.operands)) for d in f.derived))
        for f in step.facts
    )


def _alike(before: Draft, outline: Outline) -> dict[str, Step]:
    """For each key of the outline the old step with the same facts, each old one once."""
    left = list(before.outline.steps)
    found: dict[str, Step] = {}
    for step in outline.steps:
        says = saying(step)
        fits = [old for old in left if says and saying(old) == says]
        if fits:
            found[step.key] = next((old for old in fits if old.key == step.key), fits[0])
            left.remove(found[step.key])
    return found


def _unchanged(step: Step, own: Step | None, alike: dict[str, Step], before: Draft) -> Written | None:
    for old in dict.fromkeys(s for s in (own, alike.get(step.key)) if s):
        done = before.of(old.key)
        if done and not done.by_hand and saying(old) == saying(step):
            return _moved(done, old, step)
    return None


def _moved(done: Written, old: Step, new: Step) -> Written | None:
    """What was written for the old step, cited as the facts of the new one are; None where they say something else."""
    if not saying(new) or saying(old) != saying(new):
        return None
    places = dict(zip(_cited(old.facts), _cited(new.facts), strict=True))
    try:
        sentences = tuple(_recited(sentence, places) for sentence in done.sentences)
    except KeyError:
        return None
    return replace(done, key=new.key, sentences=sentences)


def _cited(facts: Iterable[Sentence]) -> Iterator[Citation]:
    for fact in facts:
        yield from fact.citations
        for derived in fact.derived:
            yield from (operand.citation for operand in derived.operands)


def _recited(sentence: Sentence, places: dict[Citation, Citation]) -> Sentence:
    return replace(
        sentence,
        citations=tuple(dict.fromkeys(places[c] for c in sentence.citations)),
        derived=tuple(_rederived(d, places) for d in sentence.derived),
    )


def _rederived(derived: Derived, places: dict[Citation, Citation]) -> Derived:
    operands = tuple(Operand(o.value, o.text, places[o.citation]) for o in derived.operands)
    return replace(derived, operands=operands)


def _anew(done: Written, step: Step, draft: Draft, open_report: OpenReport | None) -> Written:
    """Hand-written text on changed facts."""
    text = "".join(sentence.text for sentence in done.sentences)
    basic = draft.given.basic
    try:
        made = by_hand(step, text, open_report, places=(basic.place,), years=years_of(basic))
    except Unheld as error:
        raise InputError(
            f"这一步是手工改写的，它依据的内容变了：{error.message.removesuffix('，没有保存')}",
            where=error.where,
            remedy=f"请用 draft edit 改写，或加 --section {step.key} 让程序重写",
        ) from error
    return replace(made, key=step.key)
