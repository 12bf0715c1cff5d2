"""Any OpenAI-compatible endpoint (接口) on the same cases, so that a model can be chosen by numbers.

In: address, key, model, and what it is given besides the question: nothing, the passages that the product's search
finds, or all reports. Out: its text as an answer, each sentence citing the passages that it was given. The prompts
are those of the baselines, whatever the model: one prompt for a question alone, one that stuffs material in front.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import prompts
from corpus.errors import InputError
from corpus.report import Filter
from eval.systems.contract import Output, Setup
from eval.systems.product import OverDesk, open_desk
from eval.systems.signing import signature
from eval.systems.texts import MAX_TOKENS, as_output, cite, conversation, since, write
from service.cited import Citation
from service.desk import Desk

PASSAGES = 6
MOST_WHOLE = 100_000  # characters of all reports together; beyond, few models read on
PROMPTS = {"none": "baseline_closed", "passages": "baseline_stuffing", "whole": "baseline_stuffing"}


class EndpointSystem(OverDesk):
    """The model behind an address."""

    def __init__(self, desk: Desk, model: str, context: str) -> None:
        super().__init__(f"endpoint:{model}:{context}", desk)
        self.context = context
        self._whole = self._all() if context == "whole" else ""

    def _all(self) -> str:
        cards = self.desk.cards()
        size = sum(card.characters for card in cards)
        if size > MOST_WHOLE:
            raise InputError(
                f"全部报告共{size}字，超过一次能给的{MOST_WHOLE}字",
                where="--context whole",
                remedy="请改用 --context passages，或用 --home 指出较小的资料库",
            )
        return "\n\n".join(f"《{card.title}》\n{self.desk.report(card.id).text}" for card in cards)

    def signature(self) -> Mapping[str, Any]:
        """With what the model is given; the key is no part of it."""
        prompt = PROMPTS[self.context]
        signed = signature(self.desk, (prompt,), max_tokens=MAX_TOKENS, context=self.context)
        return signed if self.context != "none" else signed | {"index_hash": ""}

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """One call.

        Raises:
            EndpointError: the endpoint timed out, refused, answered nonsense or broke off.
        """
        began = time.perf_counter()
        asked = conversation(question, history)
        cited = self._passages(asked) if self.context == "passages" else []
        search_ms = since(began)
        prompt = prompts.load(PROMPTS[self.context])
        told = {"question": asked}
        if self.context != "none":
            told["context"] = self._whole or "\n\n".join(f"《{c.title}》{c.quote}" for c in cited)
        written = write(self.desk.model(), prompt.messages(**told), began)
        return as_output(
            question, written, cited, search_ms=search_ms, signature=f"{prompt.signature} {self.name}"
        )

    def _passages(self, query: str) -> list[Citation]:
        found = [hit.passage for hit in self.desk.index.search(query, Filter(), PASSAGES)]
        return [cite(self.desk, p.report_id, p.span, p.path) for p in found]


def endpoint(setup: Setup) -> EndpointSystem:
    """The endpoint of the setup.

    Raises:
        InputError: address or model is missing, the address is outside this machine without leave, or all
            reports are too long to be given at once.
    """
    if not (setup.url and setup.model) and setup.chat is None:
        raise InputError(
            "没有指出要评测的接口",
            where="--system endpoint",
            remedy="请同时给出 --url 和 --model（密钥用 --key）",
        )
    desk = open_desk(setup)
    try:
        return EndpointSystem(desk, setup.model or desk.settings.chat_name, setup.context)
    except BaseException:
        desk.close()
        raise
