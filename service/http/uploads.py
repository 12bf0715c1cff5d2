"""Files of a multipart request straight to the disk (上传).

In: the stream of a request. Out: files under numbers in a folder of ours, the names that the sender gave them as mere
text, hashes, and the other fields. A name is never part of a path. What is over a bound ends the request at once, and
nothing of it is left.
"""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from corpus.errors import InputError, TooLarge
from corpus.schema import translated

FIELD_BYTES = 64 << 10
MOST_FIELDS = 50
LONGEST_NAME = 80  # characters: in UTF-8 still short enough for every file system
_FORBIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one request may bring: files, and bytes of each."""

    files: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file: its path (a number), the sender's name for it, size in bytes, SHA-256 in hex, the field it came in."""

    path: Path
    name: str
    size: int
    sha256: str
    field: str = "files"


@dataclass(frozen=True, slots=True)
class Received:
    """What a request brought."""

    files: tuple[Upload, ...]
    fields: dict[str, str]


def safe_name(name: str, number: int) -> str:
    """A file name to be shown and stored as text: no folders, no control characters, not too long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in last if unicodedata.category(c) not in _FORBIDDEN).strip().lstrip(".~$ ")
    if len(clean) > LONGEST_NAME:
        stem, dot, suffix = clean.rpartition(".")
        clean = f"{stem[: LONGEST_NAME - 8]}{dot}{suffix[:7]}" if stem else clean[:LONGEST_NAME]
    return clean or f"文件{number}"


async def receive(request: Request, folder: Path, bounds: Bounds) -> Received:
    """Take in the files of a request.

    Args:
        request: a multipart form.
        folder: made for the files; gone again where the request fails.
        bounds: what is allowed.

    Raises:
        InputError: it is no multipart form, or is cut off.
        TooLarge: too many files, or one that is too large.
        StorageFull: no space left.
    """
    form = _Form(folder, bounds, _boundary(request))
    done = False
    try:
        with translated(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            async for piece in request.stream():
                form.write(piece)
            received = form.end()
        done = True
        return received
    finally:
        form.close()
        if not done:
            shutil.rmtree(folder, ignore_errors=True)


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
        raise InputError(
            "上传的请求不是表单",
            where="Content-Type",
            remedy="请用 multipart/form-data，每个文件放在 files 字段",
        )
    return boundary


@dataclass(slots=True)
class _Part:
    """The part that comes in just now."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    file: IO[bytes] | None = None
    path: Path = Path()
    size: int = 0
    digest: Any = None
    text: bytearray = field(default_factory=bytearray)


class _Form:
    """Puts the parts of a form where they belong, as they come."""

    def __init__(self, folder: Path, bounds: Bounds, boundary: bytes) -> None:
        self._folder, self._bounds = folder, bounds
        self._files: list[Upload] = []
        self._fields: dict[str, str] = {}
        self._part = _Part()
        self._header = [bytearray(), bytearray()]
        self._whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._opened,
                "on_part_data": self._data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def write(self, piece: bytes) -> None:
        """The next piece of the request."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _broken() from error

    def end(self) -> Received:
        """What came in."""
        if not self._whole:
            raise _broken()
        return Received(tuple(self._files), self._fields)

    def close(self) -> None:
        """Close what is open."""
        if self._part.file is not None:
            self._part.file.close()

    def _begin(self) -> None:
        self._part = _Part()

    def _header_end(self) -> None:
        name, value = self._header
        self._part.headers[bytes(name).lower()] = bytes(value)
        self._header = [bytearray(), bytearray()]

    def _opened(self) -> None:
        _, told = parse_options_header(self._part.headers.get(b"content-disposition", b""))
        self._part.name = told.get(b"name", b"").decode("utf-8", "replace")[:100]
        if b"filename" not in told:
            if len(self._fields) >= MOST_FIELDS:
                raise TooLarge(f"表单的字段超过{MOST_FIELDS}个", remedy="请减少字段")
            return
        if len(self._files) >= self._bounds.files:
            raise TooLarge(f"一次最多上传{self._bounds.files}个文件", remedy="请分几次上传")
        number = len(self._files) + 1
        self._part.filename = safe_name(told[b"filename"].decode("utf-8", "replace"), number)
        self._part.path = self._folder / f"{number:04}{_suffix(self._part.filename)}"
        self._part.file = self._part.path.open("xb")
        self._part.digest = hashlib.sha256()

    def _data(self, data: bytes, start: int, end: int) -> None:
        part, piece = self._part, data[start:end]
        part.size += len(piece)
        if part.file is None:
            if part.size > FIELD_BYTES:
                raise TooLarge("表单的字段太长", where=part.name, remedy="文件请放在 files 字段")
            part.text += piece
            return
        if part.size > self._bounds.file_bytes:
            raise TooLarge(
                f"文件超过{self._bounds.file_bytes >> 20}MB",
                where=part.filename or "",
                remedy="请拆分或压缩图片后重新上传",
            )
        part.digest.update(piece)
        part.file.write(piece)

    def _part_end(self) -> None:
        part = self._part
        if part.file is None:
            self._fields[part.name] = part.text.decode("utf-8", "replace")
            return
        part.file.close()
        assert part.filename is not None
        self._files.append(Upload(part.path, part.filename, part.size, part.digest.hexdigest(), part.name))

    def _end(self) -> None:
        self._whole = True


def _suffix(name: str) -> str:
    """The suffix for the file on the disk: one that is known, else none."""
    from corpus.readers import SUFFIXES
    from service.draft.input_files import SUFFIXES as TABLES
    from service.ledger.files import SUFFIXES as LEDGERS

    suffix = Path(name).suffix.lower()
    return suffix if suffix in {*SUFFIXES, *TABLES, *LEDGERS} else ".bin"


def _broken() -> InputError:
    return InputError("上传的请求不完整", remedy="请检查网络后重新上传")
