"""Bytes that a client saves as a file (下载): always as a download, never shown in a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Response

TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".yaml": "application/yaml",
}


def download(data: bytes, name: str) -> Response:
    """The bytes under a name, which may be Chinese."""
    suffix = name[name.rfind(".") :]
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=TYPES[suffix], headers=headers)


def documented(*suffixes: str) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of such an answer."""
    binary, plain = {"type": "string", "format": "binary"}, {"type": "object"}
    content = {
        TYPES[suffix].partition(";")[0]: {"schema": plain if suffix in (".json", ".yaml") else binary}
        for suffix in suffixes
    }
    return {200: {"description": "The file", "content": content}}
