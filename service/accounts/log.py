"""The log of what was done (审计日志): who asked, uploaded, exported, deleted, signed in.

In: an action of a caller. Out: rows, newest first, a page at a time or as a table for Excel. It holds no text of a
question or report: a question is told by its length and by a fingerprint that only this house can compute, so that the
same question is recognised and none can be guessed from the log.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import re
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from corpus.database import Database, now
from corpus.errors import InputError
from corpus.privacy import mask_plain
from service.accounts.caller import Caller, Role

ACTIONS = {
    "ask": "提问", "search": "检索", "upload": "上传", "edit": "修改", "delete": "删除", "restore": "恢复",
    "export": "导出", "draft": "起草", "memo": "对比", "summary": "总结", "audit": "审核", "cancel": "取消",
    "sign-in": "登录", "sign-in-failed": "登录失败", "sign-out": "退出", "password": "改口令",
    "person": "用户", "role": "角色", "key": "密钥", "key-revoked": "停用密钥", "collection": "资料库",
    "grant": "授权", "settings": "设置", "backup": "备份", "log": "查看日志",
}  # fmt: skip
VIAS = {"local": "本机", "session": "网页", "key": "密钥", "terminal": "命令行"}
LONGEST = 200  # characters of target and detail
_PAGE = 100
_RISKY = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")
COLUMNS = ("时间(UTC)", "用户", "方式", "动作", "资料库", "对象", "说明")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row; ``at`` is UTC, ISO 8601."""

    number: int
    at: str
    person_id: str
    name: str
    via: str
    action: str
    collection: str
    target: str
    detail: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; "" means any. ``since`` and ``until`` are days or times as in ``at``, ``until`` not included."""

    action: str = ""
    person_id: str = ""
    collection: str = ""
    since: str = ""
    until: str = ""


ANY = Wanted()


class Log:
    """The log of a house."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self, caller: Caller | None, action: str, collection: str = "", target: str = "", detail: str = ""
    ) -> None:
        """Add a row.

        Args:
            caller: who did it; None where nobody is known (a failed sign-in).
            action: one of :data:`ACTIONS`.
            collection: where, "" for what concerns the house.
            target: the id of what it was done to, never a text.
            detail: numbers and names of kinds; personal data is masked.
        """
        if action not in ACTIONS:
            raise ValueError(action)
        who = (caller.id, caller.name, caller.via) if caller else ("", "", "")
        row = (now(), *who, action, collection, *(mask_plain(text)[:LONGEST] for text in (target, detail)))
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO log (at, person_id, name, via, action, collection, target, detail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def asked(self, caller: Caller, collection: str, question: str, action: str = "ask") -> None:
        """A question or a search, without its text."""
        self.write(caller, action, collection, self.fingerprint(question), f"{len(question)}字")

    def fingerprint(self, text: str) -> str:
        """Twelve characters that tell the same text again, of no use outside this house."""
        return hmac.new(self._secret(), text.encode("utf-8"), hashlib.sha256).hexdigest()[:12]

    def page(
        self, caller: Caller, wanted: Wanted = ANY, before: int | None = None, most: int = _PAGE
    ) -> tuple[Entry, ...]:
        """Rows that the caller may see (an administrator's: all, or those of their collections), newest first.

        Args:
            caller: who looks.
            wanted: which rows.
            most: how many at most.
            before: only rows with a smaller number, to go on from the last page.
        """
        condition, values = _condition(caller, wanted)
        rows = self._database.rows(
            f"SELECT * FROM log WHERE {condition} AND number < ? ORDER BY number DESC LIMIT ?",
            (*values, before if before is not None else 1 << 62, most),
        )
        return tuple(map(_entry, rows))

    def csv(self, caller: Caller, wanted: Wanted = ANY) -> Iterator[str]:
        """The rows as lines of a table for Excel, in which no cell runs as a formula."""
        _condition(caller, wanted)  # a wrong filter is told before the first line
        yield "\ufeff" + _line(COLUMNS)
        before: int | None = None
        while rows := self.page(caller, wanted, before, 1000):
            for one in rows:
                yield _line(
                    (
                        one.at,
                        one.name,
                        VIAS.get(one.via, one.via),
                        ACTIONS.get(one.action, one.action),
                        one.collection,
                        one.target,
                        one.detail,
                    )
                )
            before = rows[-1].number

    def prune(self, days: int) -> int:
        """Forget what is older; how many rows."""
        oldest = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM log WHERE at < ?", (oldest,)).rowcount

    def _secret(self) -> bytes:
        row = self._database.row("SELECT value FROM secrets WHERE name = 'log'")
        if row is None:
            with self._database.writing() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO secrets VALUES ('log', ?)", (secrets.token_hex(32),)
                )
            row = self._database.row("SELECT value FROM secrets WHERE name = 'log'")
        assert row is not None
        return bytes.fromhex(row["value"])


def _condition(caller: Caller, wanted: Wanted) -> tuple[str, tuple[object, ...]]:
    parts, values = ["1"], list[object]()
    if not caller.administers:
        own = [name for name, role in caller.grants.items() if role >= Role.ADMINISTRATOR]
        parts.append(f"collection IN ({', '.join('?' * len(own))})")
        values += own
    for column, value in (
        ("action = ?", wanted.action),
        ("person_id = ?", wanted.person_id),
        ("collection = ?", wanted.collection),
        ("at >= ?", _moment(wanted.since)),
        ("at < ?", _moment(wanted.until)),
    ):
        if value:
            parts.append(column)
            values.append(value)
    return " AND ".join(parts), tuple(values)


def _moment(text: str) -> str:
    """A day or a time as rows have it.

    Raises:
        InputError: it is neither.
    """
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text[:40]!r} 不是日期", remedy="请写成 2026-01-31 或 2026-01-31T08:00:00"
        ) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:
        raise InputError(f"{text[:40]!r} 超出了日期的范围", remedy="请写成 2026-01-31") from None


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__slots__})


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if _RISKY.match(cell) else cell for cell in cells])
    return line.getvalue()
