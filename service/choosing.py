"""Choosing an endpoint instead of a model inside (选用接口): tried out, agreed to, kept, used at once, taken back.

In: an address that an administrator typed. Out: the house uses it for chat or for vectors, and the data folder remembers
it. What the environment names cannot be changed here. The address is checked when it is saved and before each later
request (:mod:`service.models.address`); a key is kept, sent to that address alone and never shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.errors import Conflict, Forbidden, InputError
from service import endpoints, probing, setting_values
from service.accounts.caller import MAIN, Caller
from service.endpoints import LABELS, SENT, Chosen, Kind
from service.models.address import checked
from service.setting_values import Secret
from service.settings import Settings, is_local
from service.work import reindexing

if TYPE_CHECKING:
    from service.house import House
    from service.work.job import Job

PREFIXES: Mapping[Kind, str] = {"chat": "WENHENG_CHAT", "embedding": "WENHENG_EMBEDDING"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is typed in. ``key`` None keeps the key of the same address; ``consent``: text may leave this machine."""

    url: str
    model: str
    key: str | None = None
    timeout: float | None = None
    grammar: str = "none"
    query_prompt: str = ""
    passage_prompt: str = ""
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """What is used for one kind, as an administrator may see it: without its key.

    ``source`` is "inside", "environment" or "chosen"; ``sent`` says in Chinese what leaves this machine, "" for nothing.
    """

    kind: Kind
    source: str
    url: str
    model: str
    has_key: bool
    timeout: float
    grammar: str
    query_prompt: str
    passage_prompt: str
    sent: str
    by: str
    at: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a change: what the endpoint answered, and the jobs that make the vectors anew."""

    used: Used
    told: str
    jobs: tuple[Job, ...]


def used(house: House, caller: Caller, kind: Kind) -> Used:
    """What is used now.

    Raises:
        Forbidden: the caller does not administer the house.
    """
    _administrator(caller)
    settings, choice = house.settings, house.settings.choice(kind)
    chat = kind == "chat"
    url = settings.chat_url if chat else settings.embedding_url
    (part,) = [part for part in house.ready().parts if part.name == kind]
    return Used(
        kind=kind,
        source="chosen" if choice else "environment" if url else "inside",
        url=url,
        model=settings.chat_name if chat else settings.embedding_model,
        has_key=bool(url and (settings.chat_key if chat else settings.embedding_key)),
        timeout=settings.chat_timeout if chat else settings.embedding_timeout,
        grammar=settings.chat_grammar if chat and url else "none",
        query_prompt="" if chat else settings.embedding_query_prompt,
        passage_prompt="" if chat else settings.embedding_passage_prompt,
        sent=leaving(kind, url),
        by=choice.by if choice else "",
        at=choice.at if choice else "",
        state=part.state,
        detail=part.detail,
    )


def leaving(kind: Kind, url: str) -> str:
    """What leaves this machine with such an address, in plain words; "" where nothing does."""
    if not url or is_local(url):
        return ""
    return f"{SENT[kind]}，会发往 {urlsplit(url).hostname}（{LABELS[kind]}）"


def save(house: House, caller: Caller, kind: Kind, wanted: Wanted) -> Changed:
    """Try an endpoint out, remember it and use it from now on.

    Raises:
        Forbidden: the caller does not administer the house.
        Conflict: the environment names an endpoint of this kind.
        InputError: something typed cannot be used, the address leads inside, or nobody agreed to what it is sent.
        EndpointError: it does not answer as it should.
        LibraryBusy: an ingest is under way, and the embedder would become another one.
    """
    _open_to(house, caller, kind)
    one = _chosen(house.settings, caller, kind, wanted)
    told = probing.try_endpoint(
        kind, one.url, one.model, one.key.reveal(), house.settings.endpoints, grammar=one.grammar
    )
    jobs = _take(house, caller, kind, one)
    note = f"{LABELS[kind]} 改用 {urlsplit(one.url).netloc}，模型 {one.model}"
    house.accounts.log.write(caller, "settings", MAIN, kind, note)
    return Changed(used(house, caller, kind), told, jobs)


def revert(house: House, caller: Caller, kind: Kind) -> Changed:
    """Go back to the model inside; nothing to do where it is used already.

    Raises:
        Forbidden, Conflict, LibraryBusy: as for :func:`save`.
    """
    _open_to(house, caller, kind)
    jobs: tuple[Job, ...] = ()
    if house.settings.choice(kind) is not None:
        jobs = _take(house, caller, kind, None)
        house.accounts.log.write(caller, "settings", MAIN, kind, f"{LABELS[kind]} 改回本机模型")
    return Changed(used(house, caller, kind), "", jobs)


def _take(house: House, caller: Caller, kind: Kind, one: Chosen | None) -> tuple[Job, ...]:
    """Use it and remember it; one change at a time, and both or neither."""
    with house.choosing:
        before = house.settings
        kept = tuple(choice for choice in before.chosen if choice.kind != kind)
        found = kept if one is None else (*kept, one)
        after = before.using(*found)
        endpoints.write(before.home, found)
        try:
            house.use(after, kind)
        except BaseException:
            endpoints.write(before.home, before.chosen)
            raise
        return reindexing.submit(house, caller) if kind == "embedding" else ()


def _administrator(caller: Caller) -> None:
    if not caller.administers:
        raise Forbidden("模型和接口只有管理员可以查看和修改", remedy="请联系管理员")


def _open_to(house: House, caller: Caller, kind: Kind) -> None:
    _administrator(caller)
    if house.settings.fixes(kind):
        raise Conflict(
            f"{LABELS[kind]}由环境变量指定，不能在这里修改",
            where=f"{PREFIXES[kind]}_URL",
            remedy="请修改或去掉这个变量后重启服务",
        )


def _chosen(settings: Settings, caller: Caller, kind: Kind, wanted: Wanted) -> Chosen:
    url, model = wanted.url.strip().rstrip("/"), wanted.model.strip()
    checked(url, settings.endpoints)
    if not model or not model.isprintable() or len(model) > 200:
        raise InputError("没有填写模型名，或模型名里有不可见的字符", remedy="请填接口上的模型名")
    if wanted.grammar not in endpoints.DIALECTS:
        raise InputError("数字锁的写法不对", remedy=f"应为 {'、'.join(endpoints.DIALECTS)} 之一")
    if (sent := leaving(kind, url)) and not wanted.consent:
        raise InputError(
            f"还没有同意内容离开这台机器：{sent}", where="consent", remedy="如确实允许，请勾选同意后再保存"
        )
    return Chosen(
        kind=kind,
        url=url,
        model=model,
        key=Secret(_key(settings, kind, url, wanted.key)),
        timeout=_timeout(settings, kind, wanted.timeout),
        grammar=wanted.grammar if kind == "chat" else "none",
        query_prompt=wanted.query_prompt,
        passage_prompt=wanted.passage_prompt,
        consent=wanted.consent,
        by=caller.name,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _timeout(settings: Settings, kind: Kind, typed: float | None) -> float:
    usual = settings.environment or settings
    if typed is None:
        return usual.chat_timeout if kind == "chat" else usual.embedding_timeout
    try:
        return setting_values.seconds(str(typed))
    except ValueError as error:
        raise InputError(f"超时的秒数不能用：{error}", where="timeout", remedy="请填 1 到 3600") from None


def _key(settings: Settings, kind: Kind, url: str, typed: str | None) -> str:
    """The key to send: what was typed, or the one that is kept for this very address. It never moves to another one."""
    if typed is None:
        choice = settings.choice(kind)
        return choice.key.reveal() if choice is not None and choice.url == url else ""
    key = typed.strip()
    if len(key) > 500 or not key.isascii() or (key and not key.isprintable()):
        raise InputError("密钥里有不能发送的字符", where="key", remedy="请重新粘贴密钥，只含英文、数字和符号")
    return key
