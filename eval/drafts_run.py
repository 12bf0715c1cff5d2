"""Drafts one case of the hidden-section experiment as a user would, and counts what each step costs.

In: a case, the files that it may see, and a chat (or none: code alone writes). Out: the document that came of it, what
stood open for copying, and seconds and tokens of every step. The library is made in a temporary folder from files that
no longer hold the hidden stretch.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.embedding import HashingEmbedder
from corpus.errors import Unsourced
from eval.drafts_cases import Case, hidden, input_of, lay_out
from service.desk import Desk
from service.draft.assembling import document
from service.draft.drafting import offered
from service.draft.drafts import Draft
from service.draft.inputs import DraftInput
from service.draft.known import Known
from service.draft.outline import outline
from service.draft.session import opener
from service.draft.source import as_source
from service.draft.writing import write
from service.papers.document import Document
from service.papers.provenance import checked
from service.phrase import Chat
from service.settings import load


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step took; ``phrased`` where the model's text stood."""

    key: str
    seconds: float
    tokens: int
    phrased: bool
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft with what it is to be compared with. ``refused`` is the message of the gate, "" where it passed;
    ``past`` are the texts of the office's own reports as the library has them; ``first`` are the seconds to the first
    sentence that a user sees.
    """

    case: Case
    given: DraftInput
    draft: Draft
    document: Document
    hidden: str
    past: tuple[str, ...]
    places: tuple[str, ...]
    refused: str
    costs: tuple[Cost, ...]
    first: float


@dataclass(slots=True)
class Counting:
    """A chat that counts its pieces, about one token each, and notes when the first sentence was whole."""

    chat: Chat
    tokens: int = 0
    first: float | None = None
    started: float = field(default_factory=time.monotonic)

    def stream(
        self, messages: list[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        """The reply piece by piece."""
        for piece in self.chat.stream(messages, max_tokens=max_tokens, grammar=grammar):
            self.tokens += 1
            if self.first is None and any(mark in piece for mark in "。；！？"):
                self.first = time.monotonic() - self.started
            yield piece


@contextmanager
def library(case: Case, paths: Mapping[str, Path]) -> Iterator[Desk]:
    """A desk over all that the draft of a case may see."""
    with TemporaryDirectory(prefix="drafts-") as folder:
        shown = lay_out(case, paths, Path(folder) / "reports")
        settings = load({}, home=Path(folder) / "home")
        with Desk(settings, embedder=HashingEmbedder()) as desk:
            desk.ingest(shown)
            yield desk


def drafted(case: Case, paths: Mapping[str, Path], chat: Chat | None) -> Drafted:
    """The draft of a case, made from scratch."""
    given = input_of(case)
    with library(case, paths) as desk:
        offer = offered(desk, given)
        draft, costs, first = _written(Draft(given, outline(given, as_source(given), offer)), chat, offer)
        made = document(draft)
        refused = ""
        try:
            checked(made, opener(given, desk.report))
        except Unsourced as error:
            refused = str(error)
        place = given.basic.place
        cards = desk.cards()
        past = tuple(desk.report(card.id).text for card in cards if card.place == place)
        places = tuple(sorted({card.place for card in cards if card.place}))
    return Drafted(case, given, draft, made, hidden(case, paths), past, places, refused, costs, first)


def _written(draft: Draft, chat: Chat | None, offer: Known) -> tuple[Draft, tuple[Cost, ...], float]:
    started = time.monotonic()
    counting = Counting(chat) if chat is not None else None
    costs: list[Cost] = []
    first = 0.0
    before, tokens = started, 0
    for one in write(draft, counting, offer):
        now = time.monotonic()
        if not costs:
            first = now - started
        used = counting.tokens if counting else 0
        costs.append(Cost(one.key, round(now - before, 3), used - tokens, one.phrased, one.faults))
        before, tokens = now, used
        draft = replace(draft, written=(*draft.written, one))
    if counting and counting.first is not None:
        first = min(first, counting.first)
    return draft, tuple(costs), round(first, 3)
