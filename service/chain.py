"""LangChain seams: the desk as a retriever and as a runnable that answers.

Any provider integration, tracer or chain of that ecosystem can stand on these: the retriever gives
documents whose metadata cite (report, span); the runnable gives the checked answer.
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from pydantic import ConfigDict

from corpus.report import Filter
from service.desk import Desk


class ReportRetriever(BaseRetriever):
    """Passages of the library as LangChain documents, inside a hard filter."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    desk: Desk
    wanted: Filter = Filter()
    k: int = 8

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        cards = self.desk.card_table()
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata={
                    "report_id": hit.passage.report_id,
                    "title": cards[hit.passage.report_id].title,
                    "place": cards[hit.passage.report_id].place,
                    "year": cards[hit.passage.report_id].year,
                    "path": list(hit.passage.path),
                    "start": hit.passage.span.start,
                    "end": hit.passage.span.end,
                    "score": hit.score,
                },
            )
            for hit in self.desk.search(query, self.wanted, self.k)
        ]


def answer_chain(desk: Desk) -> RunnableLambda[str, dict[str, Any]]:
    """A runnable: question → the JSON object of ``wenheng ask --json``."""

    def run(question: str) -> dict[str, Any]:
        return desk.ask(question).to_json()

    return RunnableLambda(run)
