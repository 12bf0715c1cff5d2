"""A question over HTTP, as a stream of events or as one answer (提问).

In: a question, alone or in a conversation. Out: events in this order:

    conversation   its id, where the question is asked in one
    waiting        how many calls of the model come before; again whenever that changes
    evidence       what was understood of the question, and the citations that were found
    delta          text as the model writes it, not yet checked
    restart        what was written so far does not stand; why
    citation       a source of the checked answer, with its number
    sentence       a checked sentence with the numbers of its sources
    done           the whole checked answer
    error          a problem; the stream ends with it or with done
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from service.accounts.caller import Caller
from service.answer import Delta, Done, Event, Found, Restart
from service.cited import Answer
from service.desk import Desk
from service.house import House
from service.http.events import Emit
from service.models.cutting import Stop
from service.papers.presenting import masked
from service.question import Question
from service.refining import facets
from service.session import Session, converse

KIND = "chat"  # of ownership


def understood(question: Question) -> dict[str, Any]:
    """The filters of a question as it was understood."""
    told = [{"kind": one.kind, "value": one.value, "label": one.label} for one in facets(question)]
    return {"kind": question.kind.value, "topic": question.topic, "filters": told}


def _sentences(answer: Answer) -> Iterator[tuple[str, dict[str, Any]]]:
    numbers = {citation: n for n, citation in enumerate(answer.sources, 1)}
    for citation, n in numbers.items():
        yield "citation", {"number": n, **citation.to_json()}
    for sentence in answer.sentences:
        yield (
            "sentence",
            {
                "text": sentence.text,
                "status": sentence.status,
                "figures": list(sentence.figures),
                "citations": [numbers[citation] for citation in sentence.citations],
            },
        )


def tell(events: Iterator[Event], emit: Emit) -> None:
    """Send the events of an answer."""
    for event in events:
        match event:
            case Found(evidence, citations):
                emit(
                    "evidence",
                    masked(
                        {
                            "understood": understood(evidence.question),
                            "citations": [one.to_json() for one in citations],
                        }
                    ),
                )
            case Delta(text):
                emit("delta", {"text": text})
            case Restart(why, _):
                emit("restart", {"why": why})
            case Done(answer):
                for name, data in _sentences(answer):
                    emit(name, masked(data))
                emit("done", masked(answer.to_json()))


class Asking:
    """One question of a caller in a collection.

    Args:
        house: of the service.
        caller: who asks.
        collection: where.
        question: the text.
        conversation: id of one of the caller's conversations, "" for a new one, None for none.
    """

    def __init__(
        self, house: House, caller: Caller, collection: str, question: str, conversation: str | None
    ) -> None:
        self._house, self._caller, self._collection = house, caller, collection
        self._question, self._conversation = question, conversation
        desk = house.desk(caller, collection)  # what may not be opened is told before a stream begins
        if conversation:
            house.accounts.owned.check(KIND, conversation, collection, caller)
            desk.library.chats.load(conversation)
        house.accounts.log.asked(caller, collection, question)

    def stream(self, emit: Emit, stop: Stop) -> None:
        """Answer by events."""
        desk = self._desk(stop, lambda ahead: emit("waiting", {"ahead": ahead}))
        session = self._session(desk)
        with closing(self._events(desk, session)) as events:  # type: ignore[type-var]
            if session is not None and session.id:
                emit("conversation", {"id": session.id})
            tell(self._claimed(events, session, emit), emit)

    def whole(self, stop: Stop) -> tuple[Answer, str]:
        """The answer at once, and the id of its conversation ("" where there is none)."""
        desk = self._desk(stop, None)
        session = self._session(desk)
        for event in self._claimed(self._events(desk, session), session, None):
            if isinstance(event, Done):
                answer = event.answer
        return answer, session.id if session is not None else ""

    def _desk(self, stop: Stop, on_wait: Callable[[int], None] | None) -> Desk:
        return self._house.desk(self._caller, self._collection, stop=stop, on_wait=on_wait)

    def _session(self, desk: Desk) -> Session | None:
        return None if self._conversation is None else desk.session(self._conversation or None)

    def _events(self, desk: Desk, session: Session | None) -> Iterator[Event]:
        return desk.stream(self._question) if session is None else converse(desk, session, self._question)

    def _claimed(
        self, events: Iterator[Event], session: Session | None, emit: Emit | None
    ) -> Iterator[Event]:
        """The events; a new conversation belongs to the caller as soon as its first turn is kept."""
        fresh = session is not None and not session.id
        for event in events:
            if fresh and session is not None and session.id:
                fresh = False
                self._house.accounts.owned.claim(KIND, session.id, self._collection, self._caller)
                if emit is not None:
                    emit("conversation", {"id": session.id})
            yield event
