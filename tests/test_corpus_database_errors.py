"""Errors of databases and of the file system: each room has its own words, and every message a remedy."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from corpus import schema
from corpus.errors import LibraryBusy, LibraryError, StorageFull, WenhengError
from service.accounts import database as accounts

WHERE = Path("文件夹")
CASES = (
    (sqlite3.OperationalError("database or disk is full"), StorageFull, "磁盘空间不足"),
    (sqlite3.OperationalError("database is locked"), LibraryBusy, "正在写入{}"),
    (sqlite3.DatabaseError("database disk image is malformed"), LibraryError, "{}文件已损坏"),
    (sqlite3.OperationalError("attempt to write a readonly database"), LibraryError, "没有写入权限"),
    (sqlite3.OperationalError("something new"), LibraryError, "{}读写失败（something new）"),
    (OSError(errno.ENOSPC, "No space left on device"), StorageFull, "磁盘空间不足"),
    (OSError(errno.EACCES, "Permission denied"), LibraryError, "没有权限"),
    (OSError(errno.EIO, "Input/output error"), LibraryError, "Input/output error"),
)


@pytest.mark.parametrize(
    ("name", "translated"), [("资料库", schema.translated), ("账户库", accounts.translated)]
)
@pytest.mark.parametrize(("error", "kind", "says"), CASES)
def test_foreign_errors_become_ours(
    name: str, translated: object, error: Exception, kind: type[WenhengError], says: str
) -> None:
    with pytest.raises(kind) as raised, translated(WHERE):  # type: ignore[operator]
        raise error
    assert type(raised.value) is kind and says.format(name) in raised.value.message
    assert raised.value.where == str(WHERE) and raised.value.remedy.startswith(("请", "已", "可"))
    assert raised.value.__cause__ is error


def test_rooms_help_in_their_own_way() -> None:
    damaged = sqlite3.DatabaseError("file is not a database")
    said = []
    for translated in (schema.translated, accounts.translated):
        with pytest.raises(LibraryError) as raised, translated(WHERE):
            raise damaged
        said.append(raised.value.remedy)
    assert "重新导入" in said[0] and "wenheng users add" in said[1]


def test_errors_of_ours_pass() -> None:
    with pytest.raises(StorageFull, match="满了"), schema.translated(WHERE):
        raise StorageFull("满了")
