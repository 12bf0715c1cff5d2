"""Conversations that can be taken up again (会话).

In: turns, any JSON objects. Out: the same turns later. What a turn holds is the caller's affair.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.database import Database, now
from corpus.errors import NotFound
from corpus.records import dump


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation; times are UTC, ISO 8601."""

    id: str
    title: str
    turns: tuple[dict[str, Any], ...]
    created_at: str
    updated_at: str


class Chats:
    """The conversations of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, title: str = "") -> str:
        """A new, empty conversation; its id."""
        chat_id = secrets.token_hex(6)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO chats (id, title, turns, created_at, updated_at) VALUES (?1, ?2, '[]', ?3, ?3)",
                (chat_id, title[:80], now()),
            )
        return chat_id

    def add(self, chat_id: str, turn: Mapping[str, Any]) -> None:
        """Add a turn at the end.

        Raises:
            NotFound: no such conversation.
        """
        with self._database.writing() as connection:
            row = connection.execute("SELECT turns FROM chats WHERE id = ?", (chat_id,)).fetchone()
            if row is None:
                raise _missing(chat_id)
            turns = [*json.loads(row["turns"]), dict(turn)]
            connection.execute(
                "UPDATE chats SET turns = ?, updated_at = ? WHERE id = ?", (dump(turns), now(), chat_id)
            )

    def pop(self, chat_id: str) -> None:
        """Take the last turn away; nothing happens where there is none."""
        turns = self.load(chat_id).turns[:-1]
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE chats SET turns = ?, updated_at = ? WHERE id = ?", (dump(turns), now(), chat_id)
            )

    def rename(self, chat_id: str, title: str) -> None:
        """Give the conversation another title."""
        self.load(chat_id)
        with self._database.writing() as connection:
            connection.execute("UPDATE chats SET title = ? WHERE id = ?", (title[:80], chat_id))

    def load(self, chat_id: str) -> Chat:
        """One conversation, by its id or the unique beginning of it.

        Raises:
            NotFound: none, or several, begin so.
        """
        found = [chat for chat in self.list() if chat_id and chat.id.startswith(chat_id)]
        if len(found) != 1:
            raise _missing(chat_id)
        return found[0]

    def list(self) -> Sequence[Chat]:
        """All conversations, the last used first."""
        rows = self._database.rows("SELECT * FROM chats ORDER BY updated_at DESC, number DESC")
        return tuple(
            Chat(r["id"], r["title"], tuple(json.loads(r["turns"])), r["created_at"], r["updated_at"])
            for r in rows
        )

    def delete(self, chat_id: str) -> None:
        """Delete a conversation for good.

        Raises:
            NotFound: no such conversation.
        """
        chat = self.load(chat_id)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM chats WHERE id = ?", (chat.id,))


def _missing(chat_id: str) -> NotFound:
    return NotFound(
        "没有这个会话，或有几个会话以它开头", where=chat_id, remedy="用 wenheng chat --list 查看会话"
    )
