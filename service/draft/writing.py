"""The steps of a draft as text: the model joins the facts of a step, code holds it to them (逐步起草).

In: a draft with its outline, the chat model or none, and what the library knows. Out: one
:class:`~service.draft.drafts.Written` a step, each as it is done, so that the caller can keep it. A text of the model
stands only if it retells every fact and nothing else (:func:`service.summary.rephrase_check.retold`), copies no run
of a style passage, and passes the gate of every document; it has two attempts. Else the facts stand as code composed
them, and ``faults`` says why. Indicators, schedule and safeguards are code's alone: there is nothing to join in them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import prompts
from corpus.errors import WenhengError
from corpus.privacy import mask_plain
from corpus.report import SectionKind
from service.cited import Sentence
from service.draft.assembling import without_heading
from service.draft.copying import copied
from service.draft.drafts import Draft, Step, Written
from service.draft.inputs import Kind
from service.draft.known import NOTHING, Known
from service.draft.outline import TASKS
from service.papers.document import Document, Paragraph
from service.papers.provenance import faults
from service.phrase import Chat
from service.summary.rephrase import ATTEMPTS, LONGEST, MOST_FAULTS, Told, one_line, prose_lock
from service.summary.rephrase_check import BINDING, CLAUSES, retold
from service.terms import grams
from service.unsaid import until_recited

PROMPTS = {SectionKind.PROBLEMS: "draft_problem", SectionKind.NEXT_STEPS: "draft_task"}
STYLED = "_styled"  # the same prompt with a passage of the office's own past reports
LEAST_FACTS = 2  # a single sentence has nothing to be joined with
LEAST_TOLD = 0.6  # share of a clause's bigrams that must come back
SPARE = 40  # tokens beside one for each character of the facts

_ENDED = re.compile(r"[。！？][”’）]*$")
_TAIL = re.compile(r"[^。！？]*$")
_LIST = re.compile(r"一是|[；：].{2,}；")  # a list is joined already, and small models lose its items

_STAMMERS = re.compile(r"主要原因是主要|原因是由于|原因是因为|目标是(?:目标|实现目标)|将将")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the model wrote, as sentences, and what is wrong with it."""

    sentences: tuple[Sentence, ...]
    faults: tuple[str, ...]


def write(
    draft: Draft,
    chat: Chat | None,
    known: Known = NOTHING,
    *,
    only: Collection[str] = (),
    on_text: Told | None = None,
    styled: bool = False,
) -> Iterator[Written]:
    """Write the open steps in reading order.

    Args:
        draft: the draft; what is written in it already stays.
        chat: the model; None leaves every step as code composed it.
        known: where the style passages come from.
        only: keys of steps that are written, whether they are open or not.
        on_text: called with the text as it comes, and with "" before each attempt.
        styled: whether the model is shown how the office writes. A small model copies the passage; what it would
            learn from it, the example in the prompt shows it better.
    """
    open_keys = {step.key for step in draft.open}
    for step in draft.outline.steps:
        if step.table is not None or step.key not in (only or open_keys):
            continue
        yield written(draft, step, chat, known if styled else NOTHING, on_text)


def written(draft: Draft, step: Step, chat: Chat | None, known: Known, on_text: Told | None) -> Written:
    """One step; ``known`` lends the style passages."""
    kind = told_kind(draft, step)
    facts = without_heading(step.facts, step.heading)
    size = sum(len(fact.text) for fact in facts)
    least = (
        LEAST_FACTS if known is NOTHING else 1
    )  # a large model, shown how the office writes, words one fact too
    joinable = len(facts) >= least and size <= LONGEST and not any(_LIST.search(f.text) for f in facts)
    if chat is None or kind is None or not joinable:
        return _composed(step, on_text)
    style = next((one.text for one in known.style(kind)), "")
    wrong: tuple[str, ...] = ()
    messages: list[tuple[str, str]] = []
    for _ in range(ATTEMPTS):
        asked = _asked(kind, facts, style)
        try:
            text = _streamed(chat, messages or asked.messages, size + SPARE, asked.lock, style, on_text)
        except WenhengError as error:
            _log.warning("the model failed while it drafted: %s", type(error).__name__)
            return _composed(step, on_text, (f"语言模型没有作答（{error.message}）",))
        made = judged(text, facts, draft, style)
        if not made.faults:
            title = step.facts[: len(step.facts) - len(facts)]
            return Written(step.key, (*title, *made.sentences), phrased=True, signature=asked.signature)
        wrong = made.faults
        if copied(text, (style,)):  # a small model that begins to copy does not stop: it is shown no passage
            style, messages = "", []
            continue
        again = prompts.load("rewrite").messages(fault=mask_plain("；".join(wrong[:MOST_FAULTS])))
        messages = [*asked.messages, ("assistant", text), *again]
    return _composed(step, on_text, wrong)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model is asked, and the grammar that it is held to."""

    messages: list[tuple[str, str]]
    lock: str
    signature: str


def _asked(kind: SectionKind, facts: Sequence[Sentence], style: str) -> Asked:
    shown = mask_plain("\n".join(f"- {one_line(fact.text)}" for fact in facts))
    template = prompts.load(PROMPTS[kind] + (STYLED if style else ""))
    variables = {"facts": shown, "style": mask_plain(style)} if style else {"facts": shown}
    return Asked(template.messages(**variables), prose_lock(shown), template.signature)


def told_kind(draft: Draft, step: Step) -> SectionKind | None:
    """What a step is about; None where code alone writes it: indicators, schedule, safeguards."""
    given = draft.given
    if given.basic.kind is Kind.PLAN and not step.key.startswith(f"{TASKS}."):
        return None
    first = step.rows[0] if step.rows else ""
    if any(problem.at == first for problem in given.problems):
        return SectionKind.PROBLEMS
    return SectionKind.NEXT_STEPS if any(task.at == first for task in given.tasks) else None


def judged(text: str, facts: Sequence[Sentence], draft: Draft, style: str) -> Attempt:
    """What the model wrote against the facts; a sentence that breaks off is dropped first."""
    whole = text if _ENDED.search(text) else _TAIL.sub("", text)
    if len(facts) > LEAST_FACTS:  # behind several statements a cause would be that of the last one
        whole = whole.replace("，主要原因是", "。主要原因是")
    if not whole.strip():
        return Attempt((), ("没有写完一句话",))
    verdict = retold(whole, facts)
    wrong = verdict.faults if verdict.sentences else ("没有写出正文",)
    if wrong := (*wrong, *lost(whole, facts), *moved(whole, facts), *stammers(whole, facts)):
        return Attempt((), tuple(dict.fromkeys(wrong)))
    basic = draft.given.basic
    runs = copied(whole, (style,), (*(fact.text for fact in facts), basic.place, basic.office))
    if runs:
        return Attempt((), tuple(f"照搬了“{run.text}”" for run in runs))
    years = (basic.past - 1, basic.past, basic.past + 1)
    gate = faults(Document("draft", "", (Paragraph(verdict.sentences),), (basic.place,), years))
    return Attempt(verdict.sentences, tuple(f"“{fault.numeral}”没有出处" for fault in gate))


def lost(text: str, facts: Sequence[Sentence]) -> tuple[str, ...]:
    """Clauses of facts that are not in the text: a cause or an effect without a figure is to be told too."""
    held = grams("".join(text.split()))
    found = []
    for clause in (one for fact in facts for one in CLAUSES.split(fact.text)):
        wanted = grams(BINDING.sub("", clause))
        if wanted and len(wanted & held) / len(wanted) < LEAST_TOLD:
            found.append(f"漏写“{clause}”")
    return tuple(found)


def stammers(text: str, facts: Sequence[Sentence]) -> tuple[str, ...]:
    """Turns of phrase that say a thing twice, which no fact does: 主要原因是主要靠财政补助."""
    given = "".join(fact.text for fact in facts)
    return tuple(f"“{found[0]}”用词重复" for found in _STAMMERS.finditer(text) if found[0] not in given)


def moved(text: str, facts: Sequence[Sentence]) -> tuple[str, ...]:
    """Clauses that stand behind those of a later fact: an effect behind the cause is said to be of the cause."""
    held = [[grams(clause) for clause in CLAUSES.split(fact.text)] for fact in facts]
    last = 0
    found = []
    for clause in CLAUSES.split(text):
        own = grams(BINDING.sub("", clause))
        if not own:
            continue
        scores = [max(len(own & other) / len(own) for other in clauses) for clauses in held]
        best = max(scores)
        at = next(i for i, score in enumerate(scores) if score == best and (i >= last or best > scores[last]))
        if at < last and best >= LEAST_TOLD:
            found.append(f"“{clause}”的次序与要点不同")
        last = max(last, at)
    return tuple(found)


def _streamed(
    chat: Chat, messages: list[tuple[str, str]], most: int, lock: str, style: str, on_text: Told | None
) -> str:
    """What the model writes, told as it comes; it ends where its instructions begin."""
    if on_text:
        on_text("")
    pieces = []
    told = chat.stream(messages, max_tokens=most, grammar=lock)
    for piece in until_recited(told, messages, but=mask_plain(style)):
        pieces.append(piece)
        if on_text:
            on_text(piece)
    return "".join(pieces).strip()


def _composed(step: Step, on_text: Told | None, why: tuple[str, ...] = ()) -> Written:
    """The facts as they are."""
    if on_text:
        on_text("")
        on_text("".join(one_line(fact.text) for fact in without_heading(step.facts, step.heading)))
    return Written(step.key, step.facts, faults=why)
