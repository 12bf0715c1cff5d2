"""What one cited answer is worth: right or wrong, and why; supported, opened, precise.

In: a case and the recorded item (the object of ``wenheng ask --json``, and where its citations lead). Out: a
:class:`Verdict`. An item without an answer (an error) is wrong; what could not be measured is None and is left out of
its mean, never counted as 0. Prints no personal data: what must not occur is named by hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from eval.cases import Case, Kind
from eval.metrics import answers_right, counts, forbidden, gold_recall, misplaced, missing, opens, supports
from eval.quantities import clean, quantities

COMPUTED = (Kind.COMPARE, Kind.COMPUTED, Kind.PREMISE, Kind.GATHER)  # may state derived figures
NOTHING: Mapping[str, Any] = {"status": "error", "text": "", "sentences": [], "timings": {}}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured of one item; shares are None where there was nothing to measure."""

    id: str
    kind: Kind
    expect: str
    question: str
    right: bool
    refused: bool
    missing: tuple[str, ...]
    forbidden: tuple[str, ...]
    text: str
    error: str
    values: tuple[int, int]  # gold values with their unit and owner that the answer holds, of all
    points: tuple[int, int]  # key points that it holds, of all
    supported: tuple[int, int]  # sentences that their citations support, of those that need one
    precise: tuple[int, int]  # citations without which their sentence would not stand, of all
    stray: int  # sentences with a figure that no citation holds
    opened: tuple[int, int]  # citations that open at their quote, of all
    gold: float | None  # share of the gold facts that are cited
    first_token_ms: float | None
    total_ms: float | None


def judge(case: Case, item: Mapping[str, Any]) -> Verdict:
    """Measure one item against its case."""
    output = item["output"] or NOTHING
    text, status = str(output["text"]), str(output["status"])
    answerable = case.expect == "answer"
    shown = f"{text}\n{output.get('reason') or ''}"  # a refusal must not leak in its reason either
    sentences = output["sentences"] if answerable and status != "refused" else []
    lost = missing(case, text) if answerable else ()
    timings = output.get("timings") or {}
    return Verdict(
        id=case.id,
        kind=case.kind,
        expect=case.expect,
        question=case.question,
        right=not forbidden(case, shown) and answers_right(case, status, text),
        refused=status == "refused",
        missing=lost,
        forbidden=forbidden(case, shown),
        text=re.sub(r"\d[\d\s-]{5,}\d", "*" * 8, text) if case.forbid_sha256 else text,
        error=str(item["error"]),
        values=_held(case, lost, [f"{v.of}{v.value}{v.unit}" for v in case.values]),
        points=_held(case, lost, ["/".join(group) for group in case.points]),
        supported=_supported(case, sentences),
        precise=_precise(case, sentences),
        stray=sum(strays(case, s, sentences[at + 1 :]) for at, s in enumerate(sentences)),
        opened=(sum(bool(cited["opens"]) for cited in item["cited"]), len(item["cited"])),
        gold=_gold(case, item) if answerable and item["cited"] else None,
        first_token_ms=timings.get("first_token_ms"),
        total_ms=timings.get("total_ms"),
    )


def share(part: tuple[int, int]) -> float | None:
    """Right of all; None where there was nothing."""
    return part[0] / part[1] if part[1] else None


def _held(case: Case, lost: Sequence[str], wanted: Sequence[str]) -> tuple[int, int]:
    if case.expect != "answer":
        return (0, 0)
    return (sum(one not in lost for one in wanted), len(wanted))


def _supported(case: Case, sentences: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    verdicts = [
        is_supported(case, sentence, sentences[at + 1 :])
        for at, sentence in enumerate(sentences)
        if not needs_no_source(sentence)
    ]
    return (sum(verdicts), len(verdicts))


def _precise(case: Case, sentences: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    verdicts = [is_needed(case, s, at) for s in sentences for at in range(len(s["citations"]))]
    return (sum(verdicts), len(verdicts))


def is_supported(case: Case, sentence: Mapping[str, Any], below: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a sentence stands on what it cites, or counts what is cited ``below`` it."""
    if sentence.get("status") == "stated" and not sentence["citations"]:
        up_to = next((n for n, s in enumerate(below) if not s["citations"]), len(below))
        return counts(sentence["text"], up_to)
    return _stands(case, sentence, sentence["citations"])


def is_needed(case: Case, sentence: Mapping[str, Any], at: int) -> bool:
    """Whether the sentence stands on this citation alone, or no longer stands without it (ALCE)."""
    cited = sentence["citations"]
    if not _stands(case, sentence, cited):
        return False
    return _stands(case, sentence, [cited[at]]) or not _stands(
        case, sentence, [*cited[:at], *cited[at + 1 :]]
    )


def strays(case: Case, sentence: Mapping[str, Any], below: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a sentence states a figure although nothing that it cites supports it."""
    figures = [q for q in quantities(clean(str(sentence["text"]))) if q.unit not in ("年", "月", "日", "")]
    return bool(figures) and not is_supported(case, sentence, below)


def _stands(case: Case, sentence: Mapping[str, Any], cited: Sequence[Mapping[str, Any]]) -> bool:
    computed = sentence.get("status") == "computed"
    sources = [(citation.get("place") or "", source_of(citation)) for citation in cited]
    if not computed and misplaced(
        sentence["text"], sources, {*case.places, *(where for where, _ in sources)}
    ):
        return False
    texts = [text for _, text in sources]
    return supports(
        sentence["text"], texts, computed=computed or case.kind in COMPUTED, question=case.question
    )


def source_of(citation: Mapping[str, Any]) -> str:
    """What a reader of a citation sees: report, place, year, headings and the quote."""
    year = f"{citation['year']}年" if citation.get("year") else ""
    path = " ".join(citation.get("path") or ())
    return f"{citation['title']} {citation.get('place') or ''} {year} {path} {citation['quote']}"


def needs_no_source(sentence: Mapping[str, Any]) -> bool:
    """A sentence about what the library has or lacks; with a figure other than a year it needs one."""
    figures = [q for q in quantities(clean(str(sentence["text"]))) if q.unit not in ("年", "")]
    return sentence.get("status") == "stated" and not sentence["citations"] and not figures


def _gold(case: Case, item: Mapping[str, Any]) -> float | None:
    return gold_recall(case.gold, ((c["sha256"], c["start"], c["end"]) for c in item["cited"]))


def reasons(verdict: Verdict) -> tuple[str, ...]:
    """Why an item is wrong, for a reader."""
    found = []
    if verdict.expect == "refuse" and not verdict.refused:
        found.append("应拒答而作答")
    if verdict.expect == "answer" and verdict.refused:
        found.append("误拒")
    elif verdict.missing:
        found.append("缺：" + "；".join(verdict.missing))
    if verdict.forbidden:
        found.append("不应出现：" + "；".join(verdict.forbidden))
    if verdict.opened[0] < verdict.opened[1]:
        found.append(f"{verdict.opened[1] - verdict.opened[0]}处引用打不开")
    if verdict.stray:
        found.append(f"{verdict.stray}句的数字没有依据")
    return tuple(found)


def mean(numbers: Iterable[float | None]) -> float | None:
    """Mean of what was measured."""
    known = [number for number in numbers if number is not None]
    return fmean(known) if known else None


# -- where citations lead ---------------------------------------------------------------------------


def citations(output: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All citations of an answer, sentence by sentence."""
    return [citation for sentence in output["sentences"] for citation in sentence["citations"]]


def opened(citation: Mapping[str, Any], text: str) -> bool:
    """Whether a citation leads to exactly the text that it quotes."""
    return opens(int(citation["start"]), int(citation["end"]), str(citation["quote"]), text)
