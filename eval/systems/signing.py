"""What decides a system's output, as one plain object: a run of another signature is another run.

In: settings, prompts, a library. Out: model with its hash, prompt versions, hash of what the index holds, decoding,
hash of the code, ablations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import prompts
from corpus.library import Library
from corpus.report import Filter
from service.desk import Desk
from service.models.catalog import CHAT
from service.models.chat import SEED
from service.models.store import chat_model
from service.settings import Settings

CODE = ("corpus", "service", "prompts", "eval/systems")  # what can change an output
ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Changes with any file of code, data or prompts that can change an output."""
    digest = hashlib.sha256()
    files = (
        p for room in CODE for p in sorted((ROOT / room).rglob("*")) if p.suffix in (".py", ".md", ".txt")
    )
    for path in files:
        if "samples" not in path.parts:
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def library_hash(library: Library, embedder: str = "") -> str:
    """Hash of what can be found: passages, what the reports are known as, and what makes the vectors."""
    digest = hashlib.sha256(embedder.encode())
    for row in library.database.rows("SELECT report_id, key FROM passages ORDER BY report_id, ordinal"):
        digest.update(f"{row['report_id']} {row['key']}\n".encode())
    for card in library.cards(Filter(), merged=True):
        known = (card.id, card.title, card.place, card.year, card.period, card.genre.value, card.merged_into)
        digest.update(repr(known).encode())
    return digest.hexdigest()[:16]


def model_of(settings: Settings) -> tuple[str, str]:
    """Name and hash of the chat model; an endpoint does not tell a hash, so its address stands there."""
    if settings.chat_url:
        return settings.chat_name, settings.chat_url
    if settings.chat_source == "pypi":
        return settings.chat_name, CHAT.sha256[:16]
    return settings.chat_name, settings.chat_sha256[:16] or _file_hash(settings)


def _file_hash(settings: Settings) -> str:
    """Hash of a file of the user's own, which nobody has told."""
    path = chat_model(settings.chat_source, settings.models_dir, endpoint=settings.hub_endpoint)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def signature(
    desk: Desk | None,
    names: Sequence[str] = (),
    *,
    max_tokens: int = 0,
    grammar: bool = False,
    ablations: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """The signature of a system over ``desk``; without prompt ``names`` no model takes part."""
    model, model_hash = model_of(desk.settings) if desk and names else ("", "")
    return {
        "model": model,
        "model_hash": model_hash,
        "prompts": [prompts.load(name).signature for name in names],
        "index_hash": library_hash(desk.library, desk.embedder.name) if desk else "",
        "decoding": decoding(max_tokens, grammar=grammar) if names else {},
        "code": code_hash(),
        "ablations": list(ablations),
        **more,
    }


def decoding(max_tokens: int, *, grammar: bool = False) -> dict[str, Any]:
    """How text is written."""
    return {"temperature": 0, "seed": SEED, "max_tokens": max_tokens, "grammar": grammar}
