"""A model's free text as an answer: its sentences, what they cite, and whether it is a refusal.

In: what a baseline or an endpoint wrote, and the stretches that it was given. Out: the object of ``wenheng ask
--json``. The rule for a refusal is generous to the baselines: the first sentence need only say that it does not
know or found nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus.privacy import mask_plain
from corpus.report import Report, Span
from eval.systems.contract import Output
from service.cited import Answer, Citation, Sentence, Timings
from service.desk import Desk
from service.models.chat import Messages
from service.phrase import Chat, split_sentences

MAX_TOKENS = 256
REFUSAL = re.compile(
    r"不知道|不清楚|抱歉|对不起|无法(?:回答|确定|得知|判断|提供|获取|给出)|不能(?:回答|提供)"
    r"|(?:没有|并未|未|无)(?:直接|明确|具体)?(?:提到|提及|提供|说明|给出|找到|包含|列出|相关)"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A text with the milliseconds to its first piece and to its end."""

    text: str
    first_ms: int
    total_ms: int


def write(chat: Chat, messages: Messages, began: float) -> Written:
    """Let the model write; ``began`` is when the question came, by ``time.perf_counter``."""
    first, pieces = 0, []
    for piece in chat.stream(list(messages), max_tokens=MAX_TOKENS):
        first = first or since(began)
        pieces.append(piece)
    return Written("".join(pieces).strip(), first or since(began), since(began))


def refuses(text: str) -> bool:
    """Whether a free text declines to answer: by its first sentence, or by being empty."""
    sentences = split_sentences(text)
    return not sentences or REFUSAL.search(sentences[0]) is not None


def as_output(
    question: str,
    written: Written,
    cited: Sequence[Citation] = (),
    *,
    search_ms: int = 0,
    signature: str = "",
) -> Output:
    """The answer's object; every sentence cites all that the model was given, as such chains do."""
    refused = refuses(written.text)
    sentences = tuple(
        Sentence(line.rstrip("。；;"), tuple(cited), "phrased") for line in split_sentences(written.text)
    )
    return Answer(
        question=question,
        status="refused" if refused else "answered",
        sentences=() if refused else sentences,
        reason=written.text if refused else "",
        evidence=tuple(cited),
        timings=Timings(search_ms, written.first_ms, written.total_ms),
        signature=signature,
    ).to_json()


def conversation(question: str, history: Sequence[str]) -> str:
    """A follow-up with the questions before it: baselines do not rewrite questions. Personal data is masked."""
    return mask_plain("\n".join([*history, question]))


def since(began: float) -> int:
    """Milliseconds since ``began``."""
    return round((time.perf_counter() - began) * 1000)


class Locator:
    """Leads from a stretch of a raw file to a citation of the report that holds most of it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._reports: dict[str, list[str]] = {}
        for card in desk.cards(merged=True):
            self._reports.setdefault(card.source_sha256, []).append(card.id)

    def citation(self, sha256: str, start: int, end: int) -> Citation | None:
        """The citation; None where the stretch lies in page chrome, outside every report."""
        found = [
            (low - high, report.id, Span(low, high))
            for report in map(self._desk.report, self._reports.get(sha256, ()))
            for low, high in [report.origin.clean_span(start, end)]
            if low < high
        ]
        if not found:
            return None
        _, report_id, span = min(found, key=lambda one: one[:2])
        return cite(self._desk, report_id, span)


def cite(desk: Desk, report_id: str, span: Span, path: tuple[str, ...] = ()) -> Citation:
    """The citation of a stretch of a report."""
    card = desk.cards_of([report_id])[0]
    return Citation.at(card, span, span.of(desk.report(report_id).text), path)


def raw_span(open_report: Callable[[str], Report], report_id: str, span: Span) -> tuple[str, int, int]:
    """File and raw offsets of a stretch of a report."""
    report = open_report(report_id)
    return (report.source_sha256, *report.origin.raw_span(span.start, span.end))
