"""Public benchmarks over three-item files of our own making: formats, published scores, strict ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.embedding import HashingEmbedder
from corpus.errors import InputError, NotFound
from eval.public import suite_named
from eval.public.cmrc2018 import Cmrc2018, read_questions
from eval.public.command import public, reader, take_in
from eval.public.reading import Apart, Stuffed
from eval.public.rgb import Question, Rgb, integration_documents, official, plain_documents, strict
from eval.public.texts import exact, f1, holds, prediction, units
from eval.public.uhgeval import UhgEval, flagged
from eval.runs import perform, read_run
from eval.scored import groups, score_run
from eval.suites.contract import Suite, Where
from eval.systems import Base, Found, Setup, System, Unsupported, open_system
from service.desk import Desk
from service.models.chat import FakeChat
from service.settings import load

BRIDGE = "澄河大桥位于澄河县城南，全长386米，1987年由县交通局建成。桥面宽9米，通行重量不超过20吨。"
CLINIC = "栗坪县中医院创办于1962年，设床位150张。医院的前身是城关联合诊所，1978年改为现名。"
LIST = [
    {
        "context_id": "A_1",
        "context_text": BRIDGE,
        "title": "澄河大桥",
        "qas": [
            {"query_id": "A_1_Q0", "query_text": "澄河大桥全长多少米？", "answers": ["386米", "全长386米"]},
            {"query_id": "A_1_Q1", "query_text": "澄河大桥由谁建成？", "answers": ["县交通局"]},
        ],
    },
    {
        "context_id": "A_2",
        "context_text": CLINIC,
        "title": "栗坪县中医院",
        "qas": [{"query_id": "A_2_Q0", "query_text": "栗坪县中医院设床位多少张？", "answers": ["150张"]}],
    },
]


def write(path: Path, value: Any, *, lines: bool = False) -> Path:
    text = "\n".join(json.dumps(one, ensure_ascii=False) for one in value) if lines else json.dumps(value)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def answer(text: str, status: str = "answered") -> dict[str, Any]:
    return {"status": status, "text": text, "sentences": []}


def item(output: Any, error: str = "") -> dict[str, Any]:
    return {"output": output, "error": error}


# -- the texts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "said", "em", "score"),
    [
        (["386米"], "386米。", 1, 1),  # punctuation does not count
        (["386米"], "全长386米", 0, 2 / 3),  # 2 units of 2 and 4: 386 is one unit
        (["县交通局"], "由县里的交通局建成", 0, 6 / 13),  # the longest run, 交通局, not the bag of 4
        (["甲", "全长386米"], "全长386米", 1, 1),  # the best of several
        (["150张"], "", 0, 0),
        (["COVID-19 疫苗"], "covid19疫苗", 0, 1),  # the space counts for exact match only
    ],
)
def test_the_published_scores(answers: list[str], said: str, em: float, score: float) -> None:
    assert exact(answers, said) == em
    assert f1(answers, said) == pytest.approx(score)


def test_units_are_characters_and_words() -> None:
    assert units("长1.5米，共20%（A栋）") == ("长", "1.5", "米", "共", "20", "%", "a", "栋")
    assert units("1,200人") == ("1,200", "人")


@settings(deadline=None, max_examples=60)
@given(st.text("澄河县1.5米，abc", max_size=12), st.text("澄河县1.5米，abc", max_size=12))
def test_f1_is_a_share_and_symmetric(one: str, other: str) -> None:
    assert 0 <= f1([one], other) == f1([other], one) <= 1
    assert f1([one], one) == (1.0 if units(one) else 0.0)
    if exact([one], other) and units(one):
        assert holds([one], other)


def test_the_answer_of_an_output_has_no_marks() -> None:
    sentences = [{"text": "全长386米[1]"}, {"text": "桥宽9米［2］。"}]
    assert prediction({"status": "answered", "text": "x", "sentences": sentences}) == "全长386米桥宽9米。"
    assert prediction({"status": "refused", "text": "没有报告", "sentences": sentences}) == "没有报告"


# -- CMRC 2018 ---------------------------------------------------------------------------------------------


def squad() -> dict[str, Any]:
    def asked(q: dict[str, Any]) -> dict[str, Any]:
        answers = [{"text": a, "answer_start": 0} for a in q["answers"]]
        return {"id": q["query_id"], "question": q["query_text"], "answers": answers}

    return {
        "version": "1",
        "data": [
            {
                "title": one["title"],
                "paragraphs": [{"context": one["context_text"], "qas": [asked(q) for q in one["qas"]]}],
            }
            for one in LIST
        ],
    }


def rows() -> list[dict[str, Any]]:
    return [
        {
            "id": q["query_id"],
            "context": one["context_text"],
            "question": q["query_text"],
            "answers": {"text": q["answers"], "answer_start": [0] * len(q["answers"])},
        }
        for one in LIST
        for q in one["qas"]
    ]


def test_three_forms_are_one(tmp_path: Path) -> None:
    forms = (
        write(tmp_path / "a.json", LIST),
        write(tmp_path / "b.json", squad()),
        write(tmp_path / "c.jsonl", rows(), lines=True),
    )
    read = [read_questions(path) for path in forms]
    told = [[(q.id, q.text, q.answers) for q in questions] for questions in read]
    assert told[0] == told[1] == told[2]
    first = read[0][0]
    assert [first.document.content[s:e] for s, e in first.spans] == ["386米", "全长386米"]
    assert read[0] == read[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "空的"),
        ("{not json", "第1行：不是 JSON"),
        ('[{"context_id": "A", "context_text": "x", "qas": [{"query_id": "1"}]}]', "query_text"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "context"),
    ],
)
def test_bad_data_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_questions(path)


def test_absent_and_doubled_data(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="没有这个数据文件"):
        read_questions(tmp_path / "none.json")
    with pytest.raises(InputError, match=r"A_1_Q0.*重复"):
        read_questions(write(tmp_path / "twice.json", [LIST[0], LIST[0]]))
    (tmp_path / "gbk.json").write_bytes('["澄河"]'.encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        read_questions(tmp_path / "gbk.json")


class Known(Base):
    """Finds and says what a test tells it to."""

    def __init__(self, said: str = "", found: tuple[Found, ...] | None = ()) -> None:
        super().__init__("known")
        self.said, self.found = said, found

    def signature(self) -> dict[str, Any]:
        return {"said": self.said}

    def retrieve(self, question: str, k: int) -> tuple[Found, ...]:
        if self.found is None:
            return super().retrieve(question, k)
        return self.found[:k]

    def ask(self, question: str, history: Any = ()) -> dict[str, Any]:
        return answer(self.said) if self.said else super().ask(question)


def test_retrieval_and_answers_are_scored_apart(tmp_path: Path) -> None:
    data = write(tmp_path / "a.json", LIST)
    suite: Suite = Cmrc2018()
    tasks = suite.cases(Where((), data))
    document = tasks[0].gold.document
    at = document.content.index("386米")
    wide, beside = Found("r", document.sha256, 0, at + 2), Found("r", document.sha256, 0, 4)
    elsewhere = Found("r", "0" * 64, at, at + 2)
    run = suite.run(tasks[0], Known("大桥全长386米[1]。", (elsewhere, beside, wide)))
    values = suite.score(tasks[0], run | {"error": ""}).values
    assert (values["passage@1"], values["passage@5"]) == (0, 1)
    assert (values["answer@1"], values["answer@5"], values["answer@10"]) == (0, 1, 1)
    assert (values["em"], values["holds"], values["refused"]) == (0, 1, 0)
    assert values["f1"] == pytest.approx(2 * 4 / (4 + 6))

    only = suite.run(tasks[0], Known("", (wide,)))
    score = suite.score(tasks[0], only | {"error": ""})
    assert score.values["em"] is None and score.good is None and score.values["passage@1"] == 1
    with pytest.raises(Unsupported):
        suite.run(tasks[0], Known("", None))
    said = suite.run(tasks[1], Known("县交通局", None))
    assert suite.score(tasks[1], said | {"error": ""}).values["em"] == 1


def test_a_run_resumes_and_sums_up(tmp_path: Path) -> None:
    data, out = write(tmp_path / "a.json", LIST), tmp_path / "run.jsonl"
    suite: Suite = suite_named("cmrc2018")
    tasks = suite.cases(Where((), data))
    system: System = Known("386米", None)
    assert perform(suite, tasks[:1], system, out).asked == 1
    assert perform(suite, tasks, system, out).taken == 1
    found = score_run(read_run(out), suite, tasks)
    assert groups(found)[-1].means["em"] == pytest.approx(1 / 3)
    assert found.items[0].score.good and not found.items[1].score.good


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A desk whose models are fakes."""
    home = tmp_path_factory.mktemp("public")
    with Desk(load({}, home=home), embedder=HashingEmbedder(), chat=FakeChat(["386米。"])) as desk:
        yield desk


def test_the_product_over_the_passages(tmp_path: Path, shared: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "eval.public.command.Desk", lambda settings: Desk(settings, embedder=HashingEmbedder())
    )
    tasks = Cmrc2018().cases(Where((), write(tmp_path / "a.json", LIST)))
    home = tmp_path / "home"
    take_in(home, tasks)
    setup = Setup(home=home, embedder=HashingEmbedder(), chat=FakeChat(["不知道"]))
    system = open_system("bm25", setup)
    try:
        values = Cmrc2018().score(tasks[2], Cmrc2018().run(tasks[2], system) | {"error": ""}).values
    finally:
        system.close()
    assert values["passage@1"] == 1 and values["answer@5"] == 1


# -- RGB ---------------------------------------------------------------------------------------------------

USEFUL = [f"第{n}条：澄河县2021年有卫生室70所。" for n in range(4)]
USELESS = [f"第{n}条：天气晴。" for n in range(8)]
ZH = [
    {"id": 0, "query": "澄河县有卫生室多少所？", "answer": "70所", "positive": USEFUL, "negative": USELESS},
    {
        "id": 1,
        "query": "大桥何时建成？",
        "answer": [["1987年", "八七年"]],
        "positive": USEFUL,
        "negative": USELESS,
    },
    {"id": 2, "query": "谁建的？", "answer": ["县交通局"], "positive": USEFUL, "negative": USELESS[:1]},
]
ZH_INT = [
    {
        "id": n,
        "query": "两县各有几所？",
        "answer": ["70所", "30所"],
        "answer1": ["70所"],
        "positive": [USEFUL[:2], ["栗坪县有30所。"]],
        "negative": USELESS,
    }
    for n in range(3)
]
ZH_FACT = [
    {
        "id": n,
        "query": "澄河县有卫生室多少所？",
        "answer": "70",
        "fakeanswer": "170",
        "positive": USEFUL,
        "positive_wrong": [text.replace("70", "170") for text in USEFUL],
        "negative": USELESS,
    }
    for n in range(3)
]


@pytest.mark.parametrize(
    ("noise", "useful", "useless"), [("0", 4, 1), ("0.6", 2, 3), ("0.8", 1, 4), ("1", 0, 5), ("0.2", 4, 1)]
)
def test_the_share_of_useless_documents(noise: str, useful: int, useless: int) -> None:
    documents = plain_documents(USEFUL, USELESS, Decimal(noise))
    assert sum(text in USEFUL for text in documents) == useful
    assert sum(text in USELESS for text in documents) == useless
    assert documents == plain_documents(USEFUL, USELESS, Decimal(noise))


def test_too_few_useless_documents_are_made_up_for() -> None:
    assert sum(text in USEFUL for text in plain_documents(USEFUL, USELESS[:1], Decimal("0.6"))) == 4


def test_integration_has_each_part_first() -> None:
    documents = integration_documents(ZH_INT[0]["positive"], USELESS, Decimal("0.6"))
    assert len(documents) == 5 and sum(text in USELESS for text in documents) == 3
    assert "栗坪县有30所。" in documents and any(text in USEFUL for text in documents)
    more = integration_documents(ZH_INT[0]["positive"], USELESS, Decimal(0))
    assert sum(text in USELESS for text in more) == 2


@pytest.mark.parametrize(
    ("task", "data", "said", "status", "official_", "strict_"),
    [
        ("noise", ZH, "有70所。", "answered", 1, 1),
        ("noise", ZH, "有170所。", "answered", 1, 0),  # a substring is enough for the published scoring
        ("noise", ZH, "文档信息不足，但可能是70所。", "answered", 0, 0),
        ("noise", ZH, "库中没有报告。", "refused", 0, 0),
        ("refusal", ZH, "文档信息不足，无法回答。", "answered", 1, 1),
        ("refusal", ZH, "库中没有报告。", "refused", 1, 1),
        ("refusal", ZH, "70所。", "answered", 1, 0),  # right from memory
        ("refusal", ZH, "80所。", "answered", 0, 0),
        ("integration", ZH_INT, "澄河70所，栗坪30所。", "answered", 1, 1),
        ("integration", ZH_INT, "澄河70所。", "answered", 0, 0),
        ("counterfactual", ZH_FACT, "有70所。", "answered", 1, 1),
        ("counterfactual", ZH_FACT, "有170所。", "answered", 1, 0),
    ],
)
def test_official_and_strict(
    tmp_path: Path, task: str, data: list[Any], said: str, status: str, official_: int, strict_: int
) -> None:
    suite = Rgb(task)
    first = suite.cases(Where((), write(tmp_path / "zh.json", data, lines=True)))[0]
    score = suite.score(first, item(answer(said, status)))
    assert (score.values["official"], score.values["strict"]) == (official_, strict_)
    assert score.good is bool(strict_)


def test_errors_found_and_corrected(tmp_path: Path) -> None:
    suite = Rgb("counterfactual")
    tasks = suite.cases(Where((), write(tmp_path / "f.json", ZH_FACT, lines=True)))
    said = ("文档存在事实性错误。应为70所。", "文档存在事实性错误。应为90所。", "170所")
    scores = [suite.score(task, item(answer(text))) for task, text in zip(tasks, said, strict=True)]
    assert [s.values["detected"] for s in scores] == [1, 1, 0]
    assert [s.values["corrected"] for s in scores] == [1, 0, None]
    assert [s.counts["corrected"] for s in scores] == [(1, 1), (0, 1), (0, 0)]
    assert [s.values["misled"] for s in scores] == [0, 0, 1]


def test_alternatives_of_one_answer() -> None:
    question = Question((("1987年", "八七年"), ("县交通局",)))
    assert official(question, "八七年，县交通局") == (1, 1)
    assert official(question, "1987 年") == (1, 0)
    assert not strict(question, "1987年", declined=False)
    assert not strict(question, "1987年，县交通局", declined=True)


@pytest.mark.parametrize("name", ["rgb-noise-0.6", "rgb-refusal", "rgb-counterfactual-0", "uhgeval"])
def test_names_lead_back_to_their_suite(name: str) -> None:
    assert suite_named(name).name == name


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(NotFound, match="rgb-noise"):
        suite_named("rgb-no")


def test_documents_in_one_prompt(tmp_path: Path, shared: Desk) -> None:
    chat = FakeChat(["文档信息不足，无法回答。"])
    suite: Suite = Rgb("noise", Decimal("0.6"))
    task = suite.cases(Where((), write(tmp_path / "zh.json", ZH, lines=True)))[0]
    run = suite.run(task, Stuffed(chat, "fake"))
    messages = str(chat.calls[0][0])
    assert all(document in messages for document in task.asks["documents"]) and "信息不足" in messages
    assert run["output"]["status"] == "answered"
    assert suite.score(task, run | {"error": ""}).values["official"] == 0
    with pytest.raises(Unsupported, match="eval public"):
        suite.run(task, Known("x"))


def test_any_system_reads_the_documents_of_one_question(shared: Desk) -> None:
    system = reader("product", shared)
    assert isinstance(system, Apart)
    texts = [
        "澄河县卫生健康局2021年工作总结\n\n2021年，澄河县新建村卫生室23所。",
        "栗坪县气象站记录全年降雨120天。",
    ]
    known = system.read("澄河县2021年新建村卫生室多少所？", texts)
    assert "23所" in known["text"]
    assert system.read("澄河县2021年新建村卫生室多少所？", texts[1:])["status"] == "refused"
    assert system.signature()["index_hash"] and system.name == "product"


# -- UHGEval -----------------------------------------------------------------------------------------------

NEWS = {
    "id": "num_1",
    "headLine": "澄河县公布医疗数据",
    "broadcastDate": "2015-02-11 19:46:49",
    "type": "num",
    "newsBeginning": "本报2月11日电 澄河县公布全县医疗机构数据。",
    "hallucinatedContinuation": "全县共有卫生室138所，床位420张。",
    "realContinuation": "全县共有卫生室138所，床位560张。",
    "newsRemainder": "全县共有卫生室138所，床位560张。其中中心卫生院5所。",
    "generatedBy": "nobody",
}
PUBLISHED = NEWS | {
    "annotations": ["全县<sep>合理", "138所<sep>合理", "420张<sep>不合理，应为560张", "床位<sep>合理"]
}
OLDER = NEWS | {"id": "num_2", "allKeywords": {"全县": "合理", "420张": "不合理，应为560张"}}
WORDS = NEWS | {"id": "doc_1", "annotations": ["公布<sep>不合理，没有提到", "全县<sep>合理"]}


def test_made_up_numbers_are_flagged() -> None:
    assert flagged("全县共有卫生室138所，床位420张。", NEWS["newsRemainder"]) == ("420张",)
    assert flagged(NEWS["realContinuation"], NEWS["newsRemainder"]) == ()


def test_number_check_as_verifier(tmp_path: Path) -> None:
    suite: Suite = UhgEval()
    tasks = suite.cases(Where((), write(tmp_path / "u.jsonl", [PUBLISHED, OLDER, WORDS], lines=True)))
    runs = [suite.run(task, Known("x")) | {"error": ""} for task in tasks]
    scores = [suite.score(task, run) for task, run in zip(tasks, runs, strict=True)]
    assert scores[0].values == {
        "sentence": 1.0,
        "keyword": 1.0,  # 420张 against 全县
        "number_keyword": 1.0,
        "number_recall": 1.0,
        "number_precision": 1.0,
    }
    assert scores[0].good is True and scores[1].values["keyword"] == 1.0
    assert scores[2].good is None and scores[2].values["number_keyword"] is None
    assert scores[2].values["keyword"] == 0.5  # words are not seen
    blind = suite.score(tasks[0], item({"made_up": [], "real": ["560张"]}))
    assert blind.values["sentence"] == 0 and blind.values["number_recall"] == 0 and blind.good is False


# -- the command -------------------------------------------------------------------------------------------


def test_the_command_verifies_and_scores_again(tmp_path: Path) -> None:
    data = write(tmp_path / "u.jsonl", [PUBLISHED, OLDER, WORDS], lines=True)
    out = tmp_path / "u-run.jsonl"
    line = ["uhgeval", "--data", str(data), "-o", str(out), "--json"]
    run: Callable[..., Any] = lambda *words: CliRunner().invoke(public, words, obj=SimpleNamespace())  # noqa: E731
    first = run(*line)
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert told["meta"]["system"] == "check" and told["groups"][-1]["n"] == 3
    before = out.read_text()
    assert json.loads(run(*line, "--score").stdout) == told and out.read_text() == before
    shown = run(*line[:-1])
    assert "number_recall" in shown.output and shown.exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["uhgeval", "--system", "bm25"], "不能另选系统"),
        (["cmrc2018", "--score"], "没有这份结果"),
        (["rgb", "--task", "integration"], "不是 RGB 的数据"),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    kinds = {"uhgeval": [PUBLISHED], "cmrc2018": LIST, "rgb": [PUBLISHED]}
    data = write(tmp_path / "d.jsonl", kinds[words[0]], lines=True)
    done = CliRunner().invoke(
        public, [*words, "--data", str(data), "-o", str(tmp_path / "o.jsonl")], obj=SimpleNamespace()
    )
    assert done.exit_code == 2
    assert says in (done.output + capfd.readouterr().err).replace("\n", "")
