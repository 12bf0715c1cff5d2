"""Closed book (闭卷): the same model without any evidence; exposes what it has memorised or invents.

In: a question. Out: the model's text, without citations.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import prompts
from eval.systems.contract import Output, Setup
from eval.systems.product import OverDesk, open_desk
from eval.systems.signing import signature
from eval.systems.texts import MAX_TOKENS, as_output, conversation, write

PROMPT = "baseline_closed"


class ClosedBook(OverDesk):
    """The chat model alone."""

    def signature(self) -> Mapping[str, Any]:
        """The library takes no part."""
        return signature(self.desk, (PROMPT,), max_tokens=MAX_TOKENS) | {"index_hash": ""}

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """What the model says of itself."""
        began = time.perf_counter()
        prompt = prompts.load(PROMPT)
        written = write(self.desk.model(), prompt.messages(question=conversation(question, history)), began)
        return as_output(question, written, signature=f"{prompt.signature} {self.desk.settings.chat_name}")


def closed_book(setup: Setup) -> ClosedBook:
    """The model that the settings or the setup name."""
    return ClosedBook("closed-book", open_desk(setup))
