"""Promises, what becomes of them, the document: fictional pairs of reports, and the sample corpus's truth."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.errors import InputError, NotFound
from corpus.ledger import rows_of
from corpus.parse import parse
from corpus.readers import read
from corpus.report import RawDocument, Report
from corpus.samples import SAMPLES
from service.commands.followup import followup
from service.desk import Desk
from service.papers.document import Document, Table
from service.papers.provenance import checked
from service.points.pairing import Similar
from service.pursuit.fulfilment import Account, Finding, together
from service.pursuit.promises import Promise, due_month, promises, subject_of
from service.pursuit.pursuit import SILENT, Side, pursue
from service.pursuit.sides import choose
from service.pursuit.verdicts import Verdict, step_of

ALIASES = Aliases.load(None)
TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
OUTCOMES = {
    "kept": Verdict.DONE,
    "partly": Verdict.PARTLY,
    "broken": Verdict.CONTRADICTED,
    "forgotten": Verdict.NOT_MENTIONED,
}


def blind(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
    """A model that finds all texts equally far apart: words alone decide."""
    return np.full((len(one), len(other)), 0.9, np.float32)


def side_of(report: Report) -> Side:
    data = report.metadata
    values = [field.value if field else None for field in (data.place, data.period)]
    card = Card(
        report.id, data.title, values[0], data.year_number, values[1], data.genre, None, None, None,
        report.source_name, report.source_sha256, report.ordinal, len(report.text),
        0, 0, 0, 0, 0, (), "", (), (),
    )  # fmt: skip
    return Side(report, card, rows_of(report, ALIASES))


def parsed(text: str) -> Side:
    data = text.encode()
    raw = RawDocument("a.txt", hashlib.sha256(data).hexdigest(), len(data), "txt", text)
    return side_of(parse(raw)[0])


def last_year(steps: str) -> Side:
    return parsed(
        "雾岭县卫生健康局2022年工作总结\n一、工作完成情况\n（一）服务量。门诊接诊病人3.2万人次。\n"
        f"二、下一步打算\n{steps}\n"
    )


def this_year(done: str, problems: str = "（一）人才短缺。三个乡没有医生。", year: int = 2023) -> Side:
    return parsed(
        f"雾岭县卫生健康局{year}年工作总结\n一、工作完成情况\n{done}\n二、存在的问题\n{problems}\n"
        "三、下一步打算\n（一）加强培训。办班12期。\n"
    )


def findings(old: Side, new: Side, similar: Similar = blind) -> tuple[Finding, ...]:
    made = promises(old.report, old.card, old.rows)
    return Account(new.report, new.card, new.rows, similar, ALIASES).findings(made)


def verdict(step: str, done: str, problems: str = "（一）人才短缺。三个乡没有医生。") -> Finding:
    (found,) = findings(last_year(f"（一）{step}"), this_year(done, problems))
    return found


OTHER = "（一）服务量。门诊接诊病人3.5万人次。"

CASES = [
    # what was promised, what the next report says of work done, of problems, the verdict
    ("建成石坳镇透析室，11月底前投用。", "（一）透析。石坳镇透析室10月18日投用。", "", Verdict.DONE),
    ("建成石坳镇透析室，9月底前投用。", "（一）透析。石坳镇透析室11月18日投用。", "", Verdict.PARTLY),
    ("建成石坳镇透析室，年内投用。", "（一）透析。石坳镇透析室11月开工。", "", Verdict.PARTLY),
    ("建成石坳镇透析室，年内投用。", OTHER, "（一）石坳镇透析室没有如期建成。", Verdict.CONTRADICTED),
    ("建成石坳镇透析室，年内投用。", OTHER, "", Verdict.NOT_MENTIONED),
    ("招聘乡村医生40名。", "（一）队伍。全年招聘乡村医生36名。", "", Verdict.PARTLY),
    ("招聘乡村医生40名。", "（一）队伍。全年招聘乡村医生43名。", "", Verdict.DONE),
    ("招聘乡村医生40名。", "（一）队伍。全年招聘乡村医生0名。", "", Verdict.CONTRADICTED),
    ("家庭医生签约率达到95%以上。", "（一）签约。家庭医生签约率93.2%。", "", Verdict.PARTLY),
    ("家庭医生签约率达到95%以上。", "（一）签约。家庭医生签约率96.1%。", "", Verdict.DONE),
    ("孕产妇死亡率控制在9/10万以内。", "（一）妇幼。孕产妇死亡率8.1/10万。", "", Verdict.DONE),
    ("平均呼救响应时间缩短到28分钟。", "（一）急救。平均呼救响应时间31分钟。", "", Verdict.PARTLY),
    ("完成村卫生室网络改造。", "（一）信息化。村卫生室网络改造完成八成。", "", Verdict.PARTLY),
    ("完成村卫生室网络改造。", "（一）信息化。村卫生室网络改造已经完成。", "", Verdict.DONE),
    ("完成村卫生室网络改造。", OTHER, "（一）村卫生室网络改造资金来源单一。", Verdict.MENTIONED),
    ("新增医养结合机构2家。", "（一）养老。医养结合机构共有6家。", "", Verdict.MENTIONED),
]


@pytest.mark.parametrize(("step", "done", "problems", "expected"), CASES)
def test_verdicts(step: str, done: str, problems: str, expected: Verdict) -> None:
    found = verdict(step, done, problems or "（一）人才短缺。三个乡没有医生。")
    assert found.verdict is expected, (found.why, [t.text for t in found.told])
    assert bool(found.told) == (expected is not Verdict.NOT_MENTIONED)


def test_a_missed_target_is_computed() -> None:
    (compared,) = verdict("家庭医生签约率达到95%以上。", "（一）签约。家庭医生签约率93.2%。").compared
    assert not compared.met and compared.gap is not None
    assert (compared.gap.text, str(compared.gap.value)) == ("1.8个百分点", "-1.8")


def test_a_figure_of_another_indicator_unit_or_year_is_no_answer() -> None:
    step = "家庭医生签约率达到95%以上。"
    for done in (
        "（一）签约。重点人群签约率93.2%。",
        "（一）签约。家庭医生签约3.2万人。",
        "（一）签约。2021年家庭医生签约率93.2%。",
    ):
        assert not verdict(step, done).compared


def test_what_the_later_report_plans_is_no_account() -> None:
    old = last_year("（一）加强培训。办班10期。")
    (found,) = findings(old, this_year(OTHER))
    assert found.verdict is Verdict.NOT_MENTIONED


def test_parts_of_a_promise_are_judged_each() -> None:
    found = verdict(
        "推进县医院急诊楼封顶，石坳镇卫生院改扩建年内完工。",
        "（一）项目。县医院急诊楼10月20日封顶。",
        "（一）石坳镇卫生院改扩建没有完工。",
    )
    assert found.verdict is Verdict.PARTLY


def test_together() -> None:
    done, open_, broken = Verdict.DONE, Verdict.MENTIONED, Verdict.CONTRADICTED
    assert together([]) is Verdict.NOT_MENTIONED
    assert together([done, open_]) is done and together([open_]) is open_
    assert together([broken, open_]) is broken and together([broken, done]) is Verdict.PARTLY


# -- promises ---------------------------------------------------------------------------------------


def of(side: Side) -> tuple[Promise, ...]:
    return promises(side.report, side.card, side.rows)


def test_promises_stand_in_next_steps_goals_and_pledges() -> None:
    side = parsed(
        "雾岭县卫生健康局2022年工作总结\n一、工作完成情况\n（一）项目。急诊楼主体完工，力争年内投入使用。门诊接诊3.2万人次。\n"
        "二、主要目标\n家庭医生签约率达到45%。坚持预防为主。\n三、下一步打算\n（一）增设急救站。新增2个。\n"
    )
    assert [p.title for p in of(side)] == [
        "急诊楼主体完工，力争年内投入使用",
        "家庭医生签约率达到45%",
        "增设急救站",
    ]
    for promise in of(side):
        assert side.report.text[promise.citation.start : promise.citation.end] == promise.text


def test_a_long_step_is_checked_sentence_by_sentence() -> None:
    step = (
        "（一）办好民生实事。要带着感情做工作。新增急救站2个。群众满意是最高的标准。医生要多下乡。石坳镇透析室年内投用。\n"
        "（二）加强培训。办班12期。"
    )
    assert [p.text for p in of(last_year(step))] == [
        "新增急救站2个。",
        "石坳镇透析室年内投用。",
        "（二）加强培训。办班12期。",
    ]


def test_targets_for_several_years_and_levels_for_each_of_many_are_not_due() -> None:
    side = last_year("（一）急救。每个乡镇设急救站1个，各配救护车1辆。")
    assert not any(aim.targets for promise in of(side) for aim in promise.aims)


@pytest.mark.parametrize(
    ("text", "month"),
    [("8月底前投用", 8), ("上半年印发", 6), ("三季度完成", 9), ("年内开工", 12), ("完成改造", 0)],
)
def test_due_months(text: str, month: int) -> None:
    assert due_month(text) == month


def test_subjects_hold_the_matter_only() -> None:
    assert subject_of("2023年11月底前建成石坳镇透析室") == subject_of("石坳镇透析室")
    assert "康复楼" in subject_of("重新协商康复楼用地")
    assert "40" not in subject_of("招聘乡村医生40名")


def test_steps_of_a_building() -> None:
    assert [step_of(t) for t in ("12月开工", "主体封顶", "竣工投用", "正在选址")] == [1, 2, 3, 0]


# -- the document -----------------------------------------------------------------------------------

STEPS = "（一）招聘乡村医生40名。\n（二）建成石坳镇透析室，年内投用。\n（三）开办老年食堂。"
TOLD = "（一）队伍。全年招聘乡村医生36名。\n（二）透析。石坳镇透析室10月18日投用。"


def table(document: Document) -> Table:
    return next(block for block in document.blocks if isinstance(block, Table))


def test_the_document_counts_groups_and_quotes() -> None:
    old, new = last_year(STEPS), this_year(TOLD)
    document = pursue([old], new, blind, ALIASES)
    assert document.title == "雾岭县2023年承诺事项落实情况对照" and document.kind == "follow_up"
    assert document.years == (2022, 2023) and not document.partial
    said = "".join(s.text for s in document.sentences)
    assert "共3项" in said and SILENT in said
    rows = table(document).rows
    assert [row[3].text for row in rows] == ["部分完成或未达目标", "没有提及", "已完成"]
    assert rows[0][4].text == "招聘乡村医生：目标40名，实际36名，低4人，没有达到目标"
    assert rows[1][2].text == "—" and rows[1][2].status == "missing"
    assert rows[2][2].citations[0].quote in new.report.text
    reports = {old.card.id: old.report, new.card.id: new.report}
    checked(document, reports.__getitem__)


def test_what_a_plan_repeats_is_listed_once() -> None:
    plan = parsed(
        "雾岭县卫生健康局2023年工作计划\n一、重点任务\n（一）招聘乡村医生40名。签订五年协议。\n（二）改造旱厕。完成300座。\n"
    )
    alike: Similar = lambda one, other: np.array(  # noqa: E731
        [[0.98 if "医生" in a and "医生" in b else 0.9 for b in other] for a in one], np.float32
    )
    rows = table(pursue([last_year(STEPS), plan], this_year(TOLD), alike, ALIASES)).rows
    assert len(rows) == 4
    assert len(next(row for row in rows if "乡村医生" in row[0].text)[1].citations) == 2


def test_a_half_year_report_tells_what_the_yearly_one_leaves_out() -> None:
    half = parsed(
        "雾岭县卫生健康局2023年上半年工作总结\n一、工作完成情况\n（一）养老。老年食堂开办3处。\n二、存在的问题\n（一）人手不足。缺人。\n"
    )
    document = pursue([last_year(STEPS)], this_year(TOLD), blind, ALIASES, [half])
    (row,) = [row for row in table(document).rows if "老年食堂" in row[0].text]
    assert row[3].text == "已完成" and "只有半年总结写到" in row[4].text


def test_a_half_year_report_alone_is_partial() -> None:
    half = parsed("雾岭县卫生健康局2023年上半年工作总结\n一、工作完成情况\n（一）养老。老年食堂开办3处。\n")
    document = pursue([last_year(STEPS)], half, blind, ALIASES)
    assert document.partial and "年中" in document.gaps[0]


def test_a_report_without_promises() -> None:
    old = parsed("雾岭县卫生健康局2022年工作总结\n一、工作完成情况\n门诊接诊3.2万人次。\n")
    with pytest.raises(InputError, match="没有下一步打算、目标或限期完成的事项"):
        pursue([old], this_year(TOLD), blind, ALIASES)


# -- the command ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def run(bureau: Desk) -> Iterator[Callable[..., Result]]:
    """The command on the fictional bureau, without a model of its own."""

    class Shared:
        def desk_with_models(self) -> Shared:
            return self

        def __enter__(self) -> Desk:
            return bureau

        def __exit__(self, *error: object) -> None:
            return None

    yield lambda *words: CliRunner().invoke(followup, words, obj=Shared())


def test_the_command_prints_json(run: Callable[..., Result]) -> None:
    result = run("--place", "澄河县", "--year", "2022", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made["kind"] == "follow_up" and made["places"] == ["澄河县"] and made["sources"]


def test_the_command_takes_two_reports(run: Callable[..., Result], bureau: Desk, tmp_path: Path) -> None:
    ids = {c.year: c.id for c in bureau.cards() if c.place == "澄河县"}
    out = tmp_path / "f.docx"
    assert run(ids[2021], ids[2022], "-o", str(out)).exit_code == 0
    assert out.stat().st_size > 5000


@pytest.mark.parametrize(
    ("words", "piece"),
    [
        (("--place", "澄河县", "--year", "2021"), "现有"),
        (("--place", "没有县", "--year", "2022"), "没有没有县的报告"),
        (("--place", "澄河县"), "--year"),
    ],
)
def test_the_command_says_what_there_is(
    run: Callable[..., Result], one_sentence: Callable[..., str], words: tuple[str, ...], piece: str
) -> None:
    one_sentence(run(*words), 2, piece)


def test_reports_and_options_exclude_each_other(
    run: Callable[..., Result], bureau: Desk, one_sentence: Callable[..., str]
) -> None:
    first = bureau.cards()[0].id
    one_sentence(run(first, "--place", "澄河县"), 2, "不能同时给出")
    one_sentence(run(first), 2, "只给了一份报告")
    one_sentence(run(first, first), 2, "同一份报告")


# -- the sample corpus and the real reports ---------------------------------------------------------


@cache
def sample(file: str, piece: int) -> Side:
    return side_of(parse(read(SAMPLES / file))[piece - 1])


def agreement(similar: Similar) -> tuple[int, Counter[str]]:
    """How many of the commitments of the truth get its verdict, and the wrong ones by outcome."""
    wrong: Counter[str] = Counter()
    for commitment in TRUTH["commitments"]:
        old = sample(commitment["file"], commitment["piece"])
        told = commitment["told_in"]
        made = next(p for p in of(old) if commitment["title"] in p.text)
        new = sample(told["file"], told["piece"])
        (found,) = Account(new.report, new.card, new.rows, similar, ALIASES).findings([made])
        wrong[commitment["outcome"]] += found.verdict is not OUTCOMES[commitment["outcome"]]
    return len(TRUTH["commitments"]) - wrong.total(), wrong


def test_the_commitments_of_the_samples_by_words_alone() -> None:
    right, wrong = agreement(blind)
    assert right >= 0.85 * len(TRUTH["commitments"]), wrong
    assert not wrong["forgotten"] and not wrong["broken"]


@pytest.mark.model
def test_the_commitments_of_the_samples_with_the_embedding_model() -> None:
    from service.models.embedder import open_embedder
    from service.settings import load

    embedder = open_embedder(load())

    def similar(one: Sequence[str], other: Sequence[str]) -> NDArray[np.float32]:
        made: NDArray[np.float32] = embedder.embed_passages(one) @ embedder.embed_passages(other).T
        return made

    right, wrong = agreement(similar)
    assert right >= 0.95 * len(TRUTH["commitments"]), wrong


@pytest.mark.real
def test_neighbouring_government_reports(real_reports: Path) -> None:
    files = sorted((real_reports / "gwr").glob("*.txt"))
    sides = {side.card.year: side for side in (side_of(parse(read(file))[0]) for file in files)}
    assert sorted(year for year in sides if year) == [*range(2013, 2020), 2021, 2022]
    growth = {}
    for year in (2014, 2015, 2016, 2017, 2019, 2022):
        document = pursue([sides[year - 1]], sides[year], blind, ALIASES)
        reports = {side.card.id: side.report for side in sides.values()}
        checked(document, reports.__getitem__)
        cells = [row[4].text for row in table(document).rows if row[4].text.startswith("国内生产总值")]
        growth[year] = cells[0] if cells else ""
    for year, (target, actual) in {
        2014: ("7.5%", "7.7%"),
        2015: ("7.5%", "7.4%"),
        2022: ("6%", "8.1%"),
    }.items():
        assert f"目标{target}" in growth[year] and f"实际{actual}" in growth[year]
    cards = [side.card for side in sides.values()]
    with pytest.raises(NotFound, match="--against 2019"):
        choose(cards, cards[0].place, 2021)
    assert choose(cards, cards[0].place, 2021, 2019)[1].year == 2021
