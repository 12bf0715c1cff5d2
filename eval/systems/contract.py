"""What a system is: whatever answers the questions of a suite, the product and all that it is measured against.

In: a :class:`Setup` (data folder, models, endpoint). Out: a :class:`System`. All systems answer in the shape of
``wenheng ask --json`` and ``--json`` of documents, so that the same code scores them. What a system cannot do
raises :class:`Unsupported`; :class:`Base` does so for everything and is what systems are made from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from corpus.embedding import Embedder
from corpus.errors import InputError, WenhengError
from corpus.report import Report
from eval.drafts_cases import Case as DraftCase
from service.models.chat import ChatClient
from service.phrase import Chat
from service.settings import Secret

Output = dict[str, Any]
CONTEXTS = ("none", "passages", "whole")


class Unsupported(WenhengError):
    """The system has no such ability: its items cannot be scored, which is not the same as wrong."""


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch that retrieval gave: the report, and where it lies in the raw text of its file."""

    report_id: str
    sha256: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Setup:
    """What systems are opened with.

    ``url``, ``key`` and ``model`` name an endpoint: for the product and the baselines it takes the place of the
    local model, for ``endpoint`` it is what is measured, with the reports that ``context`` says. ``cache`` is where
    what takes long is kept (None: ``eval`` in the data folder). ``embedder`` and ``chat`` are given by tests.
    """

    home: Path | None = None
    url: str = ""
    key: Secret = field(default_factory=Secret)
    model: str = ""
    context: str = "none"
    cache: Path | None = None
    embedder: Embedder | None = None
    chat: Chat | ChatClient | None = None

    def __post_init__(self) -> None:
        if self.context not in CONTEXTS:
            raise InputError(
                f"没有这种材料范围：{self.context!r}",
                where="--context",
                remedy="可用：none（不给材料）、passages（检索到的段落）、whole（全部报告）",
            )


class System(Protocol):
    """One system. ``report`` opens what its citations name; a system without citations raises Unsupported."""

    @property
    def name(self) -> str:
        """What runs and tables call it."""
        ...

    def signature(self) -> Mapping[str, Any]:
        """model, model_hash, prompts, index_hash, decoding, code, ablations: what decides its output."""
        ...

    def retrieve(self, question: str, k: int) -> tuple[Found, ...]:
        """The ``k`` best stretches, the best first."""
        ...

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """The object of ``wenheng ask --json``; ``history`` holds the earlier questions, oldest first."""
        ...

    def summarise(self, report_id: str) -> Output:
        """The JSON of a summary document."""
        ...

    def draft(self, case: DraftCase, paths: Mapping[str, Path]) -> Output:
        """The JSON of a draft document; ``paths`` are the files of the case by sha256."""
        ...

    def report(self, report_id: str) -> Report:
        """The report that a citation names."""
        ...

    def close(self) -> None:
        """Let go of models and files."""
        ...


class Base:
    """A system that can do nothing yet."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _lacks(self, what: str) -> Unsupported:
        return Unsupported(
            f"系统 {self.name} 不能{what}",
            remedy="请换一个系统或套件，如 wenheng eval run answers --system product",
        )

    def retrieve(self, question: str, k: int) -> tuple[Found, ...]:
        """Not able to."""
        raise self._lacks("检索")

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """Not able to."""
        raise self._lacks("问答")

    def summarise(self, report_id: str) -> Output:
        """Not able to."""
        raise self._lacks("写摘要")

    def draft(self, case: DraftCase, paths: Mapping[str, Path]) -> Output:
        """Not able to."""
        raise self._lacks("起草")

    def report(self, report_id: str) -> Report:
        """Not able to."""
        raise self._lacks("打开报告")

    def close(self) -> None:
        """Nothing to close."""
