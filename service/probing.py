"""Trying out a model or an endpoint (试用): whether it answers, and how fast.

In: the models in use, or an address that somebody typed. Out: a sentence for the user. Nothing of a report or question is
sent, only two fixed words; an address is checked and pinned first (:mod:`service.models.address`).
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import httpx

from corpus.embedding import Embedder
from corpus.errors import EndpointError
from service.endpoints import LABELS, SENT, Kind
from service.models.address import checked, client
from service.models.chat import grammar_body
from service.phrase import Chat
from service.settings import Settings, is_local

ASKED = "请只回答一个字：好"
TEXT = "试一试"
SECONDS = 30.0
LOCKED = "甲"  # what no model would say of itself


def leaves(settings: Settings) -> tuple[str, ...]:
    """What is sent away from this machine with these settings, one sentence a destination; none where all stays."""
    found = []
    if settings.chat_url and not is_local(settings.chat_url):
        host = urlsplit(settings.chat_url).hostname
        found.append(f"{SENT['chat']}，会发往 {host}（{LABELS['chat']}）")
    if settings.embedding_url and not is_local(settings.embedding_url):
        host = urlsplit(settings.embedding_url).hostname
        found.append(f"{SENT['embedding']}，会发往 {host}（{LABELS['embedding']}）")
    if settings.chroma_url and not is_local(settings.chroma_url):
        host = urlsplit(settings.chroma_url).hostname
        found.append(f"全部报告段落和问题的向量（不含原文）会发往 {host}（Chroma 服务器）")
    if settings.traces and settings.traces != "console" and not is_local(settings.traces):
        found.append(f"各步骤的耗时（不含正文）会发往 {urlsplit(settings.traces).hostname}（调用链）")
    return tuple(found)


def try_embedder(embedder: Embedder) -> str:
    """Embed two words."""
    began = time.perf_counter()
    vector = embedder.embed_query(TEXT)
    return f"可用：{len(vector)} 维，用时 {time.perf_counter() - began:.1f} 秒"


def try_chat(chat: Chat) -> str:
    """Have two words said."""
    began = time.perf_counter()
    said = "".join(chat.stream([("user", ASKED)], max_tokens=8))
    return f"可用：答“{said.strip()[:20]}”，用时 {time.perf_counter() - began:.1f} 秒"


def try_endpoint(
    kind: Kind, url: str, model: str, key: str, allowed: Collection[str], *, grammar: str = "none"
) -> str:
    """Ask an address that is not in use yet; ``grammar`` is how it is to take one, and then has to obey it.

    Raises:
        InputError: it is no address, or leads to where it must not.
        EndpointError: it does not answer as an OpenAI-compatible endpoint does.
    """
    pinned = checked(url.rstrip("/"), allowed)
    path, body = _request(kind, model, grammar)
    began = time.perf_counter()
    try:
        with client(pinned, SECONDS) as there:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            reply = there.post(path, json=body, headers=headers)
    except httpx.HTTPError as error:
        raise EndpointError(
            f"接口没有应答（{type(error).__name__}）", where=pinned.url.host, remedy="请核对地址、端口和网络"
        ) from error
    told = _told(kind, reply, pinned.url.host)
    if grammar != "none" and told != f"答“{LOCKED}”":
        raise EndpointError(
            "接口没有按要求的语法作答，这种数字锁它不支持",
            where=pinned.url.host,
            remedy="请改选“不支持”，或核对接口服务",
        )
    return f"可用：{told}，用时 {time.perf_counter() - began:.1f} 秒"


def _request(kind: Kind, model: str, grammar: str) -> tuple[str, dict[str, Any]]:
    if kind == "embedding":
        return "embeddings", {"model": model, "input": [TEXT]}
    return "chat/completions", {
        "model": model,
        "messages": [{"role": "user", "content": ASKED}],
        "max_tokens": 8,
        **grammar_body(grammar, f'root ::= "{LOCKED}"'),
    }


def _told(kind: Kind, reply: httpx.Response, host: str) -> str:
    if reply.status_code in (401, 403):
        raise EndpointError(f"接口拒绝了密钥（{reply.status_code}）", where=host, remedy="请核对密钥")
    if reply.status_code != 200:
        raise EndpointError(
            f"接口返回状态 {reply.status_code}", where=host, remedy="请核对地址（常以 /v1 结尾）和模型名"
        )
    try:
        row = reply.json()
        if kind == "embedding":
            return f"{len(row['data'][0]['embedding'])} 维"
        return f"答“{str(row['choices'][0]['message']['content']).strip()[:20]}”"
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise EndpointError(
            "接口的应答不是 OpenAI 的格式", where=host, remedy="请核对地址是否为 OpenAI 兼容接口"
        ) from error
