"""Questions in other words than the report's: quoted where the meaning is near, else refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.samples import SAMPLES
from service.decision import Plan
from service.desk import Desk
from service.enumerating import list_members
from service.evidence import Evidence, find
from service.meaning import CLEAR, NOTE, by_meaning, nearest
from service.settings import load

CLINIC = "义诊"


@dataclass(frozen=True)
class Near:
    """The bureau's view with an embedding model that finds sentences with ``word`` near."""

    view: Any
    word: str
    cosine: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.view, name)

    def similarities(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([self.cosine if self.word in text else 0.8 for text in texts], np.float32)


@pytest.fixture
def plan(bureau: Desk) -> Callable[..., Plan | None]:
    def run(question: str, word: str, cosine: float) -> Plan | None:
        view = Near(bureau.view, word, cosine)
        return by_meaning(find(bureau.understand(question), view), view)

    return run


def test_a_near_sentence_is_quoted_with_a_note(plan: Callable[..., Plan | None]) -> None:
    made = plan("雁塘区2022年上半年大夫上门瞧病跑了多少趟？", CLINIC, 0.945)
    assert made is not None and made.status == "partial" and made.reason == NOTE
    assert CLINIC in made.sentences[0].text and made.sentences[0].citations[0].place == "雁塘区"


def test_a_very_near_one_needs_no_note(plan: Callable[..., Plan | None]) -> None:
    made = plan("雁塘区2022年上半年大夫上门瞧病跑了多少趟？", CLINIC, 0.99)
    assert made is not None and made.status == "answered"


def test_a_far_one_is_no_answer(plan: Callable[..., Plan | None]) -> None:
    assert plan("雁塘区2022年上半年大夫上门瞧病跑了多少趟？", CLINIC, 0.86) is None


def test_what_is_asked_for_must_stand_in_the_sentence(plan: Callable[..., Plan | None]) -> None:
    assert plan("雁塘区2022年上半年大夫上门瞧病花了多少公顷？", CLINIC, 0.99) is None
    assert plan("雁塘区2022年上半年大夫上门瞧病是几月几号？", "罚款", 0.99) is None


def test_over_all_reports_meaning_does_not_decide(plan: Callable[..., Plan | None]) -> None:
    assert plan("大夫上门瞧病跑了多少趟？", CLINIC, 0.99) is None


def test_a_list_of_things_is_the_sentence_that_names_them(bureau: Desk) -> None:
    view = Near(bureau.view, CLINIC, 0.99)
    evidence = find(bureau.understand("雁塘区2022年上半年办义诊的是哪几家单位？"), view)
    made = list_members(evidence, bureau.report, view)
    assert made is not None and CLINIC in made.sentences[0].text
    assert made.sentences[0].status == "quoted"


def test_odds_fall_with_the_cosine(bureau: Desk) -> None:
    def odds(cosine: float) -> float:
        view = Near(bureau.view, CLINIC, cosine)
        evidence: Evidence = find(bureau.understand("雁塘区2022年上半年大夫上门瞧病多少次？"), view)
        return nearest(evidence, view, least=-99)[0].odds

    assert odds(0.99) > CLEAR > odds(0.9) > odds(0.85)


@pytest.mark.model
def test_the_real_model_understands_everyday_words(tmp_path: Path) -> None:
    with Desk.open(load(home=tmp_path)) as desk:
        desk.ingest([SAMPLES / "青岭县2023年卫生健康工作总结.html"])
        answer = desk.ask("青岭县2023年还有几个村没有村医？")
        assert "11个" in answer.text and answer.status in ("answered", "partial")
        assert desk.ask("青岭县2023年买了几艘船？").status == "refused"
