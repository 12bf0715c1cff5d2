"""Keys (接口密钥): how programs come in, with at most what their maker may do.

In: a person, a role, the collections it is for, a last day. Out: a key that is shown once, and the :class:`Caller`
behind it later: the smaller of the key's role and the person's, in the collections of both. It never outlives either.
A key of an administrator may also be for the numbers of the service alone, and then opens nothing else.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from corpus.database import Database
from corpus.errors import Conflict, Forbidden, InputError, NotFound
from service.accounts.caller import METRICS, Caller, Role
from service.accounts.people import People
from service.accounts.tokens import fresh, hashed

KIND = "whk"
SHOWN = 10  # characters of a key by which its owner recognises it
MOST = 50  # keys of one person
_NOTED = 60  # seconds between two writes of "used"
_DAY = 86400


@dataclass(frozen=True, slots=True)
class Key:
    """One key; times in seconds since 1970, 0 for never.

    ``collections`` is None for all that the person has; ``only`` names the one thing that it opens, "" for none such.
    """

    id: str
    person_id: str
    name: str
    prefix: str
    role: Role
    collections: tuple[str, ...] | None
    created: int
    used: int
    ends: int
    revoked: int
    only: str = ""


class Keys:
    """The keys of a house."""

    def __init__(self, database: Database, people: People, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._people = people
        self._clock = clock

    def make(
        self,
        person_id: str,
        name: str,
        role: Role = Role.READER,
        collections: tuple[str, ...] | None = None,
        days: int | None = 365,
        *,
        only: str = "",
    ) -> tuple[str, Key]:
        """A new key, and the string that opens; it cannot be had again.

        Args:
            person_id: whose it is.
            name: what it is for.
            role: what it allows at most.
            collections: where; None for wherever the person may.
            days: how long it is good, None for as long as the person is.
            only: :data:`METRICS` for the numbers of the service and nothing else, whatever the role.

        Raises:
            InputError: it has no name, or would allow what the person may not.
            Forbidden: it is for the numbers of the service, and the person does not administer it.
        """
        collections = () if only else collections
        self._allowed(person_id, name, role, collections, only)
        token, at = fresh(KIND), int(self._clock())
        ends = 0 if days is None else at + days * _DAY
        made = Key(
            secrets.token_hex(6),
            person_id,
            name.strip(),
            token[:SHOWN],
            role,
            collections,
            at,
            0,
            ends,
            0,
            only,
        )
        scope = json.dumps(only or collections) if only or collections is not None else ""
        with self._database.writing() as connection:
            held = connection.execute(
                "SELECT count(*) FROM keys WHERE person_id = ? AND revoked = 0", (person_id,)
            ).fetchone()[0]
            if held >= MOST:
                raise Conflict(f"已有{MOST}个密钥", remedy="请先停用不再需要的密钥")
            connection.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0)",
                (hashed(token, KIND), made.id, person_id, made.name, made.prefix, role, scope, at, ends),
            )
        return token, made

    def _allowed(
        self, person_id: str, name: str, role: Role, collections: tuple[str, ...] | None, only: str
    ) -> None:
        if not 1 <= len(name.strip()) <= 60:
            raise InputError(
                "密钥要有名字", where="name", remedy="请写明给谁用，1 到 60 个字，例如：报表程序"
            )
        caller = self._people.caller(person_id, "key")
        if caller is None:
            raise NotFound("没有这个用户", where=person_id[:60], remedy="它可能已停用，请核对")
        if only:
            if only != METRICS:
                raise ValueError(only)
            if not caller.administers:
                raise Forbidden("只有管理员能建读运行指标的密钥", remedy="请让管理员来建")
            return
        if collections is None:
            return
        if not collections:
            raise InputError("没有指定资料库", where="collections", remedy="请至少写一个，或不写表示全部")
        for collection in collections:
            if caller.role(collection) is None:
                raise NotFound("没有这个资料库", where=collection[:60], remedy="请核对资料库的编号")
            if not caller.may(collection, role):
                raise InputError("密钥的权限不能高于本人", where=collection[:60], remedy="请选较低的角色")

    def caller(self, token: str | None) -> Caller | None:
        """Who holds this key; None for a wrong, empty, expired or revoked one, and for a disabled person."""
        digest, at = hashed(token, KIND), int(self._clock())
        row = digest and self._database.row("SELECT * FROM keys WHERE hash = ? AND revoked = 0", (digest,))
        if not row or (row["ends"] and at >= row["ends"]):
            return None
        person = self._people.caller(row["person_id"], "key")
        key = _key(row)
        if person is None or (key.only and not person.administers):
            return None
        if abs(at - row["used"]) >= _NOTED:
            with self._database.writing() as connection:
                connection.execute("UPDATE keys SET used = ? WHERE hash = ?", (at, digest))
        return _narrowed(person, key)

    def list(self, person_id: str | None = None) -> tuple[Key, ...]:
        """Keys of a person, or of everybody, newest first."""
        rows = self._database.rows(
            "SELECT * FROM keys WHERE ?1 IS NULL OR person_id = ?1 ORDER BY created DESC, id", (person_id,)
        )
        return tuple(map(_key, rows))

    def revoke(self, key_id: str, person_id: str | None = None) -> Key:
        """A key opens nothing any more.

        Args:
            key_id: which.
            person_id: whose key it must be; None for anybody's.

        Raises:
            NotFound: there is no such key of theirs.
        """
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT * FROM keys WHERE id = ?1 AND (?2 IS NULL OR person_id = ?2)", (key_id, person_id)
            ).fetchone()
            if row is None:
                raise NotFound("没有这个密钥", where=key_id[:60], remedy="请刷新列表后核对")
            if not row["revoked"]:
                connection.execute("UPDATE keys SET revoked = ? WHERE id = ?", (int(self._clock()), key_id))
        return next(key for key in self.list(row["person_id"]) if key.id == key_id)


def _key(row: sqlite3.Row) -> Key:
    scope = json.loads(row["scope"]) if row["scope"] else None
    only = scope if isinstance(scope, str) else ""
    collections = () if only else None if scope is None else tuple(scope)
    return Key(
        row["id"],
        row["person_id"],
        row["name"],
        row["prefix"],
        Role(row["role"]),
        collections,
        row["created"],
        row["used"],
        row["ends"],
        row["revoked"],
        only,
    )


def _narrowed(person: Caller, key: Key) -> Caller:
    """The person with no more than the key allows."""
    if key.only:
        return Caller(person.id, person.name, via="key", only=key.only)
    if key.collections is None:
        grants = {name: min(role, key.role) for name, role in person.grants.items()}
        everywhere = min(person.everywhere, key.role) if person.everywhere else None
        return Caller(person.id, person.name, MappingProxyType(grants), "key", everywhere)
    grants = {
        name: min(role, key.role) for name in key.collections if (role := person.role(name)) is not None
    }
    return Caller(person.id, person.name, MappingProxyType(grants), "key", None)
