"""Words for the index and for questions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.tokens import index_terms, query_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("家庭医生签约服务稳步推进", {"家庭医生签约服务", "家庭", "医生", "签约", "服务"}),
        ("紧密型县域医共体", {"医共体", "县域"}),
        ("签约率达到98.93%。", {"签约率", "98.93"}),
        ("检查１，４３６人", {"1436", "检查"}),
        ("共1,436人，两癌筛查", {"1436", "两癌筛查", "筛查"}),
        ("比例为4.9％", {"4.9"}),
        ("ＣＴ与DRG付费", {"ct", "drg"}),
    ],
)
def test_terms_of_a_text(text: str, terms: set[str]) -> None:
    assert terms <= set(index_terms(text))


def test_punctuation_and_function_words_are_no_terms() -> None:
    assert index_terms("的、了；（和）。！") == ()


def test_repetitions_count() -> None:
    assert index_terms("义诊，义诊，义诊").count("义诊") == 3


def test_question_words_are_dropped() -> None:
    terms = query_terms("2017年云溪县聘请名医多少人？")
    assert {"2017", "名医"} <= set(terms)
    assert not {"多少", "人", "年"} & set(terms)


def test_a_question_of_question_words_keeps_them() -> None:
    assert query_terms("怎么样？") != ()
    assert query_terms("？？") == ()


def test_index_and_query_meet() -> None:
    indexed = set(index_terms("全县成立督导组12个，家庭医生的签约工作有序开展"))
    asked = query_terms("家庭医生签约了多少个督导组")
    assert {"督导组", "家庭", "签约"} <= indexed & set(asked)


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=60)
def test_terms_survive_the_index_tokenizer(text: str) -> None:
    """The index splits at blanks only: no term may hold one, a quote or a NUL."""
    for term in (*index_terms(text), *query_terms(text)):
        assert term
        assert not set(term) & set(' "\0\t\n')
        assert term == term.lower()


@given(st.text(alphabet="健康扶贫签约0123456789.,%，。 ", max_size=60))
@settings(deadline=None, max_examples=60)
def test_query_terms_are_index_terms(text: str) -> None:
    assert set(query_terms(text)) <= set(index_terms(text))
