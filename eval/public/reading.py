"""Systems that read given documents and no others: what RGB asks for.

In: a question and its documents. Out: an answer in the shape of ``wenheng ask --json``. ``documents`` is the
published procedure: one prompt that holds them all. Any other system gets a data folder of its own for each
question, with the documents as its only reports, so that it is measured as users meet it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import prompts
from corpus.ingest import IngestResult
from eval.systems import Base, Output, Setup, open_system
from eval.systems.signing import code_hash, decoding
from service.cited import Answer, Sentence
from service.desk import Desk
from service.models.chat import ChatClient
from service.phrase import Chat, split_sentences
from service.settings import Settings

PROMPT = "rgb_documents"
MAX_TOKENS = 200
STUFFED = "documents"
PLACEHOLDER = (
    "乌有县卫生健康局2021年工作总结\n\n全县新建村卫生室23所。"  # a system opens over no empty folder
)


class Reader(Base):
    """A system that can be given documents."""

    def signature(self) -> Mapping[str, Any]:
        """The code, which decides what any reader is given."""
        return {"code": code_hash()}

    def read(self, question: str, documents: Sequence[str]) -> Output:
        """Answer from these documents."""
        raise self._lacks("阅读给定的文档")


class Stuffed(Reader):
    """The model with all documents in one prompt."""

    def __init__(self, chat: Chat | ChatClient, model: str, digest: str = "") -> None:
        super().__init__(STUFFED)
        self._chat, self._model, self._digest = chat, model, digest

    def signature(self) -> Mapping[str, Any]:
        """Model and prompt."""
        return {
            "model": self._model,
            "model_hash": self._digest,
            "prompts": [prompts.load(PROMPT).signature],
            "decoding": decoding(MAX_TOKENS),
            "code": code_hash(),
        }

    @property
    def _signed(self) -> str:
        return f"{prompts.load(PROMPT).signature} {self._model}"

    def read(self, question: str, documents: Sequence[str]) -> Output:
        """One call."""
        messages = prompts.load(PROMPT).messages(question=question, documents="\n".join(documents))
        text = "".join(self._chat.stream(messages, max_tokens=MAX_TOKENS)).strip()
        # Always "answered": the official scoring reads the refusal from the words.
        said = tuple(Sentence(sentence, (), "phrased") for sentence in split_sentences(text))
        return Answer(question, "answered", said, signature=self._signed).to_json()


class Apart(Reader):
    """Any system over a fresh data folder that holds the documents of one question.

    ``shared`` lends its models, so that they are loaded once for all questions.
    """

    def __init__(self, name: str, setup: Setup, shared: Desk) -> None:
        super().__init__(name)
        self._setup, self._shared = setup, shared
        self._told: Mapping[str, Any] | None = None

    def signature(self) -> Mapping[str, Any]:
        """That of the system; the index is another one for each question."""
        if self._told is None:
            with _folder((PLACEHOLDER,)) as folder, self._open(folder) as system:
                self._told = {**system.signature(), "index_hash": "each question its own"}
        return self._told

    def read(self, question: str, documents: Sequence[str]) -> Output:
        """Take the documents in, and ask."""
        with _folder(documents) as folder, self._open(folder) as system:
            answer: Output = system.ask(question)
            return answer

    @contextmanager
    def _open(self, folder: Path) -> Iterator[Any]:
        home = folder / "home"
        ingest(home, folder / "documents", self._shared)
        chat = self._setup.chat or _Late(self._shared)
        with ExitStack() as stack:
            setup = replace(self._setup, home=home, embedder=self._shared.embedder, chat=chat)
            system = open_system(self.name, setup)
            stack.callback(system.close)
            yield system


class _Late:
    """The shared chat model, started when something is first to be written."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def stream(self, messages: Any, *, max_tokens: int, grammar: str | None = None) -> Iterator[str]:
        """As :class:`service.phrase.Chat`."""
        yield from self._desk.model().stream(messages, max_tokens=max_tokens, grammar=grammar)


@contextmanager
def _folder(documents: Sequence[str]) -> Iterator[Path]:
    """A folder for one question, with a file a document; deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="wenheng-public-"))
    try:
        (folder / "documents").mkdir()
        for number, text in enumerate(documents, 1):
            (folder / "documents" / f"{number}.txt").write_text(text + "\n", encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ingest(home: Path, folder: Path, shared: Desk) -> IngestResult:
    """Take the files of a folder into a data folder, with the models of an open desk."""
    settings: Settings = replace(shared.settings, home=home)
    with Desk(settings, embedder=shared.embedder) as desk:
        return desk.ingest([folder])
