"""The text of one environment variable → its value, or a Chinese reason why it cannot be one.

In: text. Out: the value. Each function is the ``parse`` of a row of the table of settings and raises
ValueError with the reason. Keys are :class:`Secret`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit


class Secret:
    """A string that no log, traceback or table shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself; only for the request that needs it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__


TRUE, FALSE = ("1", "true", "yes", "on", "是", "开"), ("0", "false", "no", "off", "否", "关")


def text(value: str) -> str:
    """Any text, without the space around it."""
    return value.strip()


def path(value: str) -> Path:
    """A path, made absolute; ``~`` is the user's home."""
    if not value.strip():
        raise ValueError("不能为空")
    return Path(value.strip()).expanduser().absolute()


def flag(value: str) -> bool:
    """Yes or no, in digits, English or Chinese."""
    word = value.strip().lower()
    if word not in TRUE + FALSE:
        raise ValueError("应为 1 或 0")
    return word in TRUE


def url(value: str) -> str:
    """An http(s) address without a final slash, or nothing."""
    text = value.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if text and not good:
        raise ValueError("应为 http(s) 地址，如 http://127.0.0.1:8000/v1，且不含账号")
    return text


def traces(value: str) -> str:
    """``console``, or the address of a collector."""
    return "console" if value.strip().lower() == "console" else url(value)


def host(value: str) -> str:
    """A name or address to listen on, without brackets."""
    text = value.strip().strip("[]")
    if not text or set(text) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:_"):
        raise ValueError("应为主机名或地址，如 127.0.0.1 或 0.0.0.0")
    return text


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``."""

    def parse(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise ValueError("应为整数") from None
        if not low <= number <= high:
            raise ValueError(f"应在 {low} 到 {high} 之间")
        return number

    return parse


def seconds(value: str) -> float:
    """A time of more than 0 and at most 3,600 seconds."""
    try:
        number = float(value)
    except ValueError:
        raise ValueError("应为秒数") from None
    if not 0 < number <= 3600:
        raise ValueError("应在 0 到 3600 秒之间")
    return number


def one_of(*words: str) -> Callable[[str], str]:
    """One of ``words``, in lower case."""

    def parse(value: str) -> str:
        if value.strip().lower() not in words:
            raise ValueError(f"应为 {'、'.join(words)} 之一")
        return value.strip().lower()

    return parse


def source(value: str) -> str:
    """Where a model comes from: pypi, hub:owner/name, or a path."""
    text = value.strip()
    if text == "pypi":
        return text
    if text.startswith("hub:"):
        if not all(text.removeprefix("hub:").split("/")) or text.count("/") < 1:
            raise ValueError("应写成 hub:所有者/仓库")
        return text
    if "/" not in text and "\\" not in text:
        raise ValueError("应为 pypi、hub:所有者/仓库，或一个路径")
    return text


def names(value: str) -> tuple[str, ...]:
    """Names parted by commas, in lower case."""
    names = tuple(name.strip().lower() for name in value.replace("，", ",").split(",") if name.strip())
    for name in names:
        if set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789.-:_/"):
            raise ValueError("应为主机名或地址，用逗号分隔，不含 http:// 和端口")
    return names


def sha256(value: str) -> str:
    """64 hexadecimal digits, or nothing."""
    text = value.strip().lower()
    if text and (len(text) != 64 or set(text) - set("0123456789abcdef")):
        raise ValueError("应为 64 位十六进制数")
    return text
