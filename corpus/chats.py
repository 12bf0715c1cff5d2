"""Conversations that can be taken up again (会话).

In: turns, any JSON objects. Out: the same turns later. What a turn holds is the caller's affair.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
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


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation in a list, without its turns; ``number`` tells equal times apart."""

    id: str
    title: str
    turns: int
    created_at: str
    updated_at: str
    number: int


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
        rows = self._database.rows(
            "SELECT * FROM chats WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2", (chat_id,)
        )
        if len(rows) != 1 or not chat_id:
            raise _missing(chat_id)
        return _chat(rows[0])

    def headings(self, before: tuple[str, int] | None = None, limit: int = -1) -> Sequence[Heading]:
        """Conversations without their turns, the last used first.

        Args:
            before: time and number of the last one seen.
            limit: how many at most, -1 for all.
        """
        rows = self._database.rows(
            "SELECT id, title, json_array_length(turns) AS turns, created_at, updated_at, number FROM chats"
            " WHERE ?1 IS NULL OR (updated_at, number) < (?1, ?2)"
            " ORDER BY updated_at DESC, number DESC LIMIT ?3",
            (*(before or (None, None)), limit),
        )
        return tuple(Heading(**dict(row)) for row in rows)

    def list(self) -> Sequence[Chat]:
        """All conversations, the last used first."""
        rows = self._database.rows("SELECT * FROM chats ORDER BY updated_at DESC, number DESC")
        return tuple(_chat(row) for row in rows)

    def delete(self, chat_id: str) -> None:
        """Delete a conversation for good.

        Raises:
            NotFound: no such conversation.
        """
        chat = self.load(chat_id)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM chats WHERE id = ?", (chat.id,))

    def sweep(self, before: str) -> tuple[str, ...]:
        """Delete conversations whose last turn is older than this time (UTC, ISO 8601); their ids."""
        with self._database.writing() as connection:
            rows = connection.execute(
                "DELETE FROM chats WHERE updated_at < ? RETURNING id", (before,)
            ).fetchall()
        return tuple(row["id"] for row in rows)


def _chat(row: sqlite3.Row) -> Chat:
    return Chat(
        row["id"], row["title"], tuple(json.loads(row["turns"])), row["created_at"], row["updated_at"]
    )


def _missing(chat_id: str) -> NotFound:
    return NotFound(
        "没有这个会话，或有几个会话以它开头", where=chat_id[:60], remedy="用 wenheng chat --list 查看会话"
    )
