"""The desk over a data folder of its own: what is removed, edited, kept and resumed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.errors import BadQuestion, NotFound
from corpus.report import Filter, SectionKind
from corpus.samples import SAMPLES
from service import demo
from service.answer import Done
from service.desk import Desk

BUREAU = Path(__file__).parent / "data" / "bureau"
QUESTION = "栗坪县2022年家庭医生签约率是多少"
STATED = "家庭医生签约率为72.1%"


@pytest.fixture
def desk(tmp_path: Path, open_desk: Callable[[Path], Desk]) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        opened.ingest([BUREAU])
        yield opened


def id_of(desk: Desk, place: str, year: int = 2022) -> str:
    return next(card.id for card in desk.cards() if (card.place, card.year) == (place, year))


def test_what_is_removed_is_no_longer_answerable(desk: Desk) -> None:
    assert STATED in desk.ask(QUESTION).text
    report = id_of(desk, "栗坪县")
    assert desk.remove([report]) == (report,)
    answer = desk.ask(QUESTION)
    assert answer.status == "refused" and "72.1" not in str(answer.to_json())
    assert all(hit.passage.report_id != report for hit in desk.search("家庭医生签约率"))
    with pytest.raises(NotFound):
        desk.report(report)


def test_the_filter_follows_an_edited_year(desk: Desk) -> None:
    report = id_of(desk, "栗坪县")
    desk.edit(report, "year", "2020")
    assert STATED in desk.ask("栗坪县2020年家庭医生签约率是多少").text
    refused = desk.ask(QUESTION)
    assert refused.status == "refused" and "2020年" in refused.reason
    desk.edit(report, "year", None)
    assert STATED in desk.ask(QUESTION).text


def test_the_filter_follows_an_edited_place(desk: Desk) -> None:
    desk.edit(id_of(desk, "栗坪县"), "place", "松坪县")
    answer = desk.ask("松坪县2022年家庭医生签约率是多少")
    assert STATED in answer.text and answer.sources[0].place == "松坪县"
    assert "栗坪县（" not in desk.describe()


def test_an_empty_library_refuses_and_says_what_to_do(
    tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    with open_desk(tmp_path) as empty:
        answer = empty.ask("签约率是多少")
        assert answer.status == "refused" and "把报告入库" in answer.reason
        assert empty.describe() and empty.search("签约率") == ()


def test_what_was_taken_in_is_there_at_the_next_opening(
    tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    with open_desk(tmp_path) as first:
        first.ingest([BUREAU / "栗坪县2022年工作总结.txt"])
        before = first.ask(QUESTION)
    with open_desk(tmp_path) as second:
        assert second.ingest([BUREAU / "栗坪县2022年工作总结.txt"]).unchanged == 1
        after = second.ask(QUESTION)
    assert STATED in after.text
    assert (after.text, after.sources) == (before.text, before.sources)


def test_the_index_can_be_made_anew(desk: Desk) -> None:
    before = desk.search("乡村医生待遇", k=5)
    assert desk.reindex() == sum(card.passages for card in desk.cards())
    assert [hit.passage.id for hit in desk.search("乡村医生待遇", k=5)] == [hit.passage.id for hit in before]


def test_a_search_stays_inside_its_filter(desk: Desk) -> None:
    wanted = Filter(places=("澄河县",), years=(2021,), kinds=(SectionKind.PROBLEMS,))
    hits = desk.search("乡村医生", wanted)
    assert hits
    for hit in hits:
        assert hit.passage.kind is SectionKind.PROBLEMS
        assert hit.passage.report_id == id_of(desk, "澄河县", 2021)


def test_the_stream_ends_with_the_answer(desk: Desk) -> None:
    *before, last = desk.stream(QUESTION)
    assert isinstance(last, Done) and not any(isinstance(event, Done) for event in before)


@pytest.mark.parametrize("question", ["", "  ", "？", "长" * 10_000])
def test_an_empty_or_endless_question_is_an_error(desk: Desk, question: str) -> None:
    with pytest.raises(BadQuestion):
        desk.ask(question)


# -- sessions -----------------------------------------------------------------------------------------


def test_a_session_is_resumed_with_its_questions(tmp_path: Path, open_desk: Callable[[Path], Desk]) -> None:
    with open_desk(tmp_path) as first:
        first.ingest([BUREAU])
        session = first.session()
        session.add("澄河县2022年签约率是多少", first.ask("澄河县2022年签约率是多少"))
        name = session.id
    with open_desk(tmp_path) as second:
        for resumed in (second.session(name), second.session(name[:6]), second.session(last=True)):
            assert resumed.questions == ("澄河县2022年签约率是多少",)
        answer = second.ask("那2021年呢？", resumed.questions)
        assert "61.3%" in answer.text
        resumed.add("那2021年呢？", answer)
        assert second.session(name).questions == ("澄河县2022年签约率是多少", "那2021年呢？")
        assert second.session(name).turns[1]["text"] == answer.text


def test_undo_forgets_the_last_turn_for_good(desk: Desk) -> None:
    session = desk.session()
    for question in (QUESTION, "它的问题有哪些？"):
        session.add(question, desk.ask(question, session.questions))
    assert session.undo()
    assert session.questions == desk.session(session.id).questions == (QUESTION,)
    assert session.undo() and not session.undo()
    assert desk.session(session.id).questions == ()


def test_sessions_are_listed_newest_first_and_deleted(desk: Desk) -> None:
    names = []
    for question in (QUESTION, "雁塘区罚款多少万元"):
        session = desk.session()
        session.add(question, desk.ask(question))
        names.append(session.id)
    assert [s.id for s in desk.sessions()] == names[::-1]
    assert [s.title for s in desk.sessions()] == ["雁塘区罚款多少万元", QUESTION]
    desk.forget(names[0])
    assert [s.id for s in desk.sessions()] == names[1:]
    with pytest.raises(NotFound):
        desk.session(names[0])


def test_a_session_without_a_turn_leaves_nothing(desk: Desk) -> None:
    assert desk.session().questions == ()
    assert desk.sessions() == ()
    with pytest.raises(NotFound):
        desk.session(last=True)


def test_personal_data_of_a_question_is_not_kept(desk: Desk) -> None:
    session = desk.session()
    question = "电话13912345678的人签约了吗"
    session.add(question, desk.ask(question))
    assert "13912345678" not in str(desk.session(session.id).turns)


# -- the samples that ship with the project -----------------------------------------------------------


def test_the_questions_of_the_demo_are_answered_as_the_samples_say(
    tmp_path: Path, open_desk: Callable[[Path], Desk]
) -> None:
    truth = json.loads((SAMPLES / "truth.json").read_text("utf-8"))
    shown = [row for row in truth["questions"] if row.get("demo")]
    assert {row["question"] for row in shown} == set(demo.questions())
    with open_desk(tmp_path) as desk:
        assert not desk.ingest(demo.sample_files()).failures
        for row in shown:
            answer = desk.ask(row["question"])
            assert answer.status == row["status"], answer.reason
            assert all(word in answer.text for word in row["must_include"])
            for value in row["values"]:
                first = answer.sentences[0].text
                assert f"{value['value']}{value['unit']}" in first and "计算" not in first
            if answer.sources:
                quotes = "".join("".join(c.quote.split()) for c in answer.sources)
                assert "".join(row["sources"][0]["quote"].split()) in quotes
