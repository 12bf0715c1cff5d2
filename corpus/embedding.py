"""Texts in, unit vectors out: a Hugging Face folder on torch, an HTTP endpoint, or a hashing fake.

Every embedder has a ``name`` that identifies what made the vectors (weights and pooling, or endpoint
and model), so that the index notices when stored vectors and new ones do not belong together.
Importing this module is cheap: torch, tokenizers and httpx are imported when first needed.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import EndpointError, ModelCorrupt, ModelMissing

if TYPE_CHECKING:
    import httpx
    from tokenizers import Tokenizer

    from corpus.encoder import Encoder

Vectors = NDArray[np.float32]

E5_PROMPTS = ("query: ", "passage: ")  # Wang et al. 2024, Multilingual E5, section 2
BATCH_TOKENS = 1024  # fastest between 512 and 4,096 on two cores; also bounds memory
POOLINGS = {"pooling_mode_cls_token": "cls", "pooling_mode_lasttoken": "lasttoken"}


class Embedder(Protocol):
    """Turns texts into vectors of length 1."""

    @property
    def name(self) -> str:
        """Identity of the vectors, with a hash."""
        ...

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """``[n, dim]``, in the order of ``texts``."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """``[dim]``."""
        ...


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit


class HashingEmbedder:
    """Deterministic vectors from character n-grams: no model, for tests and for a dry run.

    Texts that share words come out close, which is all that a test of search needs.
    """

    def __init__(self, dim: int = 256) -> None:
        self.dim = dim
        self.name = f"hashing-{dim}@1"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """``[n, dim]``."""
        return (
            np.stack([self.embed_query(t) for t in texts]) if texts else np.zeros((0, self.dim), np.float32)
        )

    def embed_query(self, text: str) -> Vectors:
        """``[dim]``; queries and passages are treated alike."""
        vector = np.zeros(self.dim, np.float32)
        for size in (1, 2, 3):
            for start in range(len(text) - size + 1):
                code = zlib.crc32(text[start : start + size].encode("utf-8", "replace"))
                vector[code % self.dim] += size if code >> 31 else -size
        return _unit(vector)


class FolderEmbedder:
    """An encoder in a Hugging Face folder: config.json, model.safetensors, tokenizer.json.

    The folder of sentence-transformers is understood: 1_Pooling/config.json names the pooling and
    config_sentence_transformers.json the prompts; folders of the e5 family without the latter get
    e5's prompts. Weights are loaded at the first text, or by :meth:`warm` in the background.

    Args:
        path: the folder.
        threads: CPU threads, 0 for one on each core.
        max_tokens: longer texts are cut.
        dtype: "bfloat16" or "float32"; None takes bfloat16 where the CPU computes in it.

    Raises:
        ModelMissing: the folder or one of its files is absent.
        ModelCorrupt: a file cannot be understood.
    """

    def __init__(
        self, path: Path, *, threads: int = 0, max_tokens: int = 512, dtype: str | None = None
    ) -> None:
        self.path = path
        config = _read_json(path / "config.json")
        for needed in ("tokenizer.json", "config.json"):
            if not (path / needed).is_file():
                raise ModelMissing(
                    f"向量模型文件夹缺少 {needed}",
                    where=str(path),
                    remedy="请运行 wenheng models 重新获取模型",
                )
        self.dim = int(config["hidden_size"])
        self._max_tokens = min(max_tokens, int(config.get("max_position_embeddings", max_tokens)))
        if config.get("model_type") == "xlm-roberta":
            self._max_tokens = min(max_tokens, int(config["max_position_embeddings"]) - 2)
        self._pooling = _pooling(path)
        self._query_prompt, self._passage_prompt = _prompts(path)
        self.name = (
            f"{path.name}@{_fingerprint(path, self._pooling, self._query_prompt, self._passage_prompt)}"
        )
        self._threads, self._dtype = threads or os.cpu_count() or 1, dtype
        self._lock = threading.Lock()
        self._parts: tuple[Tokenizer, Encoder] | None = None

    def warm(self) -> None:
        """Load the weights and run one query, so that the first real one is quick."""
        self.embed_query("预热")

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """``[n, dim]``, in the order of ``texts``."""
        return self._embed([self._passage_prompt + t for t in texts])

    def embed_query(self, text: str) -> Vectors:
        """``[dim]``."""
        vector: Vectors = self._embed([self._query_prompt + text])[0]
        return vector

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """Tokens that each passage takes, with prompt and special tokens, after cutting."""
        tokenizer, _ = self._load()
        return [len(e.ids) for e in tokenizer.encode_batch([self._passage_prompt + t for t in texts])]

    def _load(self) -> tuple[Tokenizer, Encoder]:
        with self._lock:
            if self._parts is None:
                self._parts = self._open_tokenizer(), self._open_encoder()
            return self._parts

    def _open_tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        except Exception as error:  # tokenizers raises bare Exception
            raise _corrupt(self.path / "tokenizer.json") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=self._max_tokens)
        return tokenizer

    def _open_encoder(self) -> Encoder:
        # OpenMP reads this when it is loaded; its default lets threads spin so long at barriers that a
        # busy machine slows down many times over.
        os.environ.setdefault("GOMP_SPINCOUNT", "3000")
        from corpus.encoder import load_encoder

        dtype = self._dtype or ("bfloat16" if cpu_has_bfloat16() else "float32")
        try:
            return load_encoder(self.path, self._pooling, dtype)
        except (OSError, ValueError, KeyError, RuntimeError, StopIteration) as error:
            raise _corrupt(self.path) from error
        except Exception as error:
            if type(error).__module__.startswith("safetensors"):
                raise _corrupt(self.path) from error
            raise

    def _embed(self, texts: list[str]) -> Vectors:
        tokenizer, encoder = self._load()
        ids = [e.ids for e in tokenizer.encode_batch(texts)]
        out: Vectors = np.zeros((len(texts), self.dim), np.float32)
        groups = list(batches([len(i) for i in ids], BATCH_TOKENS))
        workers = max(1, min(self._threads, len(groups)))

        def run(group: list[int]) -> None:
            out[group] = encoder([ids[i] for i in group], self._threads // workers).numpy()

        # Whole batches side by side: threads that share a batch wait for each other at every layer, which
        # costs a tenth on an idle machine and several times as much on a busy one.
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, groups))
        return _unit(out)


def batches(sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices grouped by similar size, each group at most ``budget`` in all (or one alone).

    Similar lengths in a batch spare padding; the longest come first, so memory peaks at once.
    """
    group: list[int] = []
    total = 0
    for index in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        if group and total + sizes[index] > budget:
            yield group
            group, total = [], 0
        group.append(index)
        total += sizes[index]
    if group:
        yield group


def cpu_has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the CPU multiplies in bfloat16 (AMX, AVX512-BF16, Arm BF16); else float32 is faster."""
    try:
        text = cpuinfo.read_text("ascii", "replace")
    except OSError:
        return False
    flags = {
        flag for line in text.splitlines() if line[:5].lower() in ("flags", "featu") for flag in line.split()
    }
    return bool(flags & {"amx_bf16", "avx512_bf16", "bf16"})


def _corrupt(path: Path) -> ModelCorrupt:
    return ModelCorrupt(
        "向量模型文件已损坏或无法识别", where=str(path), remedy="请删除它后运行 wenheng models"
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ModelMissing(
            "找不到向量模型", where=str(path.parent), remedy="请运行 wenheng models 获取模型"
        ) from error
    except (OSError, ValueError) as error:
        raise _corrupt(path) from error
    if not isinstance(value, dict):
        raise _corrupt(path)
    return value


def _pooling(folder: Path) -> str:
    path = folder / "1_Pooling" / "config.json"
    config = _read_json(path) if path.is_file() else {}
    return next((name for key, name in POOLINGS.items() if config.get(key)), "mean")


def _prompts(folder: Path) -> tuple[str, str]:
    path = folder / "config_sentence_transformers.json"
    prompts = (_read_json(path).get("prompts") or {}) if path.is_file() else {}
    if prompts:
        return prompts.get("query", ""), prompts.get("passage", prompts.get("document", ""))
    return E5_PROMPTS if "e5" in folder.name.lower() else ("", "")


def _fingerprint(folder: Path, *settings: str) -> str:
    """Hash that tells two sets of weights apart without reading gigabytes: sizes and samples.

    It is an identity, not a proof of integrity; the model store verifies whole files.
    """
    digest = hashlib.sha256(json.dumps(settings).encode())
    digest.update((folder / "config.json").read_bytes())
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size}".encode())
        with path.open("rb") as file:
            for part in range(64):
                file.seek(size * part // 64)
                digest.update(file.read(4096))
    return digest.hexdigest()[:12]


class EndpointEmbedder:
    """An OpenAI-compatible ``/embeddings`` endpoint.

    Args:
        url: base URL up to and including the version, e.g. ``http://host:8000/v1``.
        model: the model's name there.
        key: bearer key, never logged.
        query_prompt: put before each question, as the model behind the endpoint wants it.
        passage_prompt: put before each passage.
        timeout: seconds for one request.
        retries: further attempts after time-outs, refused connections, 429 and 5xx.
        wait: called with the seconds to wait before the next attempt.
        transport: how it is reached, instead of the usual way: one that guards the address, or a test's.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str = "",
        *,
        query_prompt: str = "",
        passage_prompt: str = "",
        timeout: float = 60.0,
        retries: int = 2,
        batch: int = 32,
        wait: Callable[[float], object] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        import httpx

        self._url = url.rstrip("/") + "/embeddings"
        self._model, self._prompts = model, (query_prompt, passage_prompt)
        self._retries, self._batch, self._wait = retries, batch, wait
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(timeout=timeout, headers=headers, transport=transport)
        digest = hashlib.sha256(f"{self._url}\n{query_prompt}\n{passage_prompt}".encode()).hexdigest()[:12]
        self.name = f"{model}@{digest}"
        self._dim = 0

    @property
    def dim(self) -> int:
        """Numbers in a vector; asks the endpoint once."""
        if not self._dim:
            self.embed_query("维数")
        return self._dim

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """``[n, dim]``, in the order of ``texts``."""
        prompts = [self._prompts[1] + t for t in texts]
        if not prompts:
            return np.zeros((0, self.dim), np.float32)
        groups = [prompts[i : i + self._batch] for i in range(0, len(prompts), self._batch)]
        return np.concatenate([self._request(g) for g in groups])

    def embed_query(self, text: str) -> Vectors:
        """``[dim]``."""
        vector: Vectors = self._request([self._prompts[0] + text])[0]
        return vector

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(self, texts: list[str]) -> Vectors:
        response = self._send({"model": self._model, "input": texts, "encoding_format": "float"})
        try:
            rows = sorted(response.json()["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
            good = vectors.shape == (len(texts), self._dim or vectors.shape[1]) and np.isfinite(vectors).all()
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise self._failed("返回的内容无法识别", "请检查地址是否为 OpenAI 兼容的向量接口") from error
        if not good:
            raise self._failed("返回的向量数量或维数不对", "请检查模型名称") from None
        self._dim = int(vectors.shape[1])
        return _unit(vectors)

    def _send(self, body: dict[str, Any]) -> httpx.Response:
        import httpx

        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                response = self._client.post(self._url, json=body)
            except httpx.TimeoutException as error:
                if last:
                    raise self._failed("向量接口超时未答", "请稍后再试，或调大超时时间") from error
            except httpx.HTTPError as error:
                if last:
                    raise self._failed("无法连接向量接口", "请检查地址和网络") from error
            else:
                busy = response.status_code == 429 or response.status_code >= 500
                if response.status_code == 200:
                    return response
                if last or not busy:
                    raise self._failed(
                        f"向量接口返回状态 {response.status_code}", "请检查密钥、模型名称和接口服务"
                    )
            self._wait(0.5 * 2**attempt)
        raise AssertionError("unreachable")

    def _failed(self, message: str, remedy: str) -> EndpointError:
        return EndpointError(message, where=self._url, remedy=remedy)
