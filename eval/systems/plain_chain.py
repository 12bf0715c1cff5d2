"""The plain chain (普通检索链): what a LangChain tutorial builds, with the same two models.

In: the files as their readers give them, unrepaired and with their page chrome and copies. Out: an answer from the
four nearest chunks of a recursive splitter (500 characters, 50 shared) and one stuffing prompt. Every sentence cites
all four chunks. The vectors are kept between runs: making them takes minutes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prompts
from corpus.embedding import Embedder
from corpus.errors import InputError
from corpus.readers import read
from eval.systems.contract import Found, Output, Setup
from eval.systems.originals import laid_out
from eval.systems.product import OverDesk, open_desk
from eval.systems.signing import signature
from eval.systems.texts import MAX_TOKENS, Locator, as_output, conversation, since, write
from service.desk import Desk
from service.settings import is_local

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

PROMPT = "baseline_stuffing"
SIZE, SHARED, TOP = 500, 50, 4


def adapted(embedder: Embedder) -> Embeddings:
    """Our embedder behind LangChain's interface."""
    from langchain_core.embeddings import Embeddings

    class Adapted(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in vector] for vector in embedder.embed_passages(texts)]

        def embed_query(self, text: str) -> list[float]:
            return [float(x) for x in embedder.embed_query(text)]

    return Adapted()


def chunks(desk: Desk) -> list[Document]:
    """All files of the library, split; ``start_index`` counts in the raw text of the file."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=SIZE, chunk_overlap=SHARED, add_start_index=True)
    with laid_out(desk.library) as paths:
        documents = [read(path) for path in paths]
    return splitter.create_documents([d.text for d in documents], [{"sha256": d.sha256} for d in documents])


def vector_store(desk: Desk, cache: Path) -> InMemoryVectorStore:
    """The chunks with their vectors, from ``cache`` where they were made of the same files by the same model."""
    from langchain_core.vectorstores import InMemoryVectorStore

    embeddings, found = adapted(desk.embedder), chunks(desk)
    parts = [desk.embedder.name, *(f"{c.metadata} {c.page_content}" for c in found)]
    path = cache / f"plain-chain-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}.json"
    if path.is_file():
        return InMemoryVectorStore.load(str(path), embeddings)
    store = InMemoryVectorStore(embeddings)
    store.add_documents(found)
    fresh = path.with_suffix(".new")
    store.dump(str(fresh))  # makes the folder
    fresh.chmod(0o600)
    fresh.replace(path)
    return store


class PlainChain(OverDesk):
    """Splitter, vectors, four chunks, one prompt."""

    def __init__(self, desk: Desk, cache: Path) -> None:
        super().__init__("plain-chain", desk)
        self._cache = cache
        self._store: InMemoryVectorStore | None = None
        self._locator = Locator(desk)

    def signature(self) -> Mapping[str, Any]:
        """With the measures of the splitter."""
        measures = {"size": SIZE, "shared": SHARED, "top": TOP}
        return signature(self.desk, (PROMPT,), max_tokens=MAX_TOKENS, chunks=measures)

    def nearest(self, query: str, k: int) -> list[Document]:
        """The ``k`` nearest chunks."""
        if self._store is None:
            self._store = vector_store(self.desk, self._cache)
        return self._store.similarity_search(query, k=k)

    def retrieve(self, question: str, k: int) -> tuple[Found, ...]:
        """The nearest chunks, copies included; a chunk of mere page chrome belongs to no report."""
        found = []
        for chunk in self.nearest(question, k):
            sha256, start, end = _where(chunk)
            citation = self._locator.citation(sha256, start, end)
            found.append(Found(citation.report_id if citation else "", sha256, start, end))
        return tuple(found)

    def ask(self, question: str, history: Sequence[str] = ()) -> Output:
        """One pass: search, stuff, write."""
        began = time.perf_counter()
        asked = conversation(question, history)
        found = self.nearest(asked, TOP)
        search_ms = since(began)
        cited = dict.fromkeys(filter(None, (self._locator.citation(*_where(chunk)) for chunk in found)))
        prompt = prompts.load(PROMPT)
        context = "\n\n".join(chunk.page_content for chunk in found)
        written = write(self.desk.model(), prompt.messages(context=context, question=asked), began)
        name = f"{prompt.signature} {self.desk.settings.chat_name}"
        return as_output(question, written, tuple(cited), search_ms=search_ms, signature=name)


def _where(chunk: Document) -> tuple[str, int, int]:
    start = int(chunk.metadata["start_index"])
    return str(chunk.metadata["sha256"]), start, start + len(chunk.page_content)


def plain_chain(setup: Setup) -> PlainChain:
    """Over the files of the data folder.

    Raises:
        InputError: the model is not on this machine; raw files hold personal data.
    """
    desk = open_desk(setup)
    url = desk.settings.chat_url
    if url and not is_local(url):
        desk.close()
        raise InputError(
            "普通检索链用的是未隐去个人信息的原文，不能发给本机以外的接口",
            where=url,
            remedy="请改用本机模型或本机接口；比较远端模型请用 --system endpoint --context passages",
        )
    return PlainChain(desk, setup.cache or desk.settings.home / "eval")
