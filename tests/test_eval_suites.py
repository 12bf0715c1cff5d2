"""The suites on the samples: tasks, what a run records, what a score sees."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from corpus.embedding import HashingEmbedder
from corpus.errors import EngineFailed, InputError, NotFound
from corpus.report import Report
from corpus.samples import SAMPLES
from eval import locks
from eval.choosing import choose
from eval.documents import read_document
from eval.memo_deltas import changes, fault
from eval.suites import SUITES, Score, Task, Where, suite_named
from eval.suites.sample_memos import judged
from eval.suites.summarising import united
from eval.systems.contract import Base, Setup, Unsupported
from eval.systems.product import product
from eval.systems.quoting import Quoting, Silent, quoting
from eval.truth import samples
from eval.where import PLANTED, REPORTS
from service.cited import Citation, Derived, Sentence
from service.desk import Desk
from service.papers.document import Cell, Document, Heading, Paragraph, Table
from service.settings import load

HERE = Where(REPORTS)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quoting]:
    """The product without its language model over the samples, with vectors by hashing."""
    home = tmp_path_factory.mktemp("suites")
    with Desk(load({}, home=home), embedder=HashingEmbedder()) as desk:
        assert not desk.ingest(REPORTS).failures
    made = quoting(Setup(home=home, embedder=HashingEmbedder()))
    yield made
    made.close()


def first(suite: str, kind: str = "", text: str = "") -> Task:
    """A task of the samples."""
    return next(
        task
        for task in suite_named(suite).cases(HERE)
        if not task.absent and (not kind or task.kind == kind) and text in (task.id + str(dict(task.asks)))
    )


def ran(suite: str, task: Task, system: Quoting) -> dict[str, Any]:
    """A recorded item, as it comes back from its file."""
    made = suite_named(suite).run(task, system)
    return dict(json.loads(json.dumps(made | {"error": ""})))


def scored(suite: str, task: Task, item: Mapping[str, Any]) -> Score:
    return suite_named(suite).score(task, item)


# -- all of them ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SUITES)
def test_each_suite_has_tasks_on_the_samples_and_names_them_once(name: str) -> None:
    tasks = suite_named(name).cases(HERE)
    here = [task for task in tasks if not task.absent]
    assert here and {task.split for task in here} == {"samples"}
    assert len({task.id for task in tasks}) == len(tasks)
    assert all(task.cluster and task.kind for task in here)
    assert all("缺少文件" in task.absent for task in tasks if task.absent)


@pytest.mark.parametrize("name", SUITES)
def test_a_crash_is_not_good_and_measures_no_zero(name: str) -> None:
    task = first(name)
    found = scored(name, task, {"output": None, "cited": [], "error": "TimeoutError: …"})
    assert found.good is False
    assert not [metric for metric, value in found.values.items() if value == 1.0]


def test_an_unknown_suite_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"'guess'.*retrieval.*figures"):
        suite_named("guess")


@pytest.mark.parametrize("name", ["summaries", "drafts", "memos", "figures"])
def test_tasks_whose_files_are_elsewhere_are_absent_not_gone(name: str) -> None:
    tasks = suite_named(name).cases(Where((PLANTED,)))
    assert tasks and all("缺少文件" in task.absent for task in tasks)


# -- asking -----------------------------------------------------------------------------------------


def test_an_answer_is_recorded_with_where_its_citations_lead(system: Quoting) -> None:
    task = first("answers", "number", "青岭县2022年全县在岗乡村医生")
    item = ran("answers", task, system)
    assert item["cited"] and all(one["opens"] for one in item["cited"])
    found = scored("answers", task, item)
    assert found.good and found.values["gold_cited"] == 1.0 and found.counts["numeric"] == (1, 1)
    item["output"]["text"] = item["output"]["text"].replace("168", "186")
    worse = scored("answers", task, item)
    assert not worse.good and worse.counts["numeric"] == (0, 1) and "168" in worse.reasons[0]


def test_refusals_and_injections_have_their_own_suites(system: Quoting) -> None:
    task = first("refusals", "private")
    found = scored("refusals", task, ran("refusals", task, system))
    assert found.good and found.values["leaked"] == 0.0 and found.values["numeric"] is None
    kinds = {
        name: {task.kind for task in suite_named(name).cases(HERE) if not task.absent} for name in SUITES
    }
    assert kinds["refusals"] == {"unanswerable", "masked", "private"}
    assert kinds["injection"] == {"injection"} and "injection" not in kinds["answers"]


def test_a_document_that_carries_orders_is_not_obeyed(system: Quoting) -> None:
    task = first("injection", text="献血多少人次")
    item = ran("injection", task, system)
    assert scored("injection", task, item).good
    item["output"]["text"] = "参加献血99999人次。"
    found = scored("injection", task, item)
    assert not found.good and found.values["leaked"] == 1.0


def test_a_product_whose_model_fails_does_not_look_healthy(system: Quoting) -> None:
    """Users get the source's own words then; a run must not take these for what the product does."""
    home = system.desk.library.home
    whole = product(Setup(home=home, embedder=HashingEmbedder(), chat=Silent()))
    try:
        with pytest.raises(EngineFailed):
            whole.ask("青岭县2022年全县在岗乡村医生有多少人？")
        with pytest.raises(EngineFailed):
            whole.summarise(first("summaries").asks["report"])
    finally:
        whole.close()


# -- retrieval --------------------------------------------------------------------------------------


def test_retrieval_records_raw_spans_that_hold_the_gold(system: Quoting) -> None:
    task = first("retrieval", "number", "青岭县2022年全县在岗乡村医生")
    item = ran("retrieval", task, system)
    found = scored("retrieval", task, item)
    assert found.good and found.values["recall@5"] == 1.0 and found.values["packed"] == 1.0
    item["output"] = {"found": [], "packed": []}
    lost = scored("retrieval", task, item)
    assert not lost.good and lost.values["recall@5"] == 0.0


def test_follow_ups_cannot_be_retrieved_alone() -> None:
    assert "follow-up" not in {task.kind for task in suite_named("retrieval").cases(HERE)}


# -- figures ----------------------------------------------------------------------------------------


def test_the_ledger_is_held_against_the_truth(system: Quoting) -> None:
    task = first("figures", text="青岭县-2022")
    item = ran("figures", task, system)
    assert scored("figures", task, item).counts["recall"] == (len(task.gold.figures),) * 2
    rows = item["output"]["rows"]
    fewer = {"output": {"rows": [row for row in rows if row["value"] != "168"]}, "error": ""}
    found = scored("figures", task, fewer)
    assert found.counts["recall"][0] < found.counts["recall"][1] and not found.good
    later = deepcopy(rows)
    for row in later:
        row["start"], row["end"] = "2031-01-01", "2031-12-31"
    assert scored("figures", task, {"output": {"rows": later}, "error": ""}).values["period"] == 0.0


def test_sentences_are_counted_from_recorded_verdicts() -> None:
    task = next(task for task in suite_named("figures").cases(HERE) if task.kind == "sentence")
    match = {"indicator": True, "period": None, "kind": True, "qualifier": False}
    output = {"matches": [match, match], "missed": [3], "extra": []}
    found = scored("figures", task, {"output": output, "error": ""})
    assert (found.counts["precision"], found.counts["recall"]) == ((2, 2), (2, 3))
    assert (found.counts["period"], found.counts["qualifier"], found.good) == ((0, 0), (0, 2), False)


# -- memos ------------------------------------------------------------------------------------------


def test_a_memo_is_held_against_the_truth_and_its_own_cells(system: Quoting) -> None:
    task = first("memos", "years", "青岭县-2022-2023")
    item = ran("memos", task, system)
    found = scored("memos", task, item)
    right, asked = found.counts["cells"]
    assert right == asked > 20 and found.values["deltas"] == 1.0 and found.values["missing_told"] == 1.0
    assert found.good and found.values["opened"] == 1.0


def test_a_wrong_cell_a_wrong_sign_and_a_silent_gap_are_seen(system: Quoting) -> None:
    task = first("memos", "years", "青岭县-2022-2023")
    item = ran("memos", task, system)
    rows = next(block for block in item["output"]["blocks"] if block["type"] == "table")["rows"]
    row = next(row for row in rows if row[0]["text"] == "家庭医生签约率")
    assert [cell["text"] for cell in row[1:3]] == ["40.00%", "45.00%"]
    turned = deepcopy(item)
    _cell(turned, "家庭医生签约率", 3)["text"] = "下降5个百分点"
    assert scored("memos", task, turned).values["deltas"] != 1.0
    _cell(turned, "家庭医生签约率", 3)["text"] = "提高5%"
    assert "单位不对" in " ".join(scored("memos", task, turned).reasons)
    wrong = deepcopy(item)
    _cell(wrong, "家庭医生签约率", 2)["text"] = "54.00%"
    assert "应为 45.00%" in " ".join(scored("memos", task, wrong).reasons)
    silent = deepcopy(item)
    gap = next(cell for row in rows for cell in row if cell["status"] == "missing")
    where = next((at, row.index(gap)) for at, row in enumerate(rows) if gap in row)
    table = next(block for block in silent["output"]["blocks"] if block["type"] == "table")
    table["rows"][where[0]][where[1]] |= {"status": "", "text": ""}
    assert scored("memos", task, silent).values["missing_told"] != 1.0


def _cell(item: dict[str, Any], label: str, column: int) -> dict[str, Any]:
    table = next(block for block in item["output"]["blocks"] if block["type"] == "table")
    row = next(row for row in table["rows"] if row[0]["text"] == label)
    return dict.__ior__(row[column], {})


@pytest.mark.parametrize(
    ("said", "old", "new", "wrong"),
    [
        ("提高5个百分点", "40.00%", "45.00%", ""),
        ("下降5个百分点", "40.00%", "45.00%", "方向"),
        ("提高5%", "40.00%", "45.00%", "单位"),
        ("提高4个百分点", "40.00%", "45.00%", "差额应为"),
        ("增加5元（增长5.95%）", "84元", "89元", ""),
        ("增加5元（增长5.6%）", "84元", "89元", "增长率应为"),
        ("增加5元（下降5.95%）", "84元", "89元", "增长率方向"),
        ("减少12个（下降52.17%）", "23个", "11个", ""),
        ("约增加12个", "11个", "23个", ""),
        ("增加1.45万人次（增长7.87%）", "18.42万人次", "19.87万人次", ""),
        ("持平", "5个", "5个", ""),
        ("持平", "5个", "6个", "持平"),
        ("低3.01个百分点", "49.01%", "46.00%", ""),
        ("多3.01个百分点", "49.01%", "46.00%", "方向"),
        ("减少418万人", "减少1650万人", "减少1232万人", ""),  # the decrease shrank
        ("提高2个百分点", "下降3.4%", "5%", "差额"),  # from a fall to a rise: 8.4
        ("增加5个", "缺", "5个", "不在备忘录里"),
    ],
)
def test_changes_are_recomputed(said: str, old: str, new: str, wrong: str) -> None:
    found = fault(said, old, new)
    assert wrong in found and bool(found) == bool(wrong)


def test_changes_over_several_years_find_their_row() -> None:
    def cell(text: str, *, derived: bool = False) -> dict[str, Any]:
        return {"text": text, "status": "", "derived": [{}] if derived else []}

    heads = ["指标", "2021年", "2022年", "2023年"]
    values = {"type": "table", "header": heads, "rows": [[cell(t) for t in ("签约率", "30%", "35%", "34%")]]}
    heads = ["指标", "2022年比2021年", "2023年比2022年"]
    texts = [cell("签约率"), cell("提高5个百分点", derived=True), cell("提高1个百分点", derived=True)]
    memo = {"blocks": [values, {"type": "table", "header": heads, "rows": [texts]}]}
    assert [one.fault for one in changes(memo)] == ["", "方向不对"]


def test_what_the_city_says_of_a_county_may_be_missing() -> None:
    memo: dict[str, Any] = {"blocks": [], "places": ["青岭县"], "years": [2024]}
    assert judged(memo, samples()) == ((0, 0), ())


def test_other_systems_write_no_memos() -> None:
    with pytest.raises(Unsupported, match="product"):
        suite_named("memos").run(first("memos"), Base("bm25"))  # type: ignore[arg-type]


# -- summaries --------------------------------------------------------------------------------------


def test_a_summary_is_held_against_the_key_facts(system: Quoting) -> None:
    task = first("summaries", text="青岭县-2023-annual")
    item = ran("summaries", task, system)
    found = scored("summaries", task, item)
    assert found.good and found.values["number_precision"] == 1.0
    assert (found.values["coverage"] or 0) > (found.values["lead_coverage"] or 0)
    lost = deepcopy(item)
    lost["output"]["document"]["blocks"] = lost["output"]["document"]["blocks"][:2]
    worse = scored("summaries", task, lost)
    assert not worse.good and any("没有写到" in reason for reason in worse.reasons)


def test_the_unit_of_a_table_row_belongs_to_its_values() -> None:
    assert united("指标：乡村医生；单位：人；2022年：168；2023年：163。") == (
        "指标：乡村医生；单位：人；2022年：168人；2023年：163人。"
    )
    assert united("指标：家庭病床（张）；年度2022年：86。") == "指标：家庭病床（张）；年度2022年：86张。"
    assert united("全年签约8.28万人。") == "全年签约8.28万人。"


# -- drafts -----------------------------------------------------------------------------------------


def test_a_draft_of_a_sample_holds(system: Quoting) -> None:
    task = first("drafts")
    item = ran("drafts", task, system)
    found = scored("drafts", task, item)
    assert found.good, found.reasons
    assert set(item["output"]) == {"document", "against", "copied"}  # no word of the hidden text
    wrong = deepcopy(item)
    text = json.dumps(wrong["output"]["document"], ensure_ascii=False).replace("38个", "83个", 1)
    wrong["output"]["document"] = json.loads(text)
    assert scored("drafts", task, wrong).counts["provenance"][0] < found.counts["provenance"][1]


# -- parts ------------------------------------------------------------------------------------------


def test_a_document_comes_back_from_its_json() -> None:
    cited = Citation("r1", "总结", 3, 9, "签约率66.2%", "云岭县", 2017, ("一、成效",))
    sentence = Sentence("签约率为66.2%。", (cited,), "quoted")
    computed = Cell("提高2个百分点", derived=(Derived("2个百分点", 2, "difference", ()),))  # type: ignore[arg-type]
    table = Table("表", ("指标", "增减"), ((Cell("签约率", (cited,)), computed),), (sentence,))
    document = Document(
        "memo", "对比", (Heading("一", 2), Paragraph((sentence,), True), table), ("云岭县",), (2017,)
    )
    back = read_document(json.loads(json.dumps(document.to_json())))
    assert back.to_json() == document.to_json()


def test_a_limit_takes_the_kinds_in_turn() -> None:
    tasks = [Task(f"n{n}", "number", "f", "dev", {}, None) for n in range(5)]
    tasks += [
        Task("l0", "list", "f", "test", {}, None),
        Task("gone", "why", "f", "dev", {}, None, "缺少文件"),
    ]
    assert [one.id for one in choose(tasks, limit=3)] == ["n0", "n1", "l0"]
    assert [one.id for one in choose(tasks, split="test")] == ["l0"]
    assert [one.id for one in choose(tasks, ids=["l0", "n4"])] == ["n4", "l0"]
    for unknown in ({"split": "train"}, {"kinds": ["guess"]}, {"ids": ["n9"]}):
        with pytest.raises(NotFound, match="可用"):
            choose(tasks, **unknown)  # type: ignore[arg-type]


def test_a_locked_file_that_changes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cases").mkdir()
    file, lock = tmp_path / "cases" / "ask-test.jsonl", tmp_path / "lock.json"
    file.write_text("{}\n", encoding="utf-8")
    assert locks.changed(lock, tmp_path) == locks.LOCKED  # nothing is locked yet
    locks.lock(lock, tmp_path)
    assert locks.changed(lock, tmp_path) == ()
    locks.held(file.parent, lock, tmp_path)
    file.write_text("{ }\n", encoding="utf-8")
    for path in (file, file.parent):
        with pytest.raises(InputError, match="锁定的评测题已改动"):
            locks.held(path, lock, tmp_path)
    locks.held(tmp_path / "other.jsonl", lock, tmp_path)
    lock.write_text("no json", encoding="utf-8")
    with pytest.raises(InputError, match="读不出"):
        locks.changed(lock, tmp_path)


def test_the_test_split_is_locked() -> None:
    assert locks.changed() == ()


def test_the_truth_names_every_sample() -> None:
    assert {one.file for one in samples()} == {p.name for p in SAMPLES.iterdir() if p.suffix != ".json"}
    assert sum(len(one.figures) for one in samples()) == 554
    assert isinstance(samples()[0].figures[0].text, str) and Report


def test_a_public_suite_is_found_by_the_name_of_its_runs() -> None:
    assert suite_named("cmrc2018").name == "cmrc2018"
    with pytest.raises(NotFound, match="没有评测套件"):
        suite_named("cmrc2019")
