from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.embedding import FolderEmbedder
from corpus.errors import ModelCorrupt
from service.models.repack import Packed, Shape, read_packed, repack

HIDDEN, INNER, WORDS, PLACES = 32, 64, 40, 16
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), ("县", -3.0)]
PIECES += [("卫生", -3.5), ("卫", -6.0), ("生", -6.0), ("～", -5.0), ("1", -4.0), (":", -4.0)]
PIECES += [(c, -5.0) for c in "abcdefghijklmnopqrstuvwxyz"]


def q4(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    """Q4_0 as llama.cpp writes it, for values that 4 bits hold exactly with scale 0.5."""
    blocks = values.reshape(-1, 32)
    nibbles = (blocks / 0.5 + 8).astype(np.uint8)
    scale = np.float16(0.5).tobytes()
    return b"".join(scale + (row[:16] | (row[16:] << 4)).tobytes() for row in nibbles)


def packed_file(path: Path, drop: str = "") -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Write a small file in the layout of the real one; gives its tensors."""
    rng = np.random.default_rng(5)
    shapes = {"emb.word": (WORDS, HIDDEN), "emb.pos": (PLACES, HIDDEN), "emb.type": (2, HIDDEN)}
    shapes |= {"emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for name in ("q", "k", "v", "ao"):
        shapes |= {f"l0.{name}.w": (HIDDEN, HIDDEN), f"l0.{name}.b": (HIDDEN,)}
    shapes |= {
        "l0.fi.w": (INNER, HIDDEN),
        "l0.fi.b": (INNER,),
        "l0.fo.w": (HIDDEN, INNER),
        "l0.fo.b": (HIDDEN,),
    }
    shapes |= {f"l0.{n}.{s}": (HIDDEN,) for n in ("aln", "oln") for s in ("w", "b")}
    tensors, bodies = {}, {}
    for name, shape in shapes.items():
        four = len(shape) == 2 and name not in ("emb.pos", "emb.type")
        if four:
            tensors[name] = rng.integers(-8, 8, shape).astype(np.float32) * np.float32(0.5)
            bodies[name] = (1, q4(tensors[name]))
        else:
            tensors[name] = rng.integers(-4, 5, shape).astype(np.float32) / np.float32(4)
            bodies[name] = (0, tensors[name].tobytes())
    bodies.pop(drop, None)
    blob = "".join(p for p, _ in PIECES).encode()
    ends = np.cumsum([0] + [len(p.encode()) for p, _ in PIECES])
    norms = {"\t": " ", "\x07": "", "\u3000": " ", "１": "1", "：": ":"}
    table = b"".join(struct.pack(f"<IB{len(v)}I", ord(k), len(v), *map(ord, v)) for k, v in norms.items())
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 4, INNER, WORDS, PLACES, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + ends.astype("<u4").tobytes()
    head += np.array([s for _, s in PIECES], "<f4").tobytes() + blob
    head += struct.pack("<iI", len(norms), len(table)) + table + struct.pack("<i", len(bodies))
    size = len(head) + sum(2 + len(n) + 21 for n in bodies)
    directory, data = b"", b""
    for name, (kind, body) in bodies.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, tensors[name].size, size + len(data), len(body))
        data += body
    path.write_bytes(head + directory + data)
    return tensors


def test_every_tensor_arrives(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    tensors = packed_file(tmp_path / "q4.bin")
    packed = read_packed(tmp_path / "q4.bin")
    assert isinstance(packed, Packed)
    assert packed.shape == Shape(HIDDEN, 1, 4, INNER, WORDS, PLACES, 2, pytest.approx(1e-12))
    repack(tmp_path / "q4.bin", tmp_path / "encoder")
    saved = load_file(tmp_path / "encoder" / "model.safetensors")
    assert len(saved) == len(tensors)
    assert np.array_equal(saved["embeddings.word_embeddings.weight"], tensors["emb.word"])
    assert np.array_equal(saved["encoder.layer.0.attention.self.key.weight"], tensors["l0.k.w"])
    assert np.array_equal(saved["encoder.layer.0.intermediate.dense.weight"], tensors["l0.fi.w"])
    assert np.array_equal(saved["encoder.layer.0.output.LayerNorm.bias"], tensors["l0.oln.b"])


def test_folder_is_an_ordinary_one(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    packed_file(tmp_path / "q4.bin")
    folder = tmp_path / "encoder"
    repack(tmp_path / "q4.bin", folder)
    tokenizer, model = (
        AutoTokenizer.from_pretrained(folder),
        AutoModel.from_pretrained(folder, dtype=torch.float32),
    )
    inputs = tokenizer(["passage: 卫生县"], return_tensors="pt")
    with torch.inference_mode():
        states = model.eval()(**inputs).last_hidden_state[0].mean(0).numpy()
    ours = FolderEmbedder(folder, dtype="float32").embed_passages(["卫生县"])[0]
    assert np.allclose(states / np.linalg.norm(states), ours, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("卫生县", ["▁", "卫生", "县"]),
        ("卫\t\u3000 生", ["▁", "卫", "▁", "生"]),
        ("卫\x07生", ["▁", "卫生"]),
        ("～１", ["▁", "～", "1"]),
        ("", []),
    ],
)
def test_tokenizer_follows_the_engine(tmp_path: Path, text: str, pieces: list[str]) -> None:
    from tokenizers import Tokenizer

    packed_file(tmp_path / "q4.bin")
    repack(tmp_path / "q4.bin", tmp_path / "encoder")
    tokens = Tokenizer.from_file(str(tmp_path / "encoder" / "tokenizer.json")).encode(text).tokens
    assert tokens == ["<s>", *pieces, "</s>"]


def test_old_folder_is_replaced_and_nothing_is_left(tmp_path: Path) -> None:
    packed_file(tmp_path / "q4.bin")
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "old").write_text("x")
    repack(tmp_path / "q4.bin", tmp_path / "encoder")
    assert not (tmp_path / "encoder" / "old").exists()
    assert {p.name for p in tmp_path.iterdir()} == {"q4.bin", "encoder"}
    assert json.loads((tmp_path / "encoder" / "config.json").read_text())["hidden_size"] == HIDDEN


def test_missing_tensor_is_named(tmp_path: Path) -> None:
    packed_file(tmp_path / "q4.bin", drop="l0.fo.w")
    with pytest.raises(ModelCorrupt, match=r"l0\.fo\.w"):
        repack(tmp_path / "q4.bin", tmp_path / "encoder")
    assert {p.name for p in tmp_path.iterdir()} == {"q4.bin"}


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_damaged_files_are_errors_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("packed") / "q4.bin"
    packed_file(path)
    whole = bytearray(path.read_bytes())
    cut = data.draw(st.integers(0, 1200))
    if data.draw(st.booleans()):
        del whole[cut:]
    else:
        whole[cut : cut + 4] = data.draw(st.binary(min_size=4, max_size=4))
    path.write_bytes(whole)
    try:
        read_packed(path)
    except ModelCorrupt as error:
        assert str(path) in str(error)
