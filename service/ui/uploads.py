"""The name of an uploaded file, as far as it may be kept (文件名).

In: a name as a browser sends it. Out: a name without folders, control characters and tricks, with its own suffix.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

LONGEST = 80  # characters before the suffix
_ODD = re.compile(r'[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]+')


def kept_name(name: str) -> str:
    """The last part of a name, harmless as a file of a folder of our own."""
    last = _ODD.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    path = PurePosixPath(last or "文件")
    suffix = path.suffix if len(path.suffix) <= 6 else ""
    stem = path.name.removesuffix(suffix).strip(" .")[:LONGEST] or "文件"
    return f"{stem}{suffix}"
