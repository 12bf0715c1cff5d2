"""The LangChain seams: a retriever whose documents cite, and a runnable that answers."""

from __future__ import annotations

import pytest

from corpus.report import Filter
from service.chain import ReportRetriever, answer_chain
from service.desk import Desk


def test_documents_open_at_their_span(bureau: Desk) -> None:
    documents = ReportRetriever(desk=bureau, k=5).invoke("家庭医生签约率")
    assert 0 < len(documents) <= 5
    for document in documents:
        about = document.metadata
        report = bureau.report(about["report_id"])
        assert report.text[about["start"] : about["end"]] == document.page_content
        assert (about["place"], about["year"]) == (
            report.metadata.place.value if report.metadata.place else None,
            report.metadata.year_number,
        )
        assert about["title"] == report.metadata.title and about["score"] > 0
    assert len({document.id for document in documents}) == len(documents)


def test_the_filter_is_hard(bureau: Desk) -> None:
    retriever = ReportRetriever(desk=bureau, wanted=Filter(places=("雁塘区",)), k=20)
    found = retriever.invoke("家庭医生签约率")
    assert found and {document.metadata["place"] for document in found} == {"雁塘区"}


def test_many_queries_at_once(bureau: Desk) -> None:
    one, other = ReportRetriever(desk=bureau, k=2).batch(["救护车", "健康步道"])
    assert "救护车" in one[0].page_content and "健康步道" in other[0].page_content


@pytest.mark.parametrize(
    ("question", "status"),
    [("澄河县2022年存在哪些问题", "answered"), ("澄河县2019年签约率是多少", "refused")],
)
def test_the_chain_gives_the_json_of_an_answer(bureau: Desk, question: str, status: str) -> None:
    value = answer_chain(bureau).invoke(question)
    assert (value["question"], value["status"]) == (question, status)
    assert value["text"]


def test_the_chain_composes(bureau: Desk) -> None:
    chain = answer_chain(bureau) | (lambda value: len(value["sentences"]))
    assert chain.invoke("澄河县2022年存在哪些问题") == 4
