"""The environment in, one frozen Settings out: every setting in one table, read once, at the entry.

The table is the only place where a setting is defined: parsing, checking, the command line's help and
the README's list are made from it. An unknown ``WENHENG_…`` variable is refused, because a misspelt
setting that is silently ignored is worse than none. Keys are :class:`Secret`: they print as ``***``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from corpus.errors import InputError
from corpus.vector_server import ChromaServer
from service import setting_values as read
from service.endpoints import DIALECTS, SENT, Chosen, Kind
from service.endpoints import read as chosen_endpoints
from service.setting_values import Secret as Secret

PREFIX = "WENHENG_"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Fields are described in :data:`TABLE`; ``chosen`` comes from the data folder."""

    home: Path
    models_dir: Path
    chat_source: str
    chat_sha256: str
    chat_url: str
    chat_model: str
    chat_key: Secret
    chat_grammar: str
    chat_timeout: float
    embedding_source: str
    embedding_url: str
    embedding_model: str
    embedding_key: Secret
    embedding_query_prompt: str
    embedding_passage_prompt: str
    embedding_timeout: float
    chroma_url: str
    chroma_key: Secret
    hub_endpoint: str
    allow_remote: bool
    threads: int
    context: int
    speculation: bool
    log_level: str
    keep_chats: int
    keep_jobs: int
    keep_logs: int
    keep_audit: int
    keep_removed: int
    traces: str
    hosts: tuple[str, ...]
    proxies: tuple[str, ...]
    asks_per_minute: int
    endpoints: tuple[str, ...]
    host: str
    port: int
    upload_files: int
    upload_mb: int
    endpoint_calls: int
    chosen: tuple[Chosen, ...] = ()  # endpoints that were chosen in the page, and are in use
    environment: Settings | None = field(default=None, repr=False, compare=False)  # without them

    @property
    def chat_name(self) -> str:
        """What answers are signed with."""
        return self.chat_model if self.chat_url else _source_name(self.chat_source, CHAT_NAME)

    def using(self, *found: Chosen) -> Settings:
        """The same with these endpoints instead of those chosen before; what the environment names stays as it is.

        Key, grammar and prompts of the environment belong to its own endpoint, and never go to a chosen one.
        """
        own = replace(self.environment or self, home=self.home)
        used = tuple(one for one in found if not own.fixes(one.kind))
        made = own
        for one in used:
            made = replace(made, **one.values())
        return replace(made, chosen=used, environment=own)

    def fixes(self, kind: Kind) -> bool:
        """Whether the environment names an endpoint, which no page can change."""
        own = self.environment or self
        return bool(own.chat_url if kind == "chat" else own.embedding_url)

    def choice(self, kind: Kind) -> Chosen | None:
        """The endpoint of the page that is in use, None for one of the environment or the model inside."""
        return next((one for one in self.chosen if one.kind == kind), None)

    def source(self, kind: Kind) -> str:
        """Which model of a kind is in use, without its address: for whoever may look."""
        if self.choice(kind) is not None:
            return "接口，在设置页选用"
        return "接口，由环境变量指定" if self.fixes(kind) else "本机内置"

    @property
    def chroma(self) -> ChromaServer | None:
        """The Chroma server that holds the vectors, None for a folder beside the library."""
        return ChromaServer(self.chroma_url, self.chroma_key.reveal()) if self.chroma_url else None

    @property
    def log_dir(self) -> Path:
        """Where log files lie."""
        return self.home / "logs"


CHAT_NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m"


def _source_name(source: str, default: str) -> str:
    return default if source == "pypi" else Path(source).name.removesuffix(".gguf")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table.

    ``parse`` turns the variable's text into the value and raises ValueError with a Chinese reason.
    ``default`` may be a function that makes it; ``shown`` is how the README shows it.
    """

    name: str
    parse: Callable[[str], Any]
    default: Any
    kind: str
    help_zh: str
    help_en: str
    shown: str = ""

    @property
    def env(self) -> str:
        """The variable's name."""
        return PREFIX + ("MODELS" if self.name == "models_dir" else self.name.upper())


def _models_path() -> Path:
    return platformdirs.user_cache_path("wenheng") / "models"


TABLE = (
    Setting("home", read.path, partial(platformdirs.user_data_path, "wenheng"), "path",
            "数据文件夹：资料库、索引、会话、日志", "data folder: library, index, sessions, logs",
            "user data folder"),
    Setting("models_dir", read.path, _models_path, "path",
            "模型文件夹", "where models are kept", "user cache folder"),
    Setting("chat_source", read.source, "pypi", "source",
            "语言模型来源：pypi、hub:所有者/仓库[/文件]、GGUF 文件路径",
            "language model: pypi, hub:owner/name[/file], or the path of a GGUF file"),
    Setting("chat_sha256", read.sha256, "", "hex",
            "自选 GGUF 文件应有的 sha256，空则不核对", "sha256 that a GGUF file of your own must have"),
    Setting("chat_url", read.url, "", "url",
            "OpenAI 兼容的对话接口，设置后不用本机模型",
            "OpenAI-compatible chat endpoint instead of the local model"),
    Setting("chat_model", read.text, "", "text", "接口上的对话模型名", "the chat model's name there"),
    Setting("chat_key", Secret, Secret(), "secret", "对话接口密钥", "key of the chat endpoint"),
    Setting("chat_grammar", read.one_of(*DIALECTS), "none", "/".join(DIALECTS),
            "接口支持的数字锁写法（本机模型总用 llama.cpp）",
            "how the endpoint takes a grammar (the local model always has one)"),
    Setting("chat_timeout", read.seconds, 120.0, "seconds",
            "等待语言模型下一段文字的最长秒数", "longest wait for the next piece of text"),
    Setting("embedding_source", read.source, "pypi", "source",
            "向量模型来源：pypi、hub:所有者/仓库、文件夹路径",
            "embedding model: pypi, hub:owner/name, or a folder"),
    Setting("embedding_url", read.url, "", "url",
            "OpenAI 兼容的向量接口，设置后不用本机模型",
            "OpenAI-compatible embedding endpoint instead of the local model"),
    Setting("embedding_model", read.text, "", "text", "接口上的向量模型名", "the embedding model's name there"),
    Setting("embedding_key", Secret, Secret(), "secret", "向量接口密钥", "key of the embedding endpoint"),
    Setting("embedding_query_prompt", str, "", "text",
            "接口的问题前缀（e5 为 “query: ”）", "prefix of questions at the endpoint"),
    Setting("embedding_passage_prompt", str, "", "text",
            "接口的段落前缀（e5 为 “passage: ”）", "prefix of passages at the endpoint"),
    Setting("embedding_timeout", read.seconds, 60.0, "seconds",
            "向量接口超时秒数", "time-out of the embedding endpoint"),
    Setting("chroma_url", read.url, "", "url",
            "Chroma 服务器地址，设置后向量存在那里，不存在数据文件夹",
            "Chroma server that holds the vectors instead of the data folder"),
    Setting("chroma_key", Secret, Secret(), "secret",
            "Chroma 服务器（或其前置代理）的令牌", "token of the Chroma server, or of the proxy before it"),
    Setting("hub_endpoint", read.url, "", "url", "模型仓库镜像地址", "mirror of the model hub",
            "HF_ENDPOINT or the hub"),
    Setting("allow_remote", read.flag, False, "0/1",
            "允许把问题和报告片段发给非本机的接口", "allow questions and report text to leave this machine"),
    Setting("threads", read.whole(0, 1024), 0, "number", "CPU 线程数，0 为自动", "CPU threads, 0 for all cores"),
    Setting("context", read.whole(1024, 131072), 4096, "number",
            "本机语言模型的上下文长度（词元）", "context of the local model, in tokens"),
    Setting("speculation", read.flag, True, "0/1",
            "n 元组推测解码：文字不变，生成更快", "n-gram speculation: same text, faster"),
    Setting("log_level", read.one_of(*LOG_LEVELS), "warning", "/".join(LOG_LEVELS),
            "日志级别", "level of logging"),
    Setting("keep_chats", read.whole(0, 36500), 0, "days",
            "会话保留的天数，0 为一直保留", "days that chats are kept after their last turn, 0 for ever"),
    Setting("keep_jobs", read.whole(0, 36500), 30, "days",
            "已结束的后台任务及其文件保留的天数，0 为一直保留",
            "days that finished jobs and their files are kept, 0 for ever"),
    Setting("keep_logs", read.whole(0, 36500), 180, "days",
            "运行日志保留的天数，0 为一直保留", "days that log files are kept, 0 for ever"),
    Setting("keep_audit", read.whole(0, 36500), 1095, "days",
            "操作记录保留的天数，0 为一直保留", "days that the audit log is kept, 0 for ever"),
    Setting("keep_removed", read.whole(0, 36500), 90, "days",
            "删除的报告和资料库还能找回的天数，0 为一直保留",
            "days in which removed reports and collections can be brought back, 0 for ever"),
    Setting("traces", read.traces, "", "console/url",
            "OpenTelemetry 调用链的去处：console，或 OTLP（gRPC）接收地址",
            "where OpenTelemetry traces go: console, or an OTLP collector (gRPC)"),
    Setting("hosts", read.names, (), "names",
            "允许用哪些主机名访问服务，逗号分隔；地址和本机名总是允许",
            "host names by which the service may be reached, with commas; addresses and this machine's always may",
            "none"),
    Setting("proxies", read.names, (), "addresses",
            "前置反向代理的地址，只信它们转来的来访地址和 HTTPS 标记",
            "addresses of reverse proxies whose word on client address and HTTPS is taken", "none"),
    Setting("asks_per_minute", read.whole(0, 10000), 30, "number",
            "登录后每人每分钟最多几次提问，0 为不限", "questions a minute of one signed-in person, 0 for any number"),
    Setting("endpoints", read.names, (), "names",
            "网页上测试接口时允许的内网主机、地址或网段，逗号分隔；公网地址总是允许",
            "hosts, addresses or networks inside that an endpoint typed into the page may lead to", "none"),
    Setting("host", read.host, "127.0.0.1", "address",
            "服务监听的地址；不是本机地址时须用 --users",
            "address that the service listens on; one beyond this machine needs --users"),
    Setting("port", read.whole(0, 65535), 8788, "number",
            "服务的端口，0 为任选一个空闲的", "port of the service, 0 for any free one"),
    Setting("upload_files", read.whole(1, 5000), 200, "number",
            "一次最多上传几个文件", "files that one upload may bring"),
    Setting("upload_mb", read.whole(1, 50), 50, "MB",
            "上传的每个文件最大多少 MB", "size of one uploaded file"),
    Setting("endpoint_calls", read.whole(1, 64), 4, "number",
            "远程接口同时最多几次调用（本机模型总是一次）",
            "calls that an endpoint gets at the same time (the local model always gets one)"),
)  # fmt: skip


def load(env: Mapping[str, str] | None = None, *, home: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        env: the environment; None takes the process's own.
        home: overrides the data folder (``--home``).

    An endpoint that was chosen in the page stands in for variables that are not set.

    Raises:
        InputError: a variable is unknown, or its value is not allowed; or the chosen endpoints cannot be read.
    """
    env = os.environ if env is None else env
    given = {name: value for name, value in env.items() if name.startswith(PREFIX)}
    known = {setting.env: setting for setting in TABLE}
    for name in given:
        if name not in known:
            raise _unknown(name, list(known))
    values = {s.name: _value(s, given) for s in TABLE}
    if home is not None:
        values["home"] = home.expanduser().absolute()
    settings = Settings(**values)
    _check_endpoint("对话", "CHAT", settings.chat_url, settings.chat_model, settings)
    _check_endpoint("向量", "EMBEDDING", settings.embedding_url, settings.embedding_model, settings)
    _check_chroma(settings)
    found = chosen_endpoints(settings.home)
    for one in found:
        _check_consent(one, settings)
    return settings.using(*found)


def _value(setting: Setting, given: Mapping[str, str]) -> Any:
    text = given.get(setting.env)
    if text is None or (text == "" and setting.default == ""):
        return setting.default() if callable(setting.default) else setting.default
    try:
        return setting.parse(text)
    except ValueError as error:
        shown = "***" if setting.kind == "secret" else repr(text)
        raise InputError(
            f"设置的值 {shown} 不能用：{error}", where=setting.env, remedy=f"含义：{setting.help_zh}"
        ) from None


def _unknown(name: str, known: list[str]) -> InputError:
    near = get_close_matches(name, known, 1, 0.6)
    remedy = f"是不是想写 {near[0]}？" if near else f"可用的设置：{'、'.join(known)}"
    return InputError("没有这个设置", where=name, remedy=remedy)


def is_local(url: str) -> bool:
    """Whether requests to ``url`` stay on this machine."""
    return urlsplit(url).hostname in LOOPBACK


def _check_endpoint(what: str, name: str, url: str, model: str, settings: Settings) -> None:
    if not url:
        return
    if not model:
        raise InputError(
            f"设置了{what}接口地址，但没有模型名",
            where=f"{PREFIX}{name}_URL",
            remedy=f"请同时设置 {PREFIX}{name}_MODEL",
        )
    if not is_local(url) and not settings.allow_remote:
        sent = SENT["chat" if name == "CHAT" else "embedding"]
        raise InputError(
            f"{what}接口不在本机：{sent}会发往 {urlsplit(url).hostname}",
            where=f"{PREFIX}{name}_URL",
            remedy=f"如确实允许，请设置 {PREFIX}ALLOW_REMOTE=1",
        )


def _check_consent(one: Chosen, settings: Settings) -> None:
    if not is_local(one.url) and not one.consent and not settings.fixes(one.kind):
        raise InputError(
            f"选用的接口不在本机，而没有人同意把内容发往 {urlsplit(one.url).hostname}",
            where=one.url,
            remedy="请在设置页重新选用它，或改回本机模型",
        )


def _check_chroma(settings: Settings) -> None:
    if settings.chroma_url and not is_local(settings.chroma_url) and not settings.allow_remote:
        raise InputError(
            "Chroma 服务器不在本机，使用它会把全部报告段落和问题的向量（不含原文，但可据以推测大意）"
            f"发往 {urlsplit(settings.chroma_url).hostname}",
            where=f"{PREFIX}CHROMA_URL",
            remedy=f"如确实允许，请设置 {PREFIX}ALLOW_REMOTE=1",
        )


def describe(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Names and values as they may be shown: keys hidden."""
    known = {setting.name: setting.env for setting in TABLE}
    return tuple((known[s.name], str(getattr(settings, s.name))) for s in TABLE)


def markdown_table(language: str = "en") -> str:
    """The list of settings for a README, in ``en`` or ``zh``."""
    head = (
        ("Variable", "Value", "Default", "What it does")
        if language == "en"
        else ("变量", "取值", "默认", "作用")
    )
    rows = [head, ("---",) * 4]
    for s in TABLE:
        default = s.shown or (str(int(s.default)) if isinstance(s.default, bool) else str(s.default))
        default = "" if s.kind == "secret" else default
        rows.append((f"`{s.env}`", s.kind, default, s.help_en if language == "en" else s.help_zh))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
