"""Token ids in, pooled sentence vectors out: the transformer inside :class:`corpus.embedding.FolderEmbedder`.

BERT and XLM-RoBERTa folders run in ``PackedBert``, a forward pass of our own on plain torch. It is
here for two measured reasons: importing transformers' modelling code costs 3.5 s and 150 MB at every
start of the command line, and packing (the tokens of a batch stand end to end, without padding) is
faster than padding. Every other architecture goes through ``transformers.AutoModel``.
The maths follows Devlin et al. 2019 and the layout of ``transformers`` BertModel checkpoints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor

PACKED_TYPES = ("bert", "xlm-roberta")


class Encoder(Protocol):
    """Encodes a batch of token id lists into ``[n, hidden]`` float32, not normalised."""

    def __call__(self, batch: Sequence[Sequence[int]], threads: int) -> Tensor:
        """One row for each list of token ids, computed by ``threads`` threads."""
        ...


def load_encoder(folder: Path, pooling: str, dtype: str) -> Encoder:
    """The encoder of a Hugging Face folder.

    Args:
        folder: holds config.json and model.safetensors.
        pooling: "mean", "cls" or "lasttoken".
        dtype: "bfloat16" or "float32", the type that is computed in.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    kind = getattr(torch, dtype)
    single = folder / "model.safetensors"
    plain = (
        config.get("hidden_act") == "gelu" and config.get("position_embedding_type", "absolute") == "absolute"
    )
    if config.get("model_type") in PACKED_TYPES and plain and single.is_file():
        return PackedBert(single, config, pooling, kind)
    return AutoEncoder(folder, pooling, kind)


def _pool(states: Tensor, pooling: str) -> Tensor:
    if pooling == "cls":
        return states[0].float()
    if pooling == "lasttoken":
        return states[-1].float()
    return states.float().mean(0)


@contextmanager
def _fast_arithmetic(threads: int) -> Iterator[None]:
    """Inference mode with denormals flushed, which alone made gelu five times faster.

    Both settings are per thread; numpy and hypothesis complain when the flag stays set.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_flush_denormal(False)


class PackedBert:
    """BERT over packed batches: linear layers see all tokens at once, attention goes text by text."""

    def __init__(self, weights: Path, config: dict[str, Any], pooling: str, dtype: torch.dtype) -> None:
        self._heads = int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._pooling = pooling
        # RoBERTa numbers its positions from padding_idx + 1.
        self._first = int(config["pad_token_id"]) + 1 if config["model_type"] == "xlm-roberta" else 0
        self._dtype = dtype
        self._eps = float(config["layer_norm_eps"])
        with safe_open(weights, framework="pt") as file:
            names = file.keys()
            prefix = next(n for n in names if n.endswith("word_embeddings.weight")).split("embeddings.")[0]
            raw = {n.removeprefix(prefix): file.get_tensor(n) for n in names}
        # The table of words stays in the mapped file: only the rows that are read become memory.
        self._words = raw.pop("embeddings.word_embeddings.weight")
        self._w = {n: t.to(dtype) for n, t in raw.items() if t.is_floating_point()}
        for layer in range(self._layers):
            self._fuse(f"encoder.layer.{layer}.attention.self.")

    def _fuse(self, place: str) -> None:
        """One matrix for query, key and value; the query is scaled here instead of every score."""
        width = self._words.shape[1] // self._heads
        for suffix in ("weight", "bias"):
            query, key, value = (self._w.pop(f"{place}{n}.{suffix}") for n in ("query", "key", "value"))
            self._w[f"{place}{suffix}"] = torch.cat(
                [query.float().mul(width**-0.5).to(self._dtype), key, value]
            )

    def __call__(self, batch: Sequence[Sequence[int]], threads: int) -> Tensor:
        """One row for each list of token ids."""
        sizes = [len(ids) for ids in batch]
        with _fast_arithmetic(threads):
            x = self._embed(batch, sizes)
            for layer in range(self._layers):
                x = self._layer(x, sizes, f"encoder.layer.{layer}.")
            return torch.stack([_pool(states, self._pooling) for states in torch.split(x, sizes)])

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self._w[f"{name}.weight"], self._w[f"{name}.bias"])

    def _norm(self, name: str, x: Tensor) -> Tensor:
        weight = self._w[f"{name}.weight"]
        return F.layer_norm(x, weight.shape, weight, self._w[f"{name}.bias"], self._eps)

    def _embed(self, batch: Sequence[Sequence[int]], sizes: list[int]) -> Tensor:
        ids = torch.tensor([token for ids in batch for token in ids])
        places = torch.cat([torch.arange(self._first, self._first + n) for n in sizes])
        x = self._words[ids].to(self._dtype) + self._w["embeddings.position_embeddings.weight"][places]
        return self._norm("embeddings.LayerNorm", x + self._w["embeddings.token_type_embeddings.weight"][0])

    def _attend(self, qkv: Tensor) -> Tensor:
        """``[n, 3·hidden]`` of one text → ``[n, hidden]``; small enough to stay in the cache."""
        query, key, value = qkv.view(qkv.shape[0], 3, self._heads, -1).permute(1, 2, 0, 3)
        scores = torch.bmm(query, key.transpose(1, 2)).softmax(-1)
        return torch.bmm(scores, value).transpose(0, 1).reshape(qkv.shape[0], -1)

    def _layer(self, x: Tensor, sizes: list[int], place: str) -> Tensor:
        qkv = self._linear(f"{place}attention.self", x)
        seen = torch.cat([self._attend(part) for part in torch.split(qkv, sizes)])
        x = self._norm(
            f"{place}attention.output.LayerNorm", x + self._linear(f"{place}attention.output.dense", seen)
        )
        inner = F.gelu(self._linear(f"{place}intermediate.dense", x))
        return self._norm(f"{place}output.LayerNorm", x + self._linear(f"{place}output.dense", inner))


class AutoEncoder:
    """Any architecture that transformers knows, with padding."""

    def __init__(self, folder: Path, pooling: str, dtype: torch.dtype) -> None:
        from transformers import AutoModel

        # Code that lies in the folder is never run (trust_remote_code stays off).
        load = partial(AutoModel.from_pretrained, dtype=dtype, local_files_only=True, trust_remote_code=False)
        self._model = load(folder).eval()
        self._pooling = pooling

    def __call__(self, batch: Sequence[Sequence[int]], threads: int) -> Tensor:
        """One row for each list of token ids."""
        width = max(len(ids) for ids in batch)
        ids = torch.tensor([[*ids, *[0] * (width - len(ids))] for ids in batch])
        mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in batch])
        with _fast_arithmetic(threads):
            states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            return torch.stack(
                [_pool(s[: len(ids)], self._pooling) for s, ids in zip(states, batch, strict=True)]
            )
