"""The product itself: the desk as users get it; and what every system over a data folder shares.

In: a data folder and its models. Out: answers, summaries and drafts as the commands print them. Retrieval is what
answers rest on: passages inside the filters of the question, in the order of their best sentence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.errors import EndpointError, InputError, ModelError
from corpus.ledger import rows
from corpus.report import Filter, Report
from eval.drafts_cases import Case as DraftCase
from eval.drafts_run import drafted
from eval.systems.contract import Base, Found, Output, Setup
from eval.systems.signing import signature
from eval.systems.texts import raw_span
from service.answer import Done, Restart
from service.desk import Desk
from service.evidence import find
from service.phrase import MOST_TOKENS, Chat
from service.settings import Settings, load
from service.stages import PRODUCT, Stages
from service.summary.summary import summarise

PROMPTS = (
    "answer", "repair", "rewrite", "summary", "memo",
    "draft_task", "draft_task_styled", "draft_problem", "draft_problem_styled",
)  # fmt: skip


def settings_of(setup: Setup) -> Settings:
    """The settings of the environment, with the endpoint of the setup where it names one.

    Raises:
        InputError: an endpoint without a model, with a bad address, or outside this machine without leave.
    """
    env = dict(os.environ)
    if setup.url or setup.model:
        if not (setup.url and setup.model):
            raise InputError("接口地址和模型名要一起给出", where="--url、--model", remedy="请补上另一个")
        env |= {"WENHENG_CHAT_URL": setup.url, "WENHENG_CHAT_MODEL": setup.model}
        env["WENHENG_CHAT_KEY"] = setup.key.reveal()
    return load(env, home=setup.home)


def open_desk(setup: Setup, *, stages: Stages = PRODUCT) -> Desk:
    """The desk of a setup.

    Raises:
        InputError: no report has been taken in there.
    """
    settings = settings_of(setup)
    desk = Desk(settings, embedder=setup.embedder, chat=setup.chat, stages=stages)
    if not desk.cards():
        desk.close()
        raise InputError(
            "资料库里没有报告，无从评测",
            where=str(settings.home),
            remedy="请先用 wenheng ingest 入库，或用 --home 指出",
        )
    return desk


class Watched:
    """A chat that remembers how it failed, for callers that get over it."""

    def __init__(self, opened: Callable[[], Chat]) -> None:
        self._opened = opened
        self._chat: Chat | None = None
        self.fault: ModelError | EndpointError | None = None

    def open(self) -> Chat:
        """Itself, with the chat opened."""
        try:
            self._chat = self._opened()
        except (ModelError, EndpointError) as error:
            self.fault = error
            raise
        return self

    def stream(
        self, messages: list[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        """What the chat says."""
        assert self._chat is not None
        try:
            yield from self._chat.stream(messages, max_tokens=max_tokens, grammar=grammar)
        except (ModelError, EndpointError) as error:
            self.fault = error
            raise

    def check(self) -> None:
        """Raise what it failed with."""
        if self.fault is not None:
            raise self.fault


class OverDesk(Base):
    """A system over one data folder, which it closes at its end."""

    def __init__(self, name: str, desk: Desk) -> None:
        super().__init__(name)
        self.desk = desk

    def report(self, report_id: str) -> Report:
        """The report that a citation names."""
        return self.desk.report(report_id)

    def close(self) -> None:
        """Close the desk and its models."""
        self.desk.close()


class Product(OverDesk):
    """The desk, whole or with a stage exchanged."""

    def __init__(self, name: str, desk: Desk, ablations: Sequence[str] = ()) -> None:
        super().__init__(name, desk)
        self.ablations = tuple(ablations)

    def signature(self) -> Mapping[str, Any]:
        """All prompts that can take part are named."""
        return signature(
            self.desk, PROMPTS, max_tokens=MOST_TOKENS, grammar="no-lock" not in self.ablations,
            ablations=self.ablations,
        )  # fmt: skip

    def retrieve(self, question: str, k: int) -> tuple[Found, ...]:
        """Passages that hold the best sentences of the evidence; none where the question is refused at once."""
        evidence = find(self.desk.understand(question), self.desk.view)
        passages = list(dict.fromkeys(fit.line.passage for fit in evidence.fits))[:k]
        return tuple(Found(p.report_id, *raw_span(self.desk.report, p.report_id, p.span)) for p in passages)

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """What ``wenheng ask --json`` prints.

        Raises:
            ModelError, EndpointError: the model failed. Users then get the source's own words; here that would pass for
                what the product does with its model.
        """
        for event in self.desk.stream(question, list(history)):
            if isinstance(event, Restart) and event.fault is not None:
                raise event.fault
            if isinstance(event, Done):
                return event.answer.to_json()
        raise AssertionError("a stream ends with Done")

    def summarise(self, report_id: str) -> Output:
        """What ``wenheng summarise --json`` prints; raises as :meth:`ask` does."""
        (card,) = self.desk.cards_of([report_id])
        figures = rows(self.desk.library, Filter(report_ids=(card.id,)))
        watched = Watched(self.desk.model)
        made = summarise(self.desk.report(card.id), card, figures, watched.open).to_json()
        watched.check()
        return made

    def draft(self, case: DraftCase, paths: Mapping[str, Path]) -> Output:
        """The draft of a case over a library of its own, which holds only what the case may see; raises as :meth:`ask`."""
        watched = Watched(self.desk.model)
        made = drafted(case, paths, watched.open()).document.to_json()
        watched.check()
        return made


def product(setup: Setup) -> Product:
    """What users get."""
    return Product("product", open_desk(setup))


__all__ = ["OverDesk", "Product", "open_desk", "product", "settings_of"]
