"""The labels of cover: well formed, each at the place that it names, and scored as they say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.aliases import Aliases
from corpus.errors import InputError, NotFound
from eval.cover import FICTIONAL, Judged, Label, judge, load, reports_of, scores
from service.cover.answers import Verdict


def blind(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
    return np.full((len(one), len(other)), 0.9, np.float32)


def label(number: int, verdict: Verdict) -> Label:
    return Label(f"c-{number}", "dev", "a", "b", 0, 9, "c", "d", verdict)


def test_both_halves_are_there_and_apart() -> None:
    dev, held = load("dev"), load("held")
    assert len(dev) + len(held) >= 60 and not {one.id for one in dev} & {one.id for one in held}
    for half in (dev, held):
        assert {one.verdict for one in half} == set(Verdict)
    places = [(one.report, one.draft, one.start) for one in (*dev, *held)]
    assert len(set(places)) == len(places)


def test_the_labels_of_fictional_plans_are_scored() -> None:
    known = {"711ab6801369", "896757b5448b"}
    labels = [one for one in load("dev") if one.report in known]
    wanted = {digest for one in labels for digest in (one.sha256, one.draft_sha256)}
    judged = judge(labels, reports_of(FICTIONAL, wanted), blind, Aliases.load(None))
    assert len(judged) == sum(not one.optional for one in labels)
    assert all(one.title for one in judged)  # each label stands at an item
    (_, _, missing, up) = scores(judged)
    assert missing.labelled + up.labelled == len(judged)
    assert missing.right >= 0.9 * missing.labelled


def test_shares_are_counted() -> None:
    covered, partly, missing = Verdict.COVERED, Verdict.PARTLY, Verdict.MISSING
    pairs = [(covered, covered), (covered, partly), (partly, missing), (missing, missing), (missing, covered)]
    made = scores([Judged(label(n, gold), found, "", False) for n, (gold, found) in enumerate(pairs)])
    assert [(s.right, s.found, s.labelled) for s in made] == [(1, 2, 2), (0, 1, 1), (1, 2, 2), (2, 3, 3)]


def test_what_is_no_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="没有找到标注文件"):
        load("dev", tmp_path)
    path = tmp_path / "cover-dev.jsonl"
    path.write_text('{"id": "c-1"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="标注格式不对"):
        load("dev", tmp_path)
    with pytest.raises(NotFound, match="缺少标注所指的1个文件"):
        reports_of([tmp_path], ["0" * 64])
