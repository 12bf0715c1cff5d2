"""What retrieval is worth (检索): does what was found hold the gold, and how far up?

In: the gold spans of a question and the stretches that were found, best first, as raw spans (file hash, start, end).
Out: Recall@5, nDCG@10, RR@10 and Success@1 as ir-measures defines them, and whether the prompt holds all gold. Copies
of a fact are one fact; a fact is found as soon as the stretches so far hold half of one of its spans, so that a fact
cut by a border counts once both parts are there, and one that is merely touched does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.cases import Gold

Stretch = tuple[str, int, int]  # sha256 of the raw file, start, end
ENOUGH = 0.5  # of a gold span
RECALL, DEPTH = 5, 10
MEASURES = (f"recall@{RECALL}", f"ndcg@{DEPTH}", f"rr@{DEPTH}", "success@1")


def ranking(gold: Sequence[Gold], found: Sequence[Stretch]) -> dict[str, float | None]:
    """Recall@5, nDCG@10, RR@10 and Success@1 of one question, 0 to 1; None where it has no gold."""
    facts = {one.fact for one in gold}
    if not facts:
        return dict.fromkeys(MEASURES)
    ranked = ranks(gold, found[:DEPTH])
    held = {fact for new in ranked[:RECALL] for fact in new}
    return {MEASURES[0]: len(held) / len(facts), **_measured(facts, ranked)}


def _measured(facts: Iterable[int], ranked: Sequence[Sequence[int]]) -> dict[str, float | None]:
    """Each fact is a document to find: a stretch with two new ones takes two ranks, one with none takes one."""
    from ir_measures import RR, Qrel, ScoredDoc, Success, iter_calc, nDCG  # pandas where it is there: slow

    names = [name for at, new in enumerate(ranked) for name in ([f"fact{f}" for f in new] or [f"other{at}"])]
    judged = [Qrel("q", f"fact{fact}", 1) for fact in sorted(facts)]
    run = [ScoredDoc("q", name, float(-at)) for at, name in enumerate(names)]
    measures = (nDCG @ DEPTH, RR @ DEPTH, Success @ 1)
    values = {one.measure: float(one.value) for one in iter_calc(measures, judged, run)}
    return {name: values.get(measure, 0.0) for name, measure in zip(MEASURES[1:], measures, strict=True)}


def packed(gold: Sequence[Gold], prompt: Sequence[Stretch]) -> float | None:
    """Whether the evidence that goes into the prompt holds every fact, 1 or 0; None without gold."""
    facts = {one.fact for one in gold}
    held = {fact for new in ranks(gold, prompt) for fact in new}
    return float(held == facts) if facts else None


def ranks(gold: Sequence[Gold], found: Sequence[Stretch]) -> list[list[int]]:
    """For each stretch the facts that it completes; a fact counts once, where it was first held."""
    covered: dict[int, set[int]] = {at: set() for at in range(len(gold))}
    seen: set[int] = set()
    result = []
    for sha256, start, end in found:
        for at, one in enumerate(gold):
            if one.sha256 == sha256:
                covered[at].update(range(max(start, one.start), min(end, one.end)))
        held = {one.fact for at, one in enumerate(gold) if len(covered[at]) >= ENOUGH * (one.end - one.start)}
        result.append(sorted(held - seen))
        seen |= held
    return result
