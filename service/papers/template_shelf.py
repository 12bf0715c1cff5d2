"""The templates of a collection (模板库): checked when they come in, chosen by name when a draft goes out.

In: a .docx and the name that its sender gave it. Out: the same template later, under its name or id. They lie in the data
folder of the collection, so that no other one has them, and every backup does. A template under a name that is taken
replaces the one before. What is removed, or replaced, can be brought back until the time to keep removed things ends
or its room is needed.

    templates/ID.docx    the bytes
    templates/ID.json    name, placeholders, when it came, when it was removed
    templates/last.json  which one each person used last
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.database import now
from corpus.errors import Conflict, InputError, NotFound
from corpus.schema import translated
from service.papers.files_out import write
from service.papers.presenting import clean

if TYPE_CHECKING:
    from service.papers.template_form import Form

SUFFIX = ".docx"
FOLDER = "templates"
LAST = "last.json"
MOST = 50  # templates of a collection
MOST_BYTES = 200 << 20  # of all of them, removed ones too
LONGEST_NAME = 60
_ID = re.compile(r"[0-9a-f]{12}")
_ONE = threading.RLock()  # writers of one process; a data folder has one service


@dataclass(frozen=True, slots=True)
class Kept:
    """A template that is kept; ``names`` are its placeholders, ``size`` counts bytes, times are UTC, ISO 8601."""

    id: str
    name: str
    size: int
    names: tuple[str, ...]
    added_at: str
    removed_at: str = ""


class Shelf:
    """The templates of one data folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    # -- looking --------------------------------------------------------------------------------

    def list(self, *, removed: bool = False) -> tuple[Kept, ...]:
        """All of them by name; with ``removed`` those that can be brought back, the last removed first."""
        found = [one for one in self._every() if bool(one.removed_at) is removed]
        if removed:
            return tuple(sorted(found, key=lambda one: (one.removed_at, one.id), reverse=True))
        return tuple(sorted(found, key=lambda one: (one.name, one.id)))

    def find(self, called: str) -> Kept:
        """The template of a name or an id.

        Raises:
            NotFound: there is none here.
        """
        wanted = called.removesuffix(SUFFIX)
        for one in self.list():
            if called == one.id or wanted == one.name:
                return one
        raise _missing(called)

    def form(self, called: str) -> Form:
        """The same, ready to be filled; it is checked anew, like a file from the outside.

        Raises:
            NotFound: there is none here.
            UnreadableFile: its file is damaged.
        """
        one = self.find(called)
        return _checked(self._path(one.id, SUFFIX), f"{one.name}{SUFFIX}")

    # -- changing -------------------------------------------------------------------------------

    def add(self, path: Path, name: str) -> Kept:
        """Take a template in, in place of the one that had its name.

        Args:
            path: where its bytes lie.
            name: its file name as the sender gives it.

        Raises:
            UnreadableFile, InputError: it cannot be used as a template.
            StorageFull: no space is left.
        """
        form = _checked(path, name)
        called = clean(name)[: -len(SUFFIX)].strip(" .")[:LONGEST_NAME] or "模板"
        ident = hashlib.sha256(called.encode() + b"\0" + form.data).hexdigest()[:12]
        made = Kept(ident, called, len(form.data), tuple(sorted(form.names)), now())
        with _ONE, translated(self._folder):
            before = [one for one in self.list() if one.name == called and one.id != ident]
            self._make_room(made, len(before))
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write(self._path(ident, SUFFIX), form.data, (SUFFIX,), force=True)
            for one in before:
                self._note(replace(one, removed_at=now()))
            self._note(made)
        return made

    def remove(self, called: str) -> Kept:
        """Take a template away; it can be brought back for a while.

        Raises:
            NotFound: there is none here.
        """
        with _ONE, translated(self._folder):
            gone = replace(self.find(called), removed_at=now())
            self._note(gone)
        return gone

    def restore(self, ident: str) -> Kept:
        """Bring a removed template back.

        Raises:
            NotFound: there is no removed one of this id.
            Conflict: another one has its name by now, or there are too many.
        """
        with _ONE, translated(self._folder):
            found = next((one for one in self.list(removed=True) if one.id == ident), None)
            if found is None:
                raise _missing(ident)
            there = self.list()
            if any(one.name == found.name for one in there):
                raise Conflict("已有同名的模板", where=found.name, remedy="请先删除现有的那个，再恢复")
            if len(there) >= MOST:
                raise Conflict(f"模板已有{MOST}个", remedy="请先删除不用的，再恢复")
            back = replace(found, removed_at="")
            self._note(back)
        return back

    def forget_before(self, moment: str) -> int:
        """Delete for ever what was removed before a time (UTC, ISO 8601); how many."""
        old = [one for one in self.list(removed=True) if one.removed_at < moment]
        with _ONE, translated(self._folder):
            for one in old:
                self._forget(one)
        return len(old)

    # -- the last one ---------------------------------------------------------------------------

    def last(self, person: str) -> Kept | None:
        """What a person used last, if it is still there."""
        ident = self._lasts().get(_known_as(person), "")
        return next((one for one in self.list() if one.id == ident), None)

    def use(self, person: str, ident: str) -> None:
        """Remember what a person used; "" for none."""
        with _ONE, translated(self._folder):
            lasts = self._lasts()
            if lasts.get(_known_as(person), "") == ident:
                return
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            told = {**lasts, _known_as(person): ident}
            kept = {key: value for key, value in told.items() if value}
            write(self._folder / LAST, json.dumps(kept).encode(), (".json",), force=True)

    def _lasts(self) -> Mapping[str, str]:
        try:
            found = json.loads((self._folder / LAST).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    # -- files ----------------------------------------------------------------------------------

    def _every(self) -> Iterator[Kept]:
        """What has a note and its bytes; a template that a kill left half taken in has no note."""
        for path in self._folder.glob("*.json"):
            if _ID.fullmatch(path.stem) and path.with_suffix(SUFFIX).is_file():
                try:
                    row: dict[str, Any] = json.loads(path.read_text("utf-8"))
                    yield Kept(**{**row, "names": tuple(row["names"])})
                except (OSError, ValueError, TypeError, KeyError):
                    continue

    def _make_room(self, made: Kept, replaced: int) -> None:
        """Refuse what is too much; what was removed long ago goes for it."""
        there = [one for one in self.list() if one.id != made.id]
        if len(there) - replaced >= MOST:
            raise InputError(f"模板已有{MOST}个，没有保存", where=made.name, remedy="请先删除不用的，再上传")
        room = MOST_BYTES - made.size - sum(one.size for one in there)
        if room < 0:
            raise InputError(
                f"模板合计超过{MOST_BYTES >> 20}MB，没有保存",
                where=made.name,
                remedy="请先删除不用的，或去掉模板里的图片",
            )
        for number, one in enumerate(one for one in self.list(removed=True) if one.id != made.id):
            room -= one.size
            if room < 0 or number >= MOST:
                self._forget(one)

    def _note(self, one: Kept) -> None:
        data = json.dumps(asdict(one), ensure_ascii=False).encode("utf-8", "replace")
        write(self._path(one.id, ".json"), data, (".json",), force=True)

    def _forget(self, one: Kept) -> None:
        for suffix in (".json", SUFFIX):  # without its note it is none
            self._path(one.id, suffix).unlink(missing_ok=True)

    def _path(self, ident: str, suffix: str) -> Path:
        return self._folder / f"{ident}{suffix}"


def _checked(path: Path, name: str) -> Form:
    from service.papers.template_form import load  # python-docx is slow to load

    return load(path, name)


def _known_as(person: str) -> str:
    return hashlib.sha256(person.encode()).hexdigest()[:16]


def _missing(called: str) -> NotFound:
    return NotFound("没有这个模板", where=called[:LONGEST_NAME], remedy="请从模板列表中选择，或重新上传")
