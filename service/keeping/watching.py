"""A desk that tells how long its work takes (计时的工作台): what the service counts, without a word in the stages.

In: the calls of a desk. Out: the same, and numbers for ``/metrics`` and spans for the traces. Answers are read off their
events, so that the stages themselves know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from corpus.index import Hit
from corpus.report import Filter
from service.answer import Done, Event, Found
from service.desk import ANY, Desk
from service.keeping import metrics, traces


class WatchedDesk(Desk):
    """A desk of the service."""

    def search(self, query: str, wanted: Filter = ANY, k: int = 10) -> tuple[Hit, ...]:
        """As the desk's."""
        with metrics.observe("search"):
            return super().search(query, wanted, k)

    def reindex(self, on_progress: Callable[[int, int], None] | None = None) -> int:
        """As the desk's."""
        with metrics.observe("reindex"):
            return super().reindex(on_progress)

    def stream(self, text: str, history: Sequence[str] = ()) -> Iterator[Event]:
        """As the desk's; what is left unread when the reader goes away is not counted as an answer."""
        stage = traces.begin("evidence")
        try:
            for event in super().stream(text, history):
                if isinstance(event, Found):
                    stage.end()
                    stage = traces.begin("phrase")
                elif isinstance(event, Done):
                    metrics.answered(event.answer)
                yield event
        finally:
            stage.end()
