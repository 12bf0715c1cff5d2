"""The one file that a backup is: a zip with a manifest that names every member by size and SHA-256 (备份文件).

In: such a file, from wherever it comes. Out: its manifest, and its members one by one, each checked while it is read.
Nothing in it is trusted: names must stay inside the folder that they are unpacked to, sizes are those of the manifest and
no byte more, and what the manifest does not name is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import BrokenBackup
from corpus.files import shown

MANIFEST = "manifest.json"
FORMAT = 1  # of this file; a newer one is refused
MOST_MEMBERS = 500_000
MOST_MANIFEST = 128 << 20
PIECE = 1 << 20
LONGEST_NAME = 400

Tick = Callable[[int, int], None]  # bytes done, bytes in all

_PART = re.compile(r"[^\x00-\x1f\x7f/\\:]{1,200}")
_REMEDY = "请换一份备份；不要改动备份文件"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the data folder; ``size`` in bytes."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``databases`` is version by name; ``missing`` are originals that were lost before."""

    made_at: str
    program: str
    members: Mapping[str, Member]
    databases: Mapping[str, int]
    reports: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    vectors: bool = False
    format: int = FORMAT

    @property
    def size(self) -> int:
        """Bytes of all members."""
        return sum(member.size for member in self.members.values())

    def to_json(self) -> str:
        """As it stands in the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def broken(path: Path, what: str, remedy: str = _REMEDY) -> BrokenBackup:
    """The error for a file that cannot be restored from."""
    return BrokenBackup(what, where=shown(path), remedy=remedy)


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup and read its manifest.

    Raises:
        BrokenBackup: it is no backup, damaged, unsafe, or of a newer program.
    """
    with _telling(path):
        archive = zipfile.ZipFile(path)
    with archive:
        with _telling(path):
            made = _manifest(path, archive)
        yield archive, made


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """What goes wrong while a backup is read, as our error."""
    try:
        yield
    except FileNotFoundError as error:
        raise broken(path, "没有这个备份文件", "请检查路径") from error
    except OSError as error:
        raise broken(
            path, f"读不出来（{error.strerror or type(error).__name__}）", "请检查文件和磁盘"
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise broken(path, "不是完整的备份文件") from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(names) > MOST_MEMBERS or len(set(names)) != len(names):
        raise broken(path, "备份中的文件过多，或有重名")
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise broken(path, "不是文衡的备份文件，其中没有清单", "请选择用 wenheng backup 得到的文件")
    try:
        row = json.loads(archive.read(MANIFEST))
        made = _parsed(path, row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise broken(path, "备份的清单已损坏") from error
    _compare(path, made, {info.filename: info.file_size for info in infos if info.filename != MANIFEST})
    return made


def _parsed(path: Path, row: dict[str, Any]) -> Manifest:
    version = int(row["format"])
    if version > FORMAT:
        raise broken(
            path, f"备份的格式是第 {version} 版，本程序只认识到第 {FORMAT} 版", "请先升级文衡，再恢复"
        )
    return Manifest(
        made_at=str(row["made_at"]),
        program=str(row["program"]),
        members={str(name): Member(int(m["size"]), str(m["sha256"])) for name, m in row["members"].items()},
        databases={str(name): int(number) for name, number in row["databases"].items()},
        reports={str(name): int(number) for name, number in row["reports"].items()},
        missing=tuple(str(name) for name in row["missing"]),
        vectors=bool(row["vectors"]),
        format=version,
    )


def _compare(path: Path, made: Manifest, there: Mapping[str, int]) -> None:
    """Names and sizes of the file against its manifest, before a byte is unpacked."""
    for name in made.members:
        if not inside(name):
            raise broken(
                path, f"备份中有一个文件的名称不安全（{name[:80]!r}），没有恢复", "请不要使用来历不明的备份"
            )
    if set(there) != set(made.members):
        raise broken(path, "备份中的文件与清单不一致")
    if any(there[name] != member.size or member.size < 0 for name, member in made.members.items()):
        raise broken(path, "备份中有文件的大小与清单不一致")


def inside(name: str) -> bool:
    """Whether a member's name stays inside the folder that it is unpacked to, on every system."""
    parts = name.split("/")
    return len(name) <= LONGEST_NAME and all(
        _PART.fullmatch(part) and part not in (".", "..") and part == part.strip(" ") for part in parts
    )


def pieces(path: Path, archive: zipfile.ZipFile, name: str, member: Member) -> Iterator[bytes]:
    """The bytes of a member; never more than the manifest says.

    Raises:
        BrokenBackup: at the end, when they are not those of the manifest.
    """
    digest, size = hashlib.sha256(), 0
    with _telling(path):
        source = archive.open(name)
    with source:
        while True:
            with _telling(path):
                piece = source.read(PIECE)
            size += len(piece)
            if not piece or size > member.size:
                break
            digest.update(piece)
            yield piece
    if size != member.size or digest.hexdigest() != member.sha256:
        raise broken(path, f"备份中的 {name} 已损坏")


def verify(path: Path, tick: Tick) -> Manifest:
    """Read a backup whole and compare every byte with its manifest.

    Raises:
        BrokenBackup: it cannot be restored from.
    """
    done = 0
    with opened(path) as (archive, made):
        for name, member in made.members.items():
            for piece in pieces(path, archive, name, member):
                done += len(piece)
                tick(done, made.size)
    return made
