"""Fluent prose from sentences that code composed: the model joins, code holds it to every figure.

In: composed or quoted sentences (the facts) with their citations, and the name of a prompt whose only
variable is ``facts``. Out: phrased sentences that carry the citations of the facts they retell, and the
facts as they were where the model is absent, fails, or is twice wrong about them. Nothing may be added;
with ``whole`` nothing may be lost either. What counts as wrong is decided in :mod:`service.summary.rephrase_check`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import prompts
from corpus.errors import WenhengError
from corpus.privacy import mask_plain
from service.cited import Sentence
from service.phrase import Chat
from service.summary.rephrase_check import Verdict, retold
from service.unsaid import until_recited

ATTEMPTS = 2
ENOUGH = 0.5  # share of the facts that came back whole, with which no second attempt is made
MOST_FAULTS = 3  # named to the model when it writes anew
LONGEST = 900  # characters of facts in one prompt, some 600 tokens

Told = Callable[[str], None]  # what the model writes, piece by piece; "" means that it begins anew

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rephrased:
    """What came of it. ``phrased`` tells whether any sentence is the model's; ``faults`` are those of the
    text that was taken, ``error`` the failure of the model, if it failed.
    """

    sentences: tuple[Sentence, ...]
    phrased: bool = False
    faults: tuple[str, ...] = ()
    error: WenhengError | None = None
    signature: str = ""


def retell(
    chat: Chat | None,
    prompt: str,
    sentences: Sequence[Sentence],
    *,
    most_tokens: int = 200,
    whole: bool = True,
    on_text: Told | None = None,
) -> Rephrased:
    """Have the model join ``sentences``.

    Args:
        chat: the model; None leaves the sentences as they are.
        prompt: name of a prompt file with the one variable ``facts``.
        sentences: the facts; each sentence that comes back cites those that it retells.
        most_tokens: the most that is written in one attempt.
        whole: every figure, place and statement must come back; else the model may leave some out.
        on_text: called with what the model writes, and with "" before each attempt.
    """
    facts = tuple(sentences)
    if chat is None or not facts or sum(len(s.text) for s in facts) > LONGEST:
        return Rephrased(facts)
    template = prompts.load(prompt)
    shown = mask_plain("\n".join(f"- {one_line(s.text)}" for s in facts))
    messages = template.messages(facts=shown)
    lock = prose_lock(shown)
    best: Verdict | None = None
    for _ in range(ATTEMPTS):
        try:
            text = _written(chat, messages, most_tokens, lock, on_text)
        except WenhengError as error:
            _log.warning("the model failed while it rephrased: %s", type(error).__name__)
            return _result(best, facts, template.signature, error)
        verdict = retold(text, facts, whole=whole)
        if best is None or verdict.share > best.share:
            best = verdict
        if verdict.share >= ENOUGH:
            break
        again = prompts.load("rewrite").messages(fault=mask_plain("；".join(verdict.faults[:MOST_FAULTS])))
        messages = [*template.messages(facts=shown), ("assistant", text), *again]
    return _result(best, facts, template.signature, None)


def _result(
    best: Verdict | None, facts: tuple[Sentence, ...], signature: str, error: WenhengError | None
) -> Rephrased:
    """The better attempt; the facts where nothing of any stood."""
    if best is None or not best.share:
        return Rephrased(facts, faults=best.faults if best else (), error=error)
    return Rephrased(best.sentences, True, best.faults, error, signature)


def prose_lock(shown: str) -> str:
    """GBNF grammar of one paragraph with no digits but those of the facts; no list, no heading."""
    runs = sorted(set(re.findall(r"\d+(?:\.\d+)*", shown)), key=lambda run: (-len(run), run))
    head = "head ::= [^0-9０-９【\\n*#•· -]\nnd ::= [^0-9０-９【\\n]\n"
    if not runs:
        return f"root ::= head nd*\n{head}"
    allowed = " | ".join(f'"{run}"' for run in runs)
    return f"root ::= (head | num nd) nd* (num nd+)* num?\n{head}num ::= {allowed}\n"


def one_line(text: str) -> str:
    """A sentence on one line with a full stop."""
    folded = " ".join(text.split())
    return folded if folded[-1:] in "。！？" else folded.rstrip("；;，,、") + "。"


def _written(
    chat: Chat, messages: list[tuple[str, str]], most_tokens: int, lock: str, on_text: Told | None
) -> str:
    if on_text:
        on_text("")
    pieces = []
    written = chat.stream(messages, max_tokens=most_tokens, grammar=lock)
    for piece in until_recited(written, messages):
        pieces.append(piece)
        if on_text:
            on_text(piece)
    return "".join(pieces).strip()
