"""What the service did, as numbers for Prometheus (运行指标): how long, how many, how often.

In: small calls from the doors, the queue and the jobs. Out: the text of ``/metrics``. The registry is our own, so that
no library adds to it. Labels are stages, routes and states, never a question, a name or an id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.keeping import traces
from service.models.cutting import Stopped

if TYPE_CHECKING:
    from service.cited import Answer
    from service.models.chat import Usage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
_requests = Counter("wenheng_requests", "HTTP requests", ("method", "route", "status"), registry=REGISTRY)
_request_seconds = Histogram(
    "wenheng_request_seconds", "Time until the last byte", ("route",), buckets=_SECONDS, registry=REGISTRY
)
_stages = Histogram(
    "wenheng_stage_seconds", "Time in one stage of the work", ("stage",), buckets=_SECONDS, registry=REGISTRY
)
_failures = Counter("wenheng_stage_failures", "Stages that ended in an error", ("stage",), registry=REGISTRY)
_tokens = Counter("wenheng_tokens", "Tokens of the chat model", ("kind",), registry=REGISTRY)
_answers = Counter("wenheng_answers", "Answers by status", ("status",), registry=REGISTRY)
_repairs = Counter("wenheng_answers_repaired", "Answers that were written a second time", registry=REGISTRY)
_dropped = Counter("wenheng_sentences_dropped", "Sentences that no source bore out", registry=REGISTRY)
_cache = Counter("wenheng_cache", "Looks into a cache", ("cache", "result"), registry=REGISTRY)
_waited = Histogram("wenheng_queue_wait_seconds", "Wait for the model", buckets=_SECONDS, registry=REGISTRY)


@contextmanager
def observe(stage: str) -> Iterator[None]:
    """Time a stage (search, ingest, draft, export …), as a trace too where traces are on; a stop is no failure."""
    began = time.perf_counter()
    try:
        with traces.span(stage):
            yield
    except Stopped:
        raise
    except Exception:
        _failures.labels(stage).inc()
        raise
    finally:
        _stages.labels(stage).observe(time.perf_counter() - began)


def took(stage: str, seconds: float) -> None:
    """Note the time of a stage that was measured elsewhere."""
    _stages.labels(stage).observe(max(0.0, seconds))


def requested(method: str, route: str, status: int, seconds: float) -> None:
    """Note a request; ``route`` is the template of its path, so that ids make no new series."""
    _requests.labels(method, route, str(status)).inc()
    _request_seconds.labels(route).observe(max(0.0, seconds))


def wrote(usage: Usage | None) -> None:
    """Note what a call of the model took."""
    if usage is None:
        return
    _tokens.labels("prompt").inc(usage.prompt_tokens)
    _tokens.labels("cached").inc(usage.cached_tokens)
    _tokens.labels("written").inc(usage.written_tokens)
    cached("prompt", usage.cached_tokens > 0)


def answered(answer: Answer) -> None:
    """Note an answer: its status (refusals among them) and the times of its stages."""
    _answers.labels(answer.status).inc()
    _repairs.inc(answer.repaired)
    _dropped.inc(answer.dropped)
    took("evidence", answer.timings.search_ms / 1000)
    if answer.signature:  # the model was asked
        took("first_token", answer.timings.first_token_ms / 1000)
    took("answer", answer.timings.total_ms / 1000)


def cached(cache: str, hit: bool) -> None:
    """Note a look into a cache."""
    _cache.labels(cache, "hit" if hit else "miss").inc()


def waited(seconds: float) -> None:
    """Note how long a call waited for the model."""
    _waited.observe(max(0.0, seconds))


class _Watched(Collector):
    """Numbers that are asked for when somebody looks: the queue and the jobs."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[str, str, Callable[[], Mapping[str, float]]]] = {}

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (help_, label, ask) in list(self.asked.items()):
            family = GaugeMetricFamily(name, help_, labels=(label,))
            for value, number in ask().items():
                family.add_metric((value,), number)
            yield family


_watched = _Watched()
REGISTRY.register(_watched)


def watch(name: str, help_: str, label: str, ask: Callable[[], Mapping[str, float]]) -> None:
    """Show numbers that ``ask`` gives by the values of ``label`` whenever the page is read."""
    _watched.asked[name] = (help_, label, ask)


def unwatch(name: str) -> None:
    """Stop showing them: what they came from is closed."""
    _watched.asked.pop(name, None)


def page() -> bytes:
    """The text that Prometheus reads."""
    return generate_latest(REGISTRY)


def value(name: str, **labels: str) -> float:
    """One number, 0 where it was never counted."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
