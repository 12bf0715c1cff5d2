"""Settings in, an embedder out: the encoder's folder on this machine, or an endpoint."""

from __future__ import annotations

from corpus.embedding import Embedder, EndpointEmbedder, FolderEmbedder
from service.models.store import Progress, embedding_model, silent
from service.settings import Settings


def open_embedder(settings: Settings, progress: Progress = silent) -> Embedder:
    """The embedder that the settings name; weights are fetched when absent, loaded when first used.

    Raises:
        ModelMissing, ModelCorrupt, StorageFull: see :mod:`service.models.store`.
    """
    if settings.embedding_url:
        guarded = None
        if settings.choice("embedding"):
            from service.models.address import Guarded

            guarded = Guarded(settings.embedding_url, settings.endpoints)
        return EndpointEmbedder(
            settings.embedding_url,
            settings.embedding_model,
            settings.embedding_key.reveal(),
            query_prompt=settings.embedding_query_prompt,
            passage_prompt=settings.embedding_passage_prompt,
            timeout=settings.embedding_timeout,
            transport=guarded,
        )
    folder = embedding_model(
        settings.embedding_source, settings.models_dir, progress=progress, endpoint=settings.hub_endpoint
    )
    return FolderEmbedder(folder, threads=settings.threads)
