"""Chat sessions: the turns so far, kept in the library so that a chat can be resumed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from corpus.errors import NotFound
from corpus.library import Library
from corpus.privacy import mask_plain
from service.cited import Answer


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
        self.turns.append(answer.to_json() | {"question": mask_plain(question)})
        self.library.chats.save(self.id, self.turns)

    def undo(self) -> bool:
        """Forget the last turn; False when there is none."""
        if not self.turns:
            return False
        self.turns.pop()
        self.library.chats.save(self.id, self.turns)
        return True


class Sessions:
    """The sessions of one library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def open(self, session_id: str | None = None, *, last: bool = False) -> Session:
        """A new session, the named one, or the last one.

        Raises:
            NotFound: there is no such session.
        """
        if session_id is None and not last:
            return Session(self._library, secrets.token_hex(4))
        found = [s for s in self.all() if last or s.id == session_id]
        if not found:
            raise NotFound(f"没有会话{session_id or ''}", remedy="用 wenheng chat --list 查看已有会话")
        return found[0]

    def all(self) -> tuple[Session, ...]:
        """All sessions, newest first."""
        return tuple(
            Session(self._library, chat.id, list(chat.turns), chat.updated) for chat in self._library.chats.all()
        )

    def delete(self, session_id: str) -> None:
        """Delete one session.

        Raises:
            NotFound: there is no such session.
        """
        if session_id not in {s.id for s in self.all()}:
            raise NotFound(f"没有会话{session_id}", remedy="用 wenheng chat --list 查看已有会话")
        self._library.chats.delete(session_id)
