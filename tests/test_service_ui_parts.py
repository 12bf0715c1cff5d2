"""What the pages are made of, without a browser: texts as HTML, filters, cases, raw text, streams."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from corpus.errors import EndpointError, InputError
from corpus.report import Genre
from service import feedback, probing, refining
from service.cli import cli
from service.examples import examples
from service.feedback import Complaint
from service.models.cutting import Stop
from service.raw import raw_view
from service.refining import Facet
from service.settings import load

if TYPE_CHECKING:
    from service.desk import Desk

QUESTION = "澄河县2022年家庭医生签约率是多少？"
NASTY = '<script>alert(1)</script><img src=x onerror="x">'


# -- texts ------------------------------------------------------------------------------------------


def test_a_text_is_escaped_and_its_sentence_marked(bureau: Desk) -> None:
    from service.ui.texts import MARK_ID, cleaned_html

    report = bureau.report(bureau.cards()[0].id)
    report = replace(report, text=report.text[:20] + NASTY + report.text[20:])
    html = cleaned_html(report, 18, 30)
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html
    assert html.count(f'id="{MARK_ID}"') == 1
    assert "".join(plain(part) for part in marked(html)) == report.text[18:30]
    assert plain(html) == report.text
    assert "<mark" not in cleaned_html(report)


def marked(html: str) -> list[str]:
    import re

    return re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL)


def plain(html: str) -> str:
    import html as entities
    import re

    return entities.unescape(re.sub(r"<[^>]+>", "", html))


def test_a_long_text_is_shown_around_its_sentence(bureau: Desk) -> None:
    from service.ui.texts import cleaned_html

    report = bureau.report(bureau.cards()[0].id)
    middle = len(report.text) // 2
    html = cleaned_html(report, middle, middle + 5, reach=10)
    assert plain(html) == f"……\n{report.text[middle - 10 : middle + 15]}\n……"


def test_an_answer_is_escaped_and_numbered(ask: Callable[..., Any]) -> None:
    from service.ui.answers import answer_html, evidence_html, sources, sources_html
    from service.ui.answers import plain as copied

    turn = ask(QUESTION).answer.to_json()
    turn["sentences"][0]["text"] = f"签约率{NASTY}"
    for one in (*sources(turn), *turn["evidence"]):
        one["title"] = one["quote"] = NASTY
    html = answer_html(turn) + sources_html(sources(turn)) + evidence_html(turn["evidence"])
    assert "<script" not in html and "<img" not in html
    assert 'data-n="1"' in answer_html(turn)
    assert copied(turn).count("[1]") >= 2


def test_the_raw_text_keeps_its_place_and_hides_personal_data(
    tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    text = "澄河县卫生健康局2022年工作总结\n\n联系人：王某，手机 13912345678。\n\n一、工作完成情况\n全年新建村卫生室２３所，投入560万元。\n"
    file = tmp_path / "澄河县2022年工作总结.txt"
    file.write_text(text, encoding="utf-8")
    with open_desk(tmp_path / "home") as desk:
        assert not desk.ingest([file]).failures
        report = desk.report(desk.cards()[0].id)
        start = report.text.index("全年新建")
        view = raw_view(desk.library, report, start, start + 10)
    assert "13912345678" not in view.text and "手机号已隐去" in view.text
    assert view.text[view.start : view.end].startswith("全年新建村卫生室")
    assert "２３" in view.text  # as it was, not as it was repaired


# -- what was understood ----------------------------------------------------------------------------


def test_a_filter_can_be_dropped_changed_and_added(bureau: Desk) -> None:
    question = bureau.understand(QUESTION)
    place, year = refining.facets(question)
    assert (place.label, year.label) == ("澄河县", "2022年")
    wider = refining.without(question, year)
    assert wider.years == () and wider.places == ("澄河县",) and "2022" not in wider.text
    other = refining.changed(question, place, Facet("places", "栗坪县", "栗坪县"))
    assert other.places == ("栗坪县",) and other.text == QUESTION.replace("澄河县", "栗坪县")
    more = refining.added(wider, Facet("genres", Genre.ANNUAL.value, Genre.ANNUAL.label))
    assert more.genres == (Genre.ANNUAL,) and more.places == ("澄河县",)


def test_a_filter_that_came_from_the_question_before_is_put_into_the_words(bureau: Desk) -> None:
    question = bureau.understand("那2021年呢？", [QUESTION])
    place = next(one for one in refining.facets(question) if one.kind == "places")
    other = refining.changed(question, place, Facet("places", "栗坪县", "栗坪县"))
    assert other.places == ("栗坪县",) and other.text.startswith("栗坪县")


def test_the_choices_are_those_of_the_library(bureau: Desk) -> None:
    cards = bureau.cards()
    assert {one.value for one in refining.choices(cards, "places")} == {c.place for c in cards if c.place}
    assert [one.label for one in refining.choices(cards, "years")] == ["2021年", "2022年"]


def test_the_examples_can_be_answered(bureau: Desk, ask: Callable[..., Any]) -> None:
    found = examples(bureau)
    assert len(found) >= 3 and len(set(found)) == len(found)
    assert all(ask(question).answer.status != "refused" for question in found)


def test_an_empty_library_has_no_examples(tmp_path: Path, open_desk: Callable[[Path], Desk]) -> None:
    with open_desk(tmp_path / "home") as desk:
        assert examples(desk) == ()


# -- complaints -------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path, bureau: Desk, open_desk: Callable[[Path], Desk]) -> Iterator[Desk]:
    """A desk on a copy of the bureau's library, for tests that write."""
    import shutil

    shutil.copytree(bureau.library.home, tmp_path / "home", ignore=shutil.ignore_patterns("lock*"))
    with open_desk(tmp_path / "home") as desk:
        yield desk


def test_a_complaint_becomes_a_case_that_eval_takes(own: Desk, ask: Callable[..., Any]) -> None:
    from eval.cases import load as cases

    turn = ask(QUESTION).answer.to_json()
    feedback.keep(own, turn, ("栗坪县呢？",), Complaint("number", "66.8%，124个", "打电话13912345678问过"))
    feedback.keep(own, turn, (), Complaint("refuse"))
    folder = own.library.home / feedback.FOLDER
    asked, refused = cases(folder / "cases.jsonl")
    assert asked.points == (("66.8%",), ("124个",)) and asked.earlier == ["栗坪县呢？"]
    assert refused.expect == "refuse" and refused.needs
    assert "13912345678" not in (folder / "cases.jsonl").read_text(encoding="utf-8")
    gold = asked.gold[0]
    raw = own.library.originals.path(gold.sha256).read_text(encoding="utf-8")
    assert "66.8%" in raw[gold.start : gold.end]
    originals = str(own.library.home / "originals")
    line = ["eval", "cases", "check", str(folder / "cases.jsonl"), "--reports", originals]
    checked = CliRunner().invoke(cli, line)
    assert checked.exit_code == 0 and "核对 2 题，0 题有误" in checked.output, checked.output


def test_a_complaint_without_the_right_answer_waits_for_somebody(own: Desk, ask: Callable[..., Any]) -> None:
    turn = ask(QUESTION).answer.to_json()
    name = feedback.keep(own, turn, (), Complaint("off"))
    folder = own.library.home / feedback.FOLDER
    assert not (folder / "cases.jsonl").exists()
    assert json.loads((folder / "open.jsonl").read_text(encoding="utf-8"))["id"] == name
    assert (folder / "open.jsonl").stat().st_mode & 0o077 == 0
    with pytest.raises(InputError, match="没有“x”这种反馈"):
        feedback.keep(own, turn, (), Complaint("x"))


# -- models -----------------------------------------------------------------------------------------


def test_it_is_said_what_leaves_the_machine(tmp_path: Path) -> None:
    assert probing.leaves(load({}, home=tmp_path)) == ()
    local = {"WENHENG_CHAT_URL": "http://127.0.0.1:1/v1", "WENHENG_CHAT_MODEL": "m"}
    assert probing.leaves(load(local, home=tmp_path)) == ()
    away = {
        "WENHENG_EMBEDDING_URL": "https://vectors.example/v1",
        "WENHENG_EMBEDDING_MODEL": "m",
        "WENHENG_ALLOW_REMOTE": "1",
    }
    (told,) = probing.leaves(load(away, home=tmp_path))
    assert "全部报告段落" in told and "vectors.example" in told


def test_an_endpoint_is_tried_only_where_it_may_be(toy_endpoint: Any) -> None:
    url = toy_endpoint.env()["WENHENG_CHAT_URL"]
    with pytest.raises(InputError, match="内部地址"):
        probing.try_endpoint("chat", url, "toy", "", ())
    toy_endpoint.says = "好"
    try:
        assert "可用" in probing.try_endpoint("embedding", url, "toy", "", ("127.0.0.1",))
    finally:
        toy_endpoint.reset()
    with pytest.raises(EndpointError, match="没有应答"):
        probing.try_endpoint("chat", "http://127.0.0.1:9/v1", "toy", "", ("127.0.0.1",))


# -- streams ----------------------------------------------------------------------------------------


def test_a_stream_is_stopped_in_the_middle() -> None:
    from service.ui.pump import Pump

    closed: list[bool] = []

    def make(stop: Stop, on_wait: Callable[[int], None]) -> Iterator[int]:
        def numbers() -> Iterator[int]:
            try:
                for n in range(1000):
                    on_wait(n)
                    yield n
                    stop.wait(0.01)
                    stop.check()
            finally:
                closed.append(True)

        return numbers()

    async def run() -> list[int]:
        waits: list[int] = []
        pump: Pump[int] = Pump(make, waits.append)
        seen = []
        async for n in pump.events():
            seen.append(n)
            if n == 3:
                pump.stop()
        assert waits[:3] == [0, 1, 2]
        return seen

    assert asyncio.run(run())[:4] == [0, 1, 2, 3]
    for _ in range(100):
        if closed:
            break
        time.sleep(0.02)
    assert closed


def test_an_error_of_the_stream_reaches_the_page() -> None:
    from service.ui.pump import Pump

    def make(stop: Stop, on_wait: Callable[[int], None]) -> Iterator[int]:
        def broken() -> Iterator[int]:
            yield 1
            raise EndpointError("断了")

        return broken()

    async def run() -> None:
        async for _ in Pump(make, lambda n: None).events():
            continue

    with pytest.raises(EndpointError, match="断了"):
        asyncio.run(run())
