"""Content words, bigrams, rarity, and how much of one text stands in another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.terms import Weights, content, coverage, credit, grams, held, words

SENTENCES = (
    "全县家庭医生签约率为66.8%",
    "全县高血压患者规范管理率为74.6%",
    "全县糖尿病患者规范管理率为70.3%",
    "县人民医院聘请省城专家9名",
    "全县组建家庭医生团队124个",
)
WEIGHTS = Weights.learn(SENTENCES)
office = st.text(alphabet="全县家庭医生签约率高血压患者规范管理聘请专家的是多少，。 0123456789%", max_size=40)


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("请问家庭医生签约率是多少", "家庭医生 签约率"),
        ("目前全县有几个采样点", "采样 点"),
        ("为什么没有完成", "完成"),
        ("请问是多少呢？", ""),
    ],
)
def test_words_that_only_ask_are_no_content(question: str, kept: str) -> None:
    assert content(question) == kept


def test_bigrams_stay_inside_runs_of_han_characters() -> None:
    assert grams("签约率66.8%，DRG 付费") == {"签约", "约率", "66.8", "drg", "付费"}
    assert grams("率") == {"率"}
    assert grams("，。") == frozenset()


def test_a_lone_character_counts_anywhere() -> None:
    assert held(frozenset({"牛", "签约"}), "养牛户签约") == {"牛", "签约"}


def test_rare_words_weigh_more_and_unseen_ones_the_most() -> None:
    assert WEIGHTS.of("专家") > WEIGHTS.of("全县")
    assert WEIGHTS.unseen >= max(WEIGHTS.table.values())
    assert min(WEIGHTS.table.values()) > 0


def test_the_rare_word_decides_which_sentence_is_nearer() -> None:
    topic = "糖尿病 患者 规范 管理"
    shares = [coverage(topic, sentence, WEIGHTS) for sentence in SENTENCES]
    assert max(range(len(SENTENCES)), key=shares.__getitem__) == 2
    assert shares[2] == pytest.approx(1.0)
    assert 0 < shares[1] < 1


def test_words_in_a_lesser_place_are_worth_less() -> None:
    whole = credit("签约率", ((1.0, SENTENCES[0]),), WEIGHTS)
    assert credit("签约率", ((1.0, "别的"), (0.5, SENTENCES[0])), WEIGHTS) == pytest.approx(whole / 2)


def test_a_topic_without_words_is_found_nowhere() -> None:
    assert words("", WEIGHTS) == ()
    assert coverage("", SENTENCES[0], WEIGHTS) == 0.0


@settings(deadline=None, max_examples=60)
@given(office, office)
def test_coverage_is_a_share_and_whole_where_the_text_holds_the_topic(topic: str, text: str) -> None:
    asked = content(topic)
    share = coverage(asked, text, WEIGHTS)
    assert 0.0 <= share <= 1.0 + 1e-9
    assert share <= coverage(asked, f"{text}，{topic}", WEIGHTS) + 1e-9
    if grams(asked):
        assert coverage(asked, asked, WEIGHTS) == pytest.approx(1.0)
