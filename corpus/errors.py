"""Every error that Wenheng raises on purpose, in one tree.

WenhengError
├── InputError            the user's file, question or argument cannot be used
│   ├── UnreadableFile    a file is empty, broken, encrypted, too large, of a wrong kind …
│   ├── BadQuestion       an empty or over-long question
│   ├── NotFound          an id, a place or a folder that does not exist
│   ├── BadTable          an alias table, a correction or a workbook that does not fit
│   ├── BrokenBackup      a backup that is damaged, unsafe, foreign or of a newer program
│   ├── SignInNeeded      nobody is signed in, or the session or key is no longer valid
│   ├── Forbidden         known, but the role does not reach that far
│   ├── Conflict          what is there already stands against it: a name that is taken, the last administrator
│   ├── TooLarge          a request or an upload over the limit
│   ├── TooSlow           a request that does not come in time
│   └── TooMany           too often: ``wait`` says for how many seconds
├── LibraryError          the data folder: locked, full, damaged, of a newer version
│   ├── LibraryBusy       another process is writing
│   ├── IndexAway         the Chroma server that holds the vectors cannot be asked
│   └── StorageFull       no space left
├── ModelError            weights and engines
│   ├── ModelMissing      not fetched yet, no network
│   ├── ModelCorrupt      wrong size or hash
│   └── EngineFailed      the local server does not start or died
├── EndpointError         a remote endpoint: timeout, nonsense, cut in mid-stream
└── Unsourced             a document holds a numeral that leads to no source: it is not exported
Interrupted               the user pressed Ctrl-C; not an error of the data

Each message is one Chinese sentence for the user: what happened, to what (``where``), and the
remedy (``remedy``). Foreign errors are translated once, at the edge, with ``raise … from``.
"""

from __future__ import annotations


class WenhengError(Exception):
    """Base of all expected errors.

    Args:
        message: what happened, in Chinese, naming the offending value.
        where: the file, id, URL or place in the text that it concerns.
        remedy: what the user can do next, in Chinese.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.where}：{self.message}" if self.where else self.message
        return f"{head}。{self.remedy}" if self.remedy else head


class InputError(WenhengError):
    """What the user handed in cannot be used."""

    exit_code = 2


class UnreadableFile(InputError):
    """A file is empty, broken, encrypted, too large, or of a kind that is not read."""


class BadQuestion(InputError):
    """An empty or over-long question."""


class NotFound(InputError):
    """An id, place, path or session that does not exist."""


class BadTable(InputError):
    """An alias table, a correction or a workbook that contradicts itself or has wrong columns."""


class BrokenBackup(InputError):
    """A backup file that is damaged, unsafe, foreign or of a newer program."""


class SignInNeeded(InputError):
    """Nobody is signed in, or the session or key is no longer valid."""


class Forbidden(InputError):
    """The caller is known, but their role does not reach that far."""


class Conflict(InputError):
    """What is there already stands against it."""


class TooLarge(InputError):
    """A request or an upload over the limit."""


class TooSlow(InputError):
    """The client did not send its request in time."""


class TooMany(InputError):
    """Too often.

    Args:
        wait: seconds after which it is worth trying again.
    """

    def __init__(self, message: str, *, where: str = "", remedy: str = "", wait: float = 1.0) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.wait = wait


class LibraryError(WenhengError):
    """The data folder cannot be used as it is."""

    exit_code = 3


class LibraryBusy(LibraryError):
    """Another process is writing to the same data folder."""


class IndexAway(LibraryError):
    """The Chroma server that holds the vectors does not answer, or not as Chroma does."""


class StorageFull(LibraryError):
    """No space left on the device that holds the data folder."""


class ModelError(WenhengError):
    """Weights or the local engine."""

    exit_code = 4


class ModelMissing(ModelError):
    """The weights have not been fetched and cannot be fetched now."""


class ModelCorrupt(ModelError):
    """A weights file has the wrong size or hash."""


class EngineFailed(ModelError):
    """The local model server does not start, or died and could not be restarted."""


class EndpointError(WenhengError):
    """A remote endpoint timed out, answered nonsense, or stopped in mid-stream."""

    exit_code = 5


class Unsourced(WenhengError):
    """A document holds a numeral that leads to no source; it must not leave the house."""
