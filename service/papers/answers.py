"""Questions and answers as a document, for the Word file of an answer or a whole conversation (问答记录).

In: turns of a conversation as they are kept (:meth:`service.cited.Answer.to_json`). Out: a
:class:`~service.papers.document.Document` of kind "answer". An answer passes the same gate as every document: what it
computed is computed again from its quotations, and an answer whose reports are no longer as they were is left out, which
the document says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

from service.cited import Citation, Derived, Operand, Sentence
from service.papers import derivation
from service.papers.document import Block, Document, Paragraph
from service.papers.provenance import OpenReport, faults
from service.papers.quoted import numerals, squeezed, stated

TITLE = "问答记录"
LEFT_OUT = "有的回答没有列出，它引用的报告已有变动或已不在库中"
LEAD = "答：如下"
REFUSED = "没有作答：库中的报告没有可以引用的内容。"
_PAIRS = (
    derivation.difference,
    derivation.growth,
    derivation.ratio,
    derivation.share,
    derivation.completion,
    derivation.per,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=\D|$)")
_SIGNS = re.compile(r"[+\-×÷=＋－＝]")  # of a formula
_QUOTED = re.compile(r"“(?P<claim>[^”]{1,200})”")
_CLAIM = re.compile(r"问题中的“(?P<claim>[^”]{1,60})”")
_WORDS = {"两处指标名称不同": "两者指标名称不同", "两处不是同一指标": "两者不是同一指标"}  # 两处 would count
_COUNT = re.compile(r"\d+(?P<measure>[项条份处个类])")
_SETS = (derivation.total, derivation.average)
RUN_ON = 3  # sentences of an answer up to which they stand in one paragraph
MOST = 8  # figures of a sentence that are tried as operands


def document(turns: Sequence[Mapping[str, Any]], open_report: OpenReport | None = None) -> Document:
    """The turns in order.

    Args:
        turns: questions with their answers.
        open_report: opens a cited report; an answer that cites one that is gone or was changed is left out.
    """
    blocks: list[Block] = []
    gaps: list[str] = []
    years = tuple(sorted({int(year) for turn in turns for year in _YEAR.findall(str(turn["question"]))}))
    for turn in turns:
        asked = Paragraph((Sentence(f"问：{turn['question']}", (), "asked"),))
        told = _told(turn)
        if faults(Document("answer", TITLE, told, years=years), open_report):
            told = (Paragraph((Sentence("答：这次回答没有列出。", (), "stated"),)),)
            gaps.append(LEFT_OUT)
        blocks += [asked, *told]
    partial, why = bool(gaps), tuple(dict.fromkeys(gaps))
    return Document("answer", TITLE, tuple(blocks), years=years, partial=partial, gaps=why)


def _told(turn: Mapping[str, Any]) -> tuple[Paragraph, ...]:
    """What was answered; the reason where nothing was."""
    question = str(turn["question"])
    found = _counted(tuple(_sentence(one, question) for one in turn.get("sentences", ())))
    reason = _without(str(turn.get("reason") or ""), question)
    if turn.get("status") == "refused" or not found:
        return (Paragraph((Sentence(f"答：{reason or REFUSED}", (), "stated"),)),)
    said = "".join(one.text for one in found)
    if found[0].text.startswith("1. "):
        body = (Paragraph((Sentence(LEAD, (), "stated"),)), *_paragraphs(found))
    else:
        body = _paragraphs((replace(found[0], text=f"答：{found[0].text}"), *found[1:]))
    news = "；".join(part for part in reason.split("；") if part and part not in said)
    note = (Paragraph((Sentence(f"说明：{news}", (), "stated"),)),) if news else ()
    return (*body, *note)


def _without(reason: str, question: str) -> str:
    """A reason that does not repeat figures of the question, which lead to no source."""
    for quoted in _QUOTED.finditer(reason):
        if quoted["claim"] in question and numerals(quoted["claim"]):
            reason = reason.replace(quoted[0], "所问的内容")
    return reason


def _paragraphs(found: tuple[Sentence, ...]) -> tuple[Paragraph, ...]:
    """Sentences that run on in one paragraph, or stand alone where there are many; a list (1. … 2. …) as one."""
    made: list[Paragraph] = []
    listed: list[Sentence] = []
    for sentence in (*found, None):
        label = f"{len(listed) + 1}. "
        if sentence is not None and sentence.text.startswith(label):
            listed.append(replace(sentence, text=sentence.text.removeprefix(label)))
            continue
        if listed:
            made.append(Paragraph(tuple(listed), listed=True))
            listed = []
        if sentence is not None:
            made.append(Paragraph((sentence,)))
    if len(made) <= RUN_ON and not any(one.listed for one in made):
        return (Paragraph(tuple(sentence for one in made for sentence in one.sentences)),)
    return tuple(made)


def _sentence(told: Mapping[str, Any], question: str) -> Sentence:
    citations = tuple(_citation(one) for one in told.get("citations", ()))
    text = " ".join(str(told["text"]).split())
    for written, meant in _WORDS.items():
        text = text.replace(written, meant)
    for claim in _CLAIM.finditer(
        text
    ):  # a figure of the question leads to no source, and need not be said again
        if claim["claim"] in question:
            text = text.replace(claim[0], "问题中的说法")
    made = Sentence(text, citations, str(told["status"]))
    return replace(made, derived=tuple(_computed(made))) if made.status == "computed" else made


def _citation(told: Mapping[str, Any]) -> Citation:
    return Citation(
        str(told["report_id"]),
        str(told["title"]),
        int(told["start"]),
        int(told["end"]),
        str(told["quote"]),
        str(told.get("place") or ""),
        told.get("year"),
        tuple(map(str, told.get("path", ()))),
    )


def _counted(found: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """The sentences; one that says how many follow (列出3项) with the count of what the others cite."""
    cited = tuple(dict.fromkeys(c for sentence in found for c in sentence.citations))
    made = []
    for sentence in found:
        if sentence.status == "stated" and not sentence.citations:
            counts = (derivation.count(cited, match["measure"]) for match in _COUNT.finditer(sentence.text))
            stated_here = tuple(one for one in counts if one is not None and one.text in sentence.text)
            sentence = replace(sentence, derived=stated_here[:1])
        made.append(sentence)
    return tuple(made)


# -- what was computed ------------------------------------------------------------------------------


def _computed(sentence: Sentence) -> Iterator[Derived]:
    """The results that the sentence states, from the figures of its quotations that it names."""
    words = squeezed(sentence.text)
    operands = tuple(_operands(sentence, words))[:MOST]
    tried = [operation(one, other) for operation in _PAIRS for one, other in permutations(operands, 2)]
    if len(operands) > 1:
        tried += [operation(operands) for operation in _SETS]
        tried += [
            derivation.rank(one, [o for o in operands if o is not one], lowest_first=low)
            for one in operands
            for low in (False, True)
        ]
    found = [made for made in tried if made is not None and squeezed(made.text) in words]
    shown = {made.text for made in found if made.formula and squeezed(made.formula) in words}
    seen: set[tuple[str, bool]] = set()
    for made in found:
        told = (
            made.text,
            made.value < 0,
        )  # 多508人 and 少508人 are two results, of which the formula names one
        if told not in seen and (made.text not in shown or squeezed(made.formula) in words):
            seen.add(told)
            yield made


def _operands(sentence: Sentence, words: str) -> Iterator[Operand]:
    """The figures of the quotations that stand in the sentence too, each once for a citation."""
    apart = _SIGNS.sub("；", words)
    wanted = {number.value * number.factor for number in numerals(apart) if number.value is not None}
    for citation in sentence.citations:
        seen: set[str] = set()
        for number in stated(citation.quote):
            text = number.whole.of(citation.quote)
            if number.value is None or number.value * number.factor not in wanted or text in seen:
                continue
            seen.add(text)
            yield Operand(number.value * number.factor, text, citation)
