"""What the service logs: JSON lines without personal data (运行日志).

In: events with fields, and what the rooms say through ``logging``. Out: ``logs/service.jsonl`` in the data folder, one
JSON object a line, turned over at 10 MB. Every string is masked and cut, fields that name a secret are hidden, and of an
error only its kind and its places in the code are kept: its message could hold text of a question or a report.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import secrets
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from corpus.privacy import mask_plain
from service.settings import Settings

FILE = "service.jsonl"
LOG_BYTES = 10 << 20
KEPT_FILES = 20
LONGEST = 400  # characters of one field
OURS = ("corpus", "service", "eval")
SERVER = ("uvicorn",)  # its access log is ours to write, without addresses and queries

request_id: ContextVar[str] = ContextVar("request_id", default="")

_SECRET_NAMES = re.compile(r"passw|secret|token|cookie|authoriz|(^|_)key$|csrf|session", re.IGNORECASE)
_SECRET_VALUES = re.compile(r"(?i)\b(bearer|basic)\s+\S+|\b[A-Za-z0-9_-]{32,}(?![A-Za-z0-9_-])")
_QUERY = re.compile(r"\?\S*")
_KNOWN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

_log = logging.getLogger("service.events")
_log.setLevel(
    logging.INFO
)  # an event that is worth its call is worth its line, whatever the level of the rest


def new_request(offered: str = "") -> str:
    """The id of a request: the one that a proxy gave, where it looks like one, else a new one."""
    return offered if _KNOWN_ID.fullmatch(offered) else secrets.token_hex(8)


def event(name: str, **fields: object) -> None:
    """Log that something happened; fields are numbers, names and ids, never the text of a question."""
    _log.info(name, extra={"fields": fields})


class JsonLines(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        row: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": clean(_message(record)),
        }
        if request_id.get():
            row["request"] = request_id.get()
        for name, value in getattr(record, "fields", {}).items():
            row[name] = hidden(name, value)
        if record.exc_info and record.exc_info[0] is not None:
            row["error"] = record.exc_info[0].__name__
            row["places"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-12:]
            ]
        return json.dumps(row, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """What was logged; a library's error may quote the address of a request with its query."""
    try:
        said = record.getMessage()
    except (TypeError, ValueError):
        said = str(record.msg)
    return said if record.name.startswith(OURS) else _QUERY.sub("?…", said)


def hidden(name: str, value: object) -> object:
    """A field as it may be logged."""
    if _SECRET_NAMES.search(name) and value:
        return "***"
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean(str(value))


def clean(text: str) -> str:
    """A text without personal data and keys, on one line, and not too long."""
    masked = _SECRET_VALUES.sub("***", mask_plain(text[: 4 * LONGEST]))
    flat = " ".join(masked.split())
    return flat if len(flat) <= LONGEST else flat[:LONGEST] + "…"


class ServiceLog(RotatingFileHandler):
    """The file, and the loggers that write to it while it is open. Close it, or use ``with``.

    A full disk must not stop the service: what cannot be written is left out.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            settings.log_dir / FILE, maxBytes=LOG_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
        )
        self.setFormatter(JsonLines())
        level = settings.log_level.upper()
        for name in (*OURS, *SERVER):
            logger = logging.getLogger(name)
            logger.addHandler(self)
            logger.setLevel(level)
        logging.getLogger("uvicorn").propagate = False

    def __enter__(self) -> ServiceLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, once for each record."""
        with contextlib.suppress(OSError, ValueError):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: what cannot be logged must not fill the terminal."""

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)  # never the data folder itself
            return os.fdopen(
                os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "a", encoding="utf-8"
            )
        except OSError:
            return Path(os.devnull).open("w", encoding="utf-8")

    def close(self) -> None:
        """Let go of the loggers and the file."""
        for name in (*OURS, *SERVER):
            logging.getLogger(name).removeHandler(self)
        super().close()

    def turn_over(self, before: datetime) -> None:
        """Begin a new file where the first line of this one is older than ``before``."""
        try:
            with Path(self.baseFilename).open(encoding="utf-8") as file:
                first = datetime.fromisoformat(json.loads(file.readline())["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return
        if first < before:
            with contextlib.suppress(OSError):
                self.acquire()
                try:
                    self.doRollover()
                finally:
                    self.release()


def turn_over(before: datetime) -> None:
    """Begin a new file of the log that is open, where its first line is older."""
    for handler in logging.getLogger(OURS[0]).handlers:
        if isinstance(handler, ServiceLog):
            handler.turn_over(before)
