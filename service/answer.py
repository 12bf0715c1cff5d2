"""Evidence → Answer: run the plan, let the model phrase, check, repair once, else quote.

In: a question, a view of the library and (only when the plan needs it) the chat model. Out: a stream
of events: evidence at once, then text as it is written, then the checked answer, which is final.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import prompts
from corpus.errors import EndpointError, ModelError, WenhengError
from service import compose
from service.cited import Answer, Citation, Sentence, Timings
from service.decision import Open, Plan
from service.evidence import Evidence, View, find
from service.phrase import Chat, Phrased, attempt
from service.plan import plan
from service.question import Question


@dataclass(frozen=True, slots=True)
class Found:
    """The evidence, ready to be shown."""

    evidence: Evidence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Delta:
    """Text as the model writes it, not yet checked."""

    text: str


@dataclass(frozen=True, slots=True)
class Restart:
    """What streamed so far did not stand and is thrown away; ``why`` tells the user.

    ``fault`` is the error of the model or endpoint where that was the reason.
    """

    why: str
    fault: WenhengError | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The checked answer."""

    answer: Answer


Event = Found | Delta | Restart | Done


def respond(
    question: Question, view: View, report: Open, chat: Callable[[], Chat], model: str
) -> Iterator[Event]:
    """Answer ``question``; the last event is :class:`Done`.

    Args:
        question: as understood.
        view: the library and its index.
        report: opens a report by id.
        chat: gives the chat client; called only when something is to be phrased.
        model: name of the chat model, for the signature.
    """
    began = time.perf_counter()
    evidence = find(question, view)
    shown = tuple(Citation.of(line) for line in evidence.lines)
    yield Found(evidence, shown)
    search_ms = _since(began)
    decided = plan(evidence, view, report)
    run = _Run(decided, evidence, view, chat)
    first = _since(began)
    if decided.lines and decided.status != "refused":
        first = yield from _phrase(run, began)
    answer = Answer(
        question=question.text,
        status=decided.status if run.sentences or decided.status == "refused" else "refused",
        sentences=tuple(run.sentences),
        reason=run.reason,
        evidence=shown,
        timings=Timings(search_ms, first, _since(began)),
        dropped=run.dropped,
        repaired=run.repaired,
        signature=f"{run.prompts} {model}" if run.prompts else "",
    )
    yield Done(answer)


class _Run:
    """What one answer collects while it is made."""

    def __init__(self, decided: Plan, evidence: Evidence, view: View, chat: Callable[[], Chat]) -> None:
        self.plan = decided
        self.evidence = evidence
        self.chat = chat
        self.stages = view.stages
        self.places = tuple(dict.fromkeys(c.place for c in view.cards() if c.place))
        self.sentences: list[Sentence] = list(decided.sentences)
        self.dropped = 0
        self.repaired = 0
        self.prompts = ""
        self.reason = decided.reason

    def judge(self, text: str) -> Phrased:
        """Check a model's text against the plan's lines."""
        return self.stages.judge(
            text,
            self.evidence.question.text,
            self.plan.lines,
            self.evidence.weights,
            self.places,
            self.plan.required,
        )


def _phrase(run: _Run, began: float) -> Generator[Event, None, int]:
    """Two attempts at most; then the source's own words. Returns milliseconds to the first token."""
    first = 0
    fault = ""
    for turn in (1, 2):
        text = ""
        try:
            chat = run.chat()
            asked, lines = run.evidence.question.text, run.plan.lines
            for delta in attempt(chat, asked, lines, fault=fault, lock=run.stages.lock):
                first = first or _since(began)
                text += delta
                yield Delta(delta)
        except (ModelError, EndpointError) as error:
            said = f"语言模型没有作答，以下是报告原文（{error.message}）"
            run.reason = f"{run.reason}；{said}" if run.reason else said
            yield Restart(f"模型没有写完（{error.message}），改用原文", error)
            run.sentences.extend(_quoted(run.plan))
            return first or _since(began)
        run.prompts = prompts.load("repair" if fault else "answer").signature
        judged = run.judge(text)
        if not judged.faults:
            run.sentences.extend(judged.sentences)
            return first
        fault = "；".join(judged.faults[:3])
        if turn == 1:
            run.repaired += 1
            yield Restart("有一句没有依据，重写一次")
    run.dropped += judged.dropped
    if judged.complete:  # what stands answers the question: only the unsupported sentences go
        yield Restart("去掉没有依据的句子")
        run.sentences.extend(judged.sentences)
    else:
        yield Restart("改写后仍有内容没有依据，改用原文")
        run.sentences.extend(_quoted(run.plan))
    return first


def _quoted(decided: Plan) -> tuple[Sentence, ...]:
    return tuple(compose.quote(line) for line in decided.lines)


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


__all__ = ["Delta", "Done", "Event", "Found", "Restart", "respond"]
