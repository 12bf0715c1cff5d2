"""Chat sessions: the turns so far, kept in the library so that a chat can be resumed.

In: questions and their answers. Out: sessions whose questions give a follow-up its context. Personal
data is masked before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corpus.chats import Chat
from corpus.errors import NotFound
from corpus.library import Library
from corpus.privacy import mask_plain
from service.answer import Done, Event
from service.cited import Answer

if TYPE_CHECKING:
    from service.desk import Desk


@dataclass(slots=True)
class Session:
    """One chat; ``turns`` hold the JSON of each answer, personal data masked."""

    library: Library
    id: str
    turns: list[dict[str, Any]] = field(default_factory=list)
    updated: str = ""

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions so far, in order."""
        return tuple(str(turn["question"]) for turn in self.turns)

    @property
    def title(self) -> str:
        """The first question."""
        return self.questions[0] if self.turns else "（空）"

    def add(self, question: str, answer: Answer) -> None:
        """Keep one turn; written at once, so that a kill loses nothing that was answered."""
        turn = answer.to_json() | {"question": mask_plain(question)}
        if not self.id:
            self.id = self.library.chats.start(str(turn["question"]))
        self.library.chats.add(self.id, turn)
        self.turns.append(turn)

    def undo(self) -> bool:
        """Forget the last turn; False when there is none."""
        if not self.turns:
            return False
        self.library.chats.pop(self.id)
        self.turns.pop()
        return True


def converse(desk: Desk, session: Session, text: str) -> Iterator[Event]:
    """Answer a question of a chat in the light of the earlier ones; the turn is kept before its end is told."""
    for event in desk.stream(text, session.questions):
        if isinstance(event, Done):
            session.add(text, event.answer)
        yield event


class Sessions:
    """The sessions of one library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def open(self, session_id: str | None = None, *, last: bool = False) -> Session:
        """A new session (written with its first turn), the named one, or the last one.

        Raises:
            NotFound: there is no such session.
        """
        if last:
            found = self.all()
            if not found:
                raise NotFound("还没有会话", remedy="用 wenheng chat 开始")
            return found[0]
        if session_id is None:
            return Session(self._library, "")
        return self._session(self._library.chats.load(session_id))

    def all(self) -> tuple[Session, ...]:
        """All sessions, newest first."""
        return tuple(self._session(chat) for chat in self._library.chats.list())

    def delete(self, session_id: str) -> None:
        """Delete one session.

        Raises:
            NotFound: there is no such session.
        """
        self._library.chats.delete(session_id)

    def _session(self, chat: Chat) -> Session:
        return Session(self._library, chat.id, list(chat.turns), chat.updated_at)
