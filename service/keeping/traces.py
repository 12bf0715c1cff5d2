"""Traces for OpenTelemetry (调用链), off unless a setting says where they go.

In: names of stages and plain numbers. Out: spans, on the terminal (``console``) or at a collector (``http://…:4317``,
OTLP over gRPC). Nothing of a question or a report is put into them. The provider is our own, not the process's: a
library that brings spans of its own does not get ours, nor we its.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus.errors import InputError
from service.settings import Settings, is_local

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

CONSOLE = "console"

_tracer: Tracer | None = None
_provider: TracerProvider | None = None


def configure(settings: Settings) -> None:
    """Begin to trace where the settings ask for it.

    Raises:
        InputError: the packages for it are not installed, or the collector is not on this machine.
    """
    if not settings.traces:
        return
    if settings.traces != CONSOLE and not is_local(settings.traces) and not settings.allow_remote:
        raise InputError(
            "调用链的接收地址不在本机",
            where="WENHENG_TRACES",
            remedy="如确实允许（其中只有步骤和用时，没有文字），请设置 WENHENG_ALLOW_REMOTE=1",
        )
    try:
        exporter = _exporter(settings.traces)
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise InputError(
            f"没有安装 OpenTelemetry 的发送程序（{error.name}）",
            where="WENHENG_TRACES",
            remedy="请安装 opentelemetry-sdk 和 opentelemetry-exporter-otlp-proto-grpc，或去掉这项设置",
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "wenheng"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    use(provider)


def _exporter(where: str) -> SpanExporter:
    if where == CONSOLE:
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=where, insecure=where.startswith("http://"))


def use(provider: TracerProvider | None) -> None:
    """Send spans to this provider from now on; None stops it and hands over what is left."""
    global _tracer, _provider
    before, _provider = _provider, provider
    _tracer = provider.get_tracer("wenheng") if provider is not None else None
    if before is not None:
        before.shutdown()


class Stage:
    """A span that begins in one call and ends in another, maybe of another thread: it is nobody's parent."""

    def __init__(self, name: str) -> None:
        self._span = _tracer.start_span(name) if _tracer is not None else None

    def end(self) -> None:
        """End it; a second call does nothing."""
        ended, self._span = self._span, None
        if ended is not None:
            ended.end()


def begin(name: str) -> Stage:
    """Begin a span that the caller ends."""
    return Stage(name)


@contextmanager
def span(name: str, **attributes: int | float | bool) -> Iterator[None]:
    """A span around what happens inside; nothing where traces are off. Attributes are numbers, never text."""
    if _tracer is None:
        yield
        return
    # The message of an exception may hold text of a question: only its kind is noted.
    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except Exception as error:
            current.set_attribute("error.type", type(error).__name__)
            raise
