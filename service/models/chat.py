"""Messages in, text out as it is written: one client for the embedded model and for every endpoint.

Everything speaks the OpenAI protocol through LangChain's ``ChatOpenAI``, so the embedded server, vLLM,
Ollama and hosted services are one code path. Errors of five libraries below are translated here, once.
LangChain takes over a second to import, so it is imported while the local server loads its weights.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from corpus.errors import EndpointError, EngineFailed, WenhengError
from service.models import cutting
from service.models.cutting import Stopped, was_cut
from service.models.server import LocalServer, ServerOptions
from service.models.store import Progress, chat_model, silent
from service.settings import Settings, is_local

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk
    from langchain_openai import ChatOpenAI

Messages = Sequence[tuple[str, str]]

SEED = 7
CONNECT_SECONDS = 10.0
TRACING = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2")


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call took; tokens are 0 where the endpoint does not tell them."""

    prompt_tokens: int
    cached_tokens: int  # of the prompt, not computed again
    written_tokens: int
    first_token_ms: float
    total_ms: float

    @property
    def tokens_per_second(self) -> float:
        """Speed of writing after the first token."""
        seconds = (self.total_ms - self.first_token_ms) / 1000
        return (self.written_tokens - 1) / seconds if seconds > 0 and self.written_tokens > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model answers, and how it takes a grammar (``none``, ``llama.cpp``, ``vllm``).

    ``allowed`` is None for an address that the environment names, which may be any; one that was typed into a page is
    checked before each request, and these are the hosts inside that it may lead to.
    """

    url: str
    model: str
    key: str = field(repr=False)
    grammar: str = "none"
    timeout: float = 120.0
    retries: int = 2
    allowed: tuple[str, ...] | None = None


class ChatClient:
    """Streams completions at temperature 0.

    Args:
        locate: gives the endpoint; asked before each call, because a restarted server has a new port.
        server: the local server that this client closes at its end, None for a remote endpoint.
        trace: whether LangChain's tracing may send prompts to where its environment says.
    """

    def __init__(
        self, locate: Callable[[], Endpoint], *, server: LocalServer | None = None, trace: bool = False
    ) -> None:
        self._locate, self._server, self._trace = locate, server, trace
        self._known: tuple[Endpoint, ChatOpenAI] | None = None
        self.last_usage: Usage | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the local server, if this client has one."""
        if self._server is not None:
            self._server.close()

    def ready(self) -> None:
        """Wait until the local server has loaded its model; nothing to wait for at an endpoint.

        Raises:
            EngineFailed: it does not start.
        """
        self._locate()

    def complete(
        self, messages: Messages, *, max_tokens: int, grammar: str | None = None, stop: Sequence[str] = ()
    ) -> str:
        """The whole text; arguments and errors as for :meth:`stream`."""
        return "".join(self.stream(messages, max_tokens=max_tokens, grammar=grammar, stop=stop))

    def stream(
        self, messages: Messages, *, max_tokens: int, grammar: str | None = None, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        """The text in pieces. Closing the iterator makes the server stop.

        Args:
            messages: (role, text) with the roles system, user, assistant.
            max_tokens: the most that is written.
            grammar: GBNF that the text must obey; dropped where the endpoint has no grammars.
            stop: strings at which writing ends.

        Raises:
            EndpointError: the endpoint timed out, refused, answered nonsense or stopped in mid-stream.
            EngineFailed: the local server died; the next call restarts it.
            Stopped: another thread cut the call, see :mod:`service.models.cutting`.
        """
        attempts = 2 if self._server is not None else 1
        for attempt in range(attempts):
            wrote = False
            try:
                for piece in self._stream(messages, max_tokens, grammar, stop):
                    wrote = True
                    yield piece
                return
            except EngineFailed:
                # A crash before the first word costs the user nothing: start again, once.
                if wrote or attempt + 1 == attempts:
                    raise

    def _stream(
        self, messages: Messages, max_tokens: int, grammar: str | None, stop: Sequence[str]
    ) -> Iterator[str]:
        endpoint, model = self._model()
        options: dict[str, Any] = {"max_tokens": max_tokens}
        if stop:
            options["stop"] = list(stop)
        if body := grammar_body(endpoint.grammar, grammar):
            options["extra_body"] = body
        started, first, finished = time.perf_counter(), 0.0, False
        usage: dict[str, Any] = {}
        stream = model.stream(list(messages), **options)
        try:
            for chunk in stream:
                usage = dict(chunk.usage_metadata or usage)
                finished = finished or "finish_reason" in chunk.response_metadata
                if text := _text(chunk):
                    first = first or time.perf_counter()
                    yield text
        except WenhengError:
            raise
        except Exception as error:
            if was_cut():
                raise Stopped from error
            self._translate(error, endpoint)
        finally:
            close = getattr(stream, "close", None)
            if close is not None:
                close()
        if not finished:
            if was_cut():
                raise Stopped
            self._failed("回答中途断开", endpoint, "请重新提问；若反复出现，请检查接口服务")
        ended = time.perf_counter()
        self.last_usage = _usage(usage, (first or ended) - started, ended - started)

    def _model(self) -> tuple[Endpoint, ChatOpenAI]:
        endpoint = self._locate()
        if self._known is None or self._known[0] != endpoint:
            self._known = endpoint, _build(endpoint, self._trace)
        return self._known

    def _translate(self, error: Exception, endpoint: Endpoint) -> NoReturn:
        import httpx
        import openai

        if isinstance(error.__cause__, WenhengError):  # ours, wrapped on its way through
            raise error.__cause__
        if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
            self._failed("模型接口超时未答", endpoint, "请稍后再试，或调大 WENHENG_CHAT_TIMEOUT", error)
        if isinstance(error, openai.APIStatusError):
            self._status(error.status_code, str(error), endpoint, error)
        if isinstance(error, openai.APIConnectionError | httpx.HTTPError):
            self._failed("与模型接口的连接中断或无法建立", endpoint, "请检查地址、网络和接口服务", error)
        # What is left comes from parsing: JSON, pydantic and attribute errors of the layers below.
        self._failed("模型接口返回的内容无法识别", endpoint, "请检查地址是否为 OpenAI 兼容的对话接口", error)

    def _status(self, status: int, text: str, endpoint: Endpoint, error: Exception) -> NoReturn:
        if status in (401, 403):
            self._failed(
                f"模型接口拒绝了密钥（{status}）", endpoint, "请检查设置页或 WENHENG_CHAT_KEY 中的密钥", error
            )
        if status == 400 and "context" in text:
            self._failed(
                "问题与证据超过了模型的上下文长度", endpoint, "请缩短问题，或调大 WENHENG_CONTEXT", error
            )
        self._failed(f"模型接口返回状态 {status}", endpoint, "请检查模型名称和接口服务", error)

    def _failed(
        self, message: str, endpoint: Endpoint, remedy: str, cause: Exception | None = None
    ) -> NoReturn:
        if self._server is not None and self._server.gone():
            raise EngineFailed(
                "本机模型服务中途退出",
                where=self._server.options.model,
                remedy=f"请重试；日志在 {self._server.log}",
            ) from cause
        raise EndpointError(message, where=endpoint.url, remedy=remedy) from cause


def _build(endpoint: Endpoint, trace: bool) -> ChatOpenAI:
    if not trace:  # prompts must not reach a tracing service because a variable happens to be set
        os.environ.update(dict.fromkeys(TRACING, "false"))
    import httpx
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    local, guarded = is_local(endpoint.url), None
    if endpoint.allowed is not None:
        from service.models.address import Guarded

        guarded = Guarded(endpoint.url, endpoint.allowed, keep=0)
    timeout = httpx.Timeout(endpoint.timeout, connect=CONNECT_SECONDS)
    return ChatOpenAI(
        base_url=endpoint.url,
        model=endpoint.model,
        api_key=SecretStr(endpoint.key or "none"),
        temperature=0.0,
        seed=SEED,
        stream_usage=True,
        timeout=timeout,
        max_retries=0 if local else endpoint.retries,
        http_client=httpx.Client(
            timeout=timeout,
            transport=guarded,
            # A proxy from the environment must not see what goes to the loopback.
            trust_env=not local and guarded is None,
            # Each call has a connection of its own, which can be cut from another thread.
            limits=httpx.Limits(max_keepalive_connections=0),
            event_hooks={"request": [lambda request: request.extensions.update(trace=cutting.trace)]},
        ),
    )


def grammar_body(dialect: str, grammar: str | None) -> dict[str, Any]:
    """What a request is to hold for a grammar."""
    if not grammar or dialect == "none":
        return {}
    return {"grammar": grammar} if dialect == "llama.cpp" else {"structured_outputs": {"grammar": grammar}}


def _text(chunk: AIMessageChunk) -> str:
    return chunk.content if isinstance(chunk.content, str) else ""


def _usage(usage: dict[str, Any], first: float, total: float) -> Usage:
    cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
    return Usage(
        usage.get("input_tokens", 0), cached, usage.get("output_tokens", 0), first * 1000, total * 1000
    )


def open_chat(settings: Settings, progress: Progress = silent) -> ChatClient:
    """The client that the settings name; the local model is fetched when absent, and is ready on return.

    Raises:
        ModelMissing, ModelCorrupt, StorageFull: see :mod:`service.models.store`.
        EngineFailed: the local server does not start.
    """
    if settings.chat_url:
        remote = Endpoint(
            settings.chat_url,
            settings.chat_model,
            settings.chat_key.reveal(),
            settings.chat_grammar,
            settings.chat_timeout,
            allowed=settings.endpoints if settings.choice("chat") else None,
        )
        return ChatClient(lambda: remote, trace=settings.allow_remote)
    path = chat_model(
        settings.chat_source,
        settings.models_dir,
        progress=progress,
        sha256=settings.chat_sha256,
        endpoint=settings.hub_endpoint,
    )
    options = ServerOptions(str(path), settings.threads, settings.context, settings.speculation)
    server = LocalServer(options, settings.log_dir)
    return _open_local(server, settings)


def _open_local(server: LocalServer, settings: Settings) -> ChatClient:
    def locate() -> Endpoint:
        url = server.ensure_running()
        return Endpoint(url, settings.chat_name, server.key, "llama.cpp", settings.chat_timeout)

    client = ChatClient(locate, server=server, trace=settings.allow_remote)
    try:
        server.launch()
        import langchain_openai  # noqa: F401  (a second and a half, while the child loads the weights)

        client._model()
    except BaseException:
        server.close()
        raise
    return client


class FakeChat:
    """Says what it is told to, without a model: for tests and for trying out the rest.

    Args:
        replies: one text for each call, in order; the last one is repeated. An exception is raised.
    """

    def __init__(self, replies: Sequence[str | Exception]) -> None:
        self._replies = list(replies)
        self.calls: list[tuple[Messages, str | None]] = []
        self.last_usage: Usage | None = None

    def stream(
        self, messages: Messages, *, max_tokens: int, grammar: str | None = None, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        """The next reply in pieces of four characters."""
        self.calls.append((tuple(messages), grammar))
        reply = self._replies[min(len(self.calls), len(self._replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        for start in range(0, len(reply), 4):
            yield reply[start : start + 4]
        prompt = sum(len(text) for _, text in messages)
        self.last_usage = Usage(prompt, 0, len(reply), 0.0, 0.0)

    def complete(
        self, messages: Messages, *, max_tokens: int, grammar: str | None = None, stop: Sequence[str] = ()
    ) -> str:
        """The next reply."""
        return "".join(self.stream(messages, max_tokens=max_tokens, grammar=grammar, stop=stop))

    def close(self) -> None:
        """Nothing to close."""
