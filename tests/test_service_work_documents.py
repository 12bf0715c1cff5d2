"""Documents as jobs: parts while they are made, stop, restart, and the result that is found again later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from corpus.errors import Conflict, NotFound, Unsourced
from service.accounts.caller import LOCAL, Caller, Role
from service.house import House
from service.models.cutting import Stop, Stopped
from service.settings import load
from service.work import stored
from service.work.documents import ABOVE, AUDIT, CHECK, COVERAGE, DOCUMENT, TEXTS
from service.work.jobs import INPUTS, Job
from tests.houses import housed

if TYPE_CHECKING:
    from service.desk import Desk

OTHER = Caller("p2", "李", {"main": Role.READER}, via="session")
TEXT = """澄河县卫生健康局2022年工作总结

一、工作完成情况
2022年，全县家庭医生签约率达到98.7%，比上年的61.3%提高5.5个百分点。
新建村卫生室12所，联合乡镇文化站开展健康知识进集市活动，现场讲解高血压、糖尿病的日常管理办法。
"""
SECOND = """
栗坪县卫生健康局2022年工作总结

一、工作完成情况
2022年，全县共培训300人，其中男200人，占50%。改造乡镇卫生院4所，投入资金560万元，开展健康知识进集市活动六十二场。
二、下一步打算
计划新建村卫生室10所，继续做好家庭医生签约服务，完善双向转诊制度。
"""
REVIEW: dict[str, Any] = {
    "input": None,
    "against": [],
    "only": [],
    "skip": [],
    "checks": [CHECK, AUDIT],
    "at": 0,
}


class Endless:
    """A chat that writes until it is let go or its stream is closed; ``open`` counts the streams under way."""

    last_usage = None

    def __init__(self) -> None:
        self.go, self.begun = threading.Event(), threading.Semaphore(0)
        self.open = 0

    def stream(self, messages: Any, **options: Any) -> Iterator[str]:
        self.open += 1
        self.begun.release()
        try:
            yield "正在写"
            while not self.go.wait(0.02):
                yield "字"
        finally:
            self.open -= 1

    def complete(self, messages: Any, **options: Any) -> str:
        return "".join(self.stream(messages))

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def chat() -> Iterator[Endless]:
    made = Endless()
    yield made
    made.go.set()


@pytest.fixture
def house(bureau: Desk, tmp_path: Path, chat: Endless) -> Iterator[House]:
    with housed(bureau, tmp_path / "home", chat) as opened:
        yield opened


def summary(report: str) -> dict[str, Any]:
    """The payload of a summary."""
    return {"reports": [report], "places": [], "years": [], "genres": [], "length": "standard", "model": True}


def begun(house: House, chat: Endless, kind: str, payload: dict[str, Any]) -> Job:
    """A job whose model is writing."""
    job = house.jobs.submit(LOCAL, "main", kind, payload)
    assert chat.begun.acquire(timeout=20)
    return job


def until(found: Callable[[], Any], seconds: float = 10) -> Any:
    """What is found in the end."""
    end = time.monotonic() + seconds
    while not (told := found()) and time.monotonic() < end:
        time.sleep(0.01)
    return told


def done(house: House, job: Job) -> Job:
    """The job when it has ended."""
    assert house.jobs.wait(job.id, 30)
    return house.jobs.get(LOCAL, job.id)


def report_of(house: House, place: str = "澄河县", year: int = 2022) -> str:
    return next(c.id for c in house.desk(LOCAL).cards() if (c.place, c.year) == (place, year))


def memo(**more: Any) -> dict[str, Any]:
    """The payload of a comparison."""
    return {"places": ["澄河县"], "years": [], "reports": [], "indicators": [], "narrative": True} | more


# -- while it is made -------------------------------------------------------------------------------


def test_a_summary_shows_what_is_written_and_then_its_parts(house: House, chat: Endless) -> None:
    job = begun(house, chat, "summary", summary(report_of(house)))
    assert until(lambda: "正在写" in house.jobs.get(LOCAL, job.id).text)
    second = house.jobs.submit(LOCAL, "main", "summary", summary(report_of(house, "栗坪县")))
    assert until(lambda: house.jobs.get(LOCAL, second.id).waits == 1)
    parts: list[int] = []
    chat.go.set()
    while (now := house.jobs.get(LOCAL, job.id)).open:
        parts.append(len(now.made))
        time.sleep(0.001)
    ended = done(house, job)
    assert ended.state == "done", ended.error
    assert parts == sorted(parts) and max(parts) > 1
    assert ended.made == () and ended.text == ""
    again = stored.again(house.desk(LOCAL), house.jobs.folder_of(job.id), DOCUMENT).checked()
    assert ended.result is not None and ended.result["document"]["title"] == again.document.title
    assert len(again.document.sources) == len(ended.result["document"]["sources"]) > 0


@pytest.mark.parametrize("kind", ["summary", "memo"])
def test_a_cancel_frees_the_model_within_a_second(house: House, chat: Endless, kind: str) -> None:
    payload = summary(report_of(house)) if kind == "summary" else memo()
    job = begun(house, chat, kind, payload)
    at = time.monotonic()
    house.jobs.cancel(LOCAL, job.id)
    assert until(lambda: not chat.open and not house.turns.running, 5)
    assert time.monotonic() - at < 1
    assert done(house, job).state == "cancelled"


def test_a_comparison_that_is_stopped_keeps_what_code_made(house: House, chat: Endless) -> None:
    job = begun(house, chat, "memo", memo())
    assert until(lambda: len(house.jobs.get(LOCAL, job.id).made) == 1)
    house.jobs.cancel(LOCAL, job.id)
    ended = done(house, job)
    assert ended.state == "cancelled" and ended.result is not None
    assert ended.result["notes"] == ["已停下；主要发现没有经语言模型串联"]
    made = stored.again(house.desk(LOCAL), house.jobs.folder_of(job.id), DOCUMENT).checked()
    assert made.document.signature == "" and made.document.sources


def test_vectors_are_given_up_in_the_middle(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from service import view

    monkeypatch.setattr(view, "AT_ONCE", 2)
    stop, made = Stop(), list[int]()
    desk = house.desk(LOCAL, stop=stop)
    embed = desk.embedder.embed_passages

    def counted(texts: Any) -> Any:
        made.append(len(texts))
        if len(made) == 2:
            stop.set()
        return embed(texts)

    monkeypatch.setattr(desk.embedder, "embed_passages", counted)
    with pytest.raises(Stopped):
        desk.likeness([f"第{n}句话" for n in range(8)], ["另一句话"])
    assert made == [2, 2]


def test_a_job_goes_on_after_a_restart(bureau: Desk, tmp_path: Path, chat: Endless) -> None:
    home = tmp_path / "home"
    with housed(bureau, home, chat) as first:
        job = begun(first, chat, "summary", summary(report_of(first)))
    other = Endless()
    other.go.set()
    with House.open(load({}, home=home), users=False, embedder=bureau.embedder, chat=other) as second:
        ended = done(second, job)
        assert ended.state == "done" and ended.result is not None
        stored.again(second.desk(LOCAL), second.jobs.folder_of(job.id), DOCUMENT).checked()


# -- afterwards -------------------------------------------------------------------------------------


def test_a_result_that_cites_a_deleted_report_is_not_shown_again(house: House, chat: Endless) -> None:
    chat.go.set()
    report = report_of(house)
    job = done(house, house.jobs.submit(LOCAL, "main", "summary", summary(report)))
    made = stored.again(house.desk(LOCAL), house.jobs.folder_of(job.id), DOCUMENT)
    house.desk(LOCAL).remove([report])
    with pytest.raises(Unsourced, match="已不在库中"):
        made.checked()


def test_a_result_can_be_removed_by_its_owner_when_it_is_there(house: House, chat: Endless) -> None:
    job = begun(house, chat, "summary", summary(report_of(house)))
    with pytest.raises(Conflict):
        house.jobs.forget(LOCAL, job.id)
    chat.go.set()
    folder = house.jobs.folder_of(done(house, job).id)
    with pytest.raises(NotFound):
        house.jobs.forget(OTHER, job.id)
    assert folder.is_dir()
    house.jobs.forget(LOCAL, job.id)
    assert not folder.exists() and house.jobs.list(LOCAL) == ()


def test_three_long_jobs_hold_up_no_short_one(house: House) -> None:
    held, begun_long = threading.Event(), threading.Semaphore(0)

    def long(desk: Any, payload: Any, tell: Any, stop: Any) -> dict[str, Any]:
        begun_long.release()
        while not stop() and not held.wait(0.02):
            pass
        return {}

    house.jobs.register("long", long)
    jobs = [house.jobs.submit(LOCAL, "main", "long", {}) for _ in range(4)]
    for _ in range(3):
        assert begun_long.acquire(timeout=10)
    short = memo(narrative=False)
    assert done(house, house.jobs.submit(LOCAL, "main", "memo", short)).state == "done"
    assert house.jobs.get(LOCAL, jobs[-1].id).state == "queued"
    held.set()


# -- reviews ----------------------------------------------------------------------------------------


def handed_in(house: House, text: str) -> tuple[str, dict[str, Any]]:
    """A job to come with a file in its folder, and how the file is named as a source."""
    job_id = house.jobs.reserve()
    folder = house.jobs.folder_of(job_id) / INPUTS
    folder.mkdir(parents=True)
    (folder / "texts.txt").write_text(text, encoding="utf-8")
    return job_id, {"file": "texts.txt", "name": "送审稿.txt"}


def test_a_review_is_whole_without_its_file(house: House) -> None:
    job_id, source = handed_in(house, f"工作总结(2篇)\n篇一：\n{TEXT}\n篇二：\n{SECOND}")
    above = next(c.id for c in house.desk(LOCAL).cards() if "工作要点" in c.title)
    payload = REVIEW | {"text": source, ABOVE: {"report": above}}
    job = done(house, house.jobs.submit(LOCAL, "main", "audit", payload, job_id=job_id))
    assert job.state == "done" and job.result is not None, job.error
    folder = house.jobs.folder_of(job.id)
    assert not (folder / INPUTS).exists()
    assert len(job.result["titles"]) == 2 and len(job.result["texts"]) == 1
    text = stored.texts(folder, TEXTS)[0]
    assert "98.7%" in text.text and text.id == job.result["texts"][0]["report_id"]
    desk = house.desk(LOCAL)
    remarks = stored.again(desk, folder, CHECK).remarks
    assert any("98.7%" in text.text[one.start : one.end] for one in remarks)
    for name in job.result["documents"]:
        assert stored.again(desk, folder, name).checked().document.kind
    assert ("not_covered" in job.result) == (COVERAGE not in job.result["documents"])
    other = REVIEW | {"text": {"kept": job.id, "of": TEXTS}, "at": 1, ABOVE: None}
    second = done(house, house.jobs.submit(LOCAL, "main", "audit", other))
    assert second.result is not None and "栗坪县" in second.result["texts"][0]["title"]
    house.jobs.forget(LOCAL, job.id)
    assert stored.texts(house.jobs.folder_of(second.id), TEXTS)[1].text.count("300人") == 1
    third = done(house, house.jobs.submit(LOCAL, "main", "audit", other))
    assert third.error is not None and third.error["detail"] == "稿件的文字已不在"


def test_nothing_to_hold_a_text_against_undoes_no_review(house: House) -> None:
    report = report_of(house)
    payload = REVIEW | {"text": {"report": report}, ABOVE: {"report": report}}
    job = done(house, house.jobs.submit(LOCAL, "main", "audit", payload))
    assert job.state == "done" and job.result is not None
    assert set(job.result["documents"]) == {CHECK, AUDIT} and job.result["not_covered"]["remedy"]
    assert not (house.jobs.folder_of(job.id) / f"{TEXTS}.json").exists()  # the library has it
