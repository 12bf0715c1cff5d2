"""The endpoints that an administrator chose in the page (选用的接口), kept in the data folder.

In: ``endpoints.json`` of a data folder. Out: what is in it, and a new one in its place. It holds keys and a consent, so
it is believed only where no other user can read or write it; backups leave it out and a restore leaves it alone, since
an address belongs to the machine and not to the reports. All collections of a house share the file of the house.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from corpus.errors import InputError
from corpus.files import shown
from corpus.schema import translated
from corpus.swap import ENDPOINTS as NAME
from service.setting_values import Secret

Kind = Literal["chat", "embedding"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DIALECTS = ("none", "llama.cpp", "vllm")
LABELS: Mapping[Kind, str] = {"chat": "对话接口", "embedding": "向量接口"}
SENT: Mapping[Kind, str] = {
    "chat": "每次提问、总结、起草和对比时，问题与选出的证据句子",
    "embedding": "入库时全部报告段落、提问和检索时问题原文",
}
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Chosen:
    """One endpoint that was chosen.

    ``consent`` says that somebody agreed that text leaves this machine; ``by`` and ``at`` who chose it, and when (UTC,
    ISO 8601). Of ``grammar`` and the prompts, each kind uses its own.
    """

    kind: Kind
    url: str
    model: str
    key: Secret = field(default_factory=Secret)
    timeout: float = 120.0
    grammar: str = "none"
    query_prompt: str = ""
    passage_prompt: str = ""
    consent: bool = False
    by: str = ""
    at: str = ""

    def values(self) -> dict[str, Any]:
        """As fields of the settings."""
        own = ("grammar",) if self.kind == "chat" else ("query_prompt", "passage_prompt")
        return {
            f"{self.kind}_{name}": getattr(self, name) for name in ("url", "model", "key", "timeout", *own)
        }


def of_house(home: Path) -> Path:
    """The file for a data folder; that of a collection is its house's."""
    above = home.parent.parent
    inside = home.parent.name == "collections" and (above / "library.db").is_file()
    return (above if inside else home) / NAME


def read(home: Path) -> tuple[Chosen, ...]:
    """What was chosen for a data folder; nothing where there is no file.

    Raises:
        InputError: others than this user could have written it, or could read the keys; or it is damaged.
    """
    path = of_house(home)
    if not path.exists():
        return ()
    with translated(path):
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, encoding="utf-8", errors="replace") as file:
            told = os.fstat(handle)
            text = file.read(1 << 16)
    if stat.S_IMODE(told.st_mode) & 0o077 or told.st_uid != os.geteuid():
        raise InputError(
            "选用的接口不可信：这个文件别的用户能读写，或不属于本用户",
            where=shown(path),
            remedy="请核对内容后用 chmod 600 收回权限，或删除它，在设置页重新选用",
        )
    try:
        row = json.loads(text)
        if row["version"] != _VERSION:
            raise ValueError("version")
        return tuple(_chosen(kind, row["endpoints"][kind]) for kind in KINDS if kind in row["endpoints"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "选用的接口读不出来", where=shown(path), remedy="请删除这个文件，在设置页重新选用"
        ) from error


def _chosen(kind: Kind, row: Mapping[str, Any]) -> Chosen:
    texts = ("url", "model", "grammar", "query_prompt", "passage_prompt", "by", "at")
    if row["grammar"] not in DIALECTS or not row["url"].startswith(("http://", "https://")):
        raise ValueError(kind)
    return Chosen(
        kind=kind,
        key=Secret(str(row["key"])),
        timeout=float(row["timeout"]),
        consent=row["consent"] is True,
        **{name: str(row[name]) for name in texts},
    )


def write(home: Path, found: Sequence[Chosen]) -> None:
    """Put these in place of what was chosen before, none for no file at all; nobody else may read it.

    Raises:
        LibraryError: it cannot be written; StorageFull: no space left.
    """
    path = of_house(home)
    if not found:
        with translated(path):
            path.unlink(missing_ok=True)
        return
    rows = {one.kind: _row(one) for one in found}
    partial = path.with_name(f".{NAME}.{os.getpid()}")
    with translated(path):
        try:
            handle = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                os.fchmod(handle, 0o600)
                json.dump({"version": _VERSION, "endpoints": rows}, file, ensure_ascii=False)
                file.flush()
                os.fsync(handle)
            partial.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                partial.unlink()


def _row(one: Chosen) -> dict[str, Any]:
    names = [name for name in cast(Any, Chosen).__slots__ if name not in ("kind", "key")]
    return {name: getattr(one, name) for name in names} | {"key": one.key.reveal()}
