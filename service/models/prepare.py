"""Settings in, the state of both models out, fetching them first if wanted: ``wenheng models``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from corpus.errors import ModelError, StorageFull
from service.models import store
from service.models.catalog import CHAT, EMBEDDING
from service.models.progress import bars
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelState:
    """One row of ``wenheng models``; ``state`` is one Chinese sentence."""

    role: str
    name: str
    source: str
    state: str
    ready: bool


def prepare(
    settings: Settings, *, fetch: bool = True, console: Console | None = None
) -> tuple[ModelState, ...]:
    """Fetch what is missing (with bars on ``console``) and tell how each model stands.

    Nothing is raised for a model that cannot be had: its row says why, and ``ready`` is False.
    """
    with bars(console) if fetch else nullcontext(store.silent) as progress:
        return (
            _row("语言模型", CHAT.name, settings.chat_source, settings.chat_url, settings.chat_model,
                 lambda: store.chat_model(
                     settings.chat_source, settings.models_dir, progress=progress,
                     sha256=settings.chat_sha256, endpoint=settings.hub_endpoint, fetch=fetch)),
            _row("向量模型", EMBEDDING.name, settings.embedding_source, settings.embedding_url,
                 settings.embedding_model,
                 lambda: store.embedding_model(
                     settings.embedding_source, settings.models_dir, progress=progress,
                     endpoint=settings.hub_endpoint, fetch=fetch)),
        )  # fmt: skip


def _row(role: str, known: str, source: str, url: str, model: str, find: Callable[[], Path]) -> ModelState:
    if url:
        return ModelState(role, model, url, "使用接口，不需要本机模型", True)
    name = known if source == "pypi" else Path(source).name
    try:
        path = find()
    except (ModelError, StorageFull) as error:
        return ModelState(role, name, source, str(error), False)
    size = (
        sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
        if path.is_dir()
        else path.stat().st_size
    )
    return ModelState(role, name, source, f"就绪，{size / 2**20:.0f} MB", True)
