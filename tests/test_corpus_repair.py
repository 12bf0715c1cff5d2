"""corpus.repair and the stages behind it: what is mended, what stays, what counts as damaged."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.radicals import SUPPLEMENT
from corpus.repair import RepairKind, find_damages, repair_characters, repair_text
from corpus.repair_kinds import REPAIR_LABELS
from corpus.tracked import TrackedText

LONG = "全县卫生健康系统围绕年度目标任务，统筹推进基层服务能力提升和公共卫生体系建设"


def characters(text: str) -> str:
    return repair_characters(TrackedText.from_raw(text)).text


def repaired(text: str) -> str:
    return repair_text(repair_characters(TrackedText.from_raw(text))).text


def damaged(text: str) -> list[str]:
    return [span.of(text) for span in find_damages(text)]


def test_every_kind_has_a_label() -> None:
    assert set(REPAIR_LABELS) == set(RepairKind)
    assert RepairKind.PAGE_BREAK.label == "分页断句"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("&#25285;当&nbsp;作为&amp;lt;", "担当 作为<"),
        ("\ufeff卫\u200b生\u00ad院", "卫生院"),
        ("甲\r\n乙\r丙\u2028丁\x0c戊", "甲\n乙\n丙\n丁\n戊"),
        ("甲\u3000乙\u00a0丙\t丁", "甲 乙 丙 丁"),
        ("[bookmark: _GoBack]1.党风", "1.党风"),
        ("⼯作⻛险⻓期", "工作风险长期"),
        ("①㎡Ⅲ½", "①㎡Ⅲ½"),
        ("AT&T 与 R&D;", "AT&T 与 R&D;"),
    ],
)
def test_code_points(raw: str, clean: str) -> None:
    assert characters(raw) == clean


def test_radicals_become_characters_of_their_shape() -> None:
    assert len(SUPPLEMENT) == 114
    assert all("\u3400" <= char <= "\u9fff" or char >= "\U00020000" for char in SUPPLEMENT.values())
    assert SUPPLEMENT["\u2edb"] == "风" and SUPPLEMENT["\u2ef3"] == "龟" and SUPPLEMENT["\u2ec5"] == "见"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("鄉鎮衛生院著力改善醫療條件，沿著既定目標推進", "乡镇卫生院着力改善医疗条件，沿着既定目标推进"),
        ("乾安縣與乾縣醫療衛生機構著名專家編著論著", "乾安县与乾县医疗卫生机构著名专家编著论著"),
        ("「衛生」與『醫療』機構發展", "“卫生”与‘医疗’机构发展"),
        ("乾淨整潔的環境，乾燥的庫房，後勤與臺賬", "干净整洁的环境，干燥的库房，后勤与台账"),
    ],
)
def test_traditional_text_is_simplified(raw: str, clean: str) -> None:
    assert characters(raw) == clean


def test_a_simplified_report_keeps_a_traditional_name() -> None:
    text = "本县与瑯琊書院合作，为群众提供医疗服务，全年门诊达到三万人次。"
    assert characters(text) == text


def test_one_traditional_line_in_a_simplified_file() -> None:
    simple = "全县医疗机构为群众提供诊疗服务，发展态势良好。\n" * 6
    assert characters(f"{simple}鄉鎮衛生院醫療條件持續改善\n") == f"{simple}乡镇卫生院医疗条件持续改善\n"


def test_simplification_is_logged_by_the_sentence() -> None:
    t = repair_characters(TrackedText.from_raw("鄉鎮衛生院發展。縣醫院擴建。無變化的句子在此。"))
    entries = [r for r in t.repairs if r.kind == RepairKind.TRADITIONAL]
    assert len(entries) == 3
    assert (entries[0].before, entries[0].after, entries[0].note) == ("鄉鎮衛發", "乡镇卫发", "共4处")
    assert [t.origin.raw_offset(i) for i in range(len(t.text))] == list(range(len(t.text)))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("年均增长4。7%，达到3。6万元", "年均增长4.7%，达到3.6万元"),
        ("累计226。8亿元、提高2。5个百分点", "累计226.8亿元、提高2.5个百分点"),
        ("位居全省第5。2018年继续提升。", "位居全省第5。2018年继续提升。"),
        ("名次升至5。2018年继续提升。", "名次升至5。2018年继续提升。"),
        ("共接诊4。3人住院观察。", "共接诊4。3人住院观察。"),
        ("排名第5。80%的村达标。", "排名第5。80%的村达标。"),
        ("报销比例87 . 94 %，有效。", "报销比例87.94%，有效。"),
        ("12. 30万元项目，已开工。", "12. 30万元项目，已开工。"),
    ],
)
def test_decimals(raw: str, clean: str) -> None:
    assert repaired(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("自6 月 1 日起，培训 157 人，覆盖 98 %。", "自6月1日起，培训157人，覆盖98%。"),
        ("对1208户 3311 人完成走访 ，效果明显 。", "对1208户3311人完成走访，效果明显。"),
        ("医院his 系统与PACS system尚未融合，正在推进。", "医院his 系统与PACS system尚未融合，正在推进。"),
        ("2018 年度工作总结", "2018年度工作总结"),
        ("云岭县 2018 年 6 月 20日", "云岭县 2018年6月20日"),
        ("类别 2018年 2019年", "类别 2018年 2019年"),
        ("门诊 1200 1350 1400", "门诊 1200 1350 1400"),
        (
            "下发《中共云岭县委 云岭县人民政府意见》，全面部署。",
            "下发《中共云岭县委 云岭县人民政府意见》，全面部署。",
        ),
        ("分管领导：某某      电话：", "分管领导：某某      电话："),
        ("起 草 人：某某", "起草人：某某"),
        ("  缩进一行\n\n\n\n第二行  ", "缩进一行\n\n第二行"),
    ],
)
def test_spaces(raw: str, clean: str) -> None:
    assert repaired(raw) == clean


def test_flattened_lines_come_back() -> None:
    raw = (
        "现将有关情况报告如下: 一、工作完成情况 今年以来,我局紧扣目标,全面落实各项任务。 "
        "(一)义诊活动有序开展。组建小队26 支。 二、下一步打算 (一)加快建设。确保年内完工。 "
        "云岭县卫生健康局 2018 年 6 月 20日"
    )
    assert repaired(raw).split("\n") == [
        "现将有关情况报告如下：",
        "一、工作完成情况",
        "今年以来，我局紧扣目标，全面落实各项任务。",
        "（一）义诊活动有序开展。组建小队26支。",
        "二、下一步打算",
        "（一）加快建设。确保年内完工。",
        "云岭县卫生健康局",
        "2018年6月20日",
    ]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("分级诊疗,逐步推开;成效明显:一是全面落实!", "分级诊疗，逐步推开；成效明显：一是全面落实！"),
        ("培训(含村医)1,234人,共2.5万元", "培训（含村医）1,234人，共2.5万元"),
        ("时间8:30,比例1:2,配置CT,4月完成", "时间8:30，比例1:2，配置CT，4月完成"),
        ("见http://example.org/a,b?c=1:2 的说明", "见http://example.org/a,b?c=1:2 的说明"),
        ("Grade review, a means (of course); fine", "Grade review, a means (of course); fine"),
        ("共(3447人）签约", "共（3447人）签约"),
        ('制定"一人一策"计划', "制定“一人一策”计划"),
        ("增长(%)", "增长（%）"),
        ("老百姓满意吗?我们要问自己。", "老百姓满意吗？我们要问自己。"),
        ("医共体建?的要点", "医共体建?的要点"),
        ("工作取得了良好的成效.", "工作取得了良好的成效。"),
    ],
)
def test_punctuation(raw: str, clean: str) -> None:
    assert repaired(raw) == clean


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (f"{LONG}。推行首问负责，查处", "“吃拿卡”等突出问题，作风好转。"),
        (f"{LONG}，村级卫生室改造进", "展顺利；全年开工十二处。"),
        (f"{LONG}，", "推动各项任务落实。"),
        ("加强细颗粒物（PM", "2.5）监测，浓度下降。"),
        ("【字", "号】云卫办发〔2021〕8号"),
        (f"{LONG}。推广“一户一", "策”办法。"),
        ("共同推进《", "健康云岭行动》实施"),
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n  "])
def test_split_sentences_are_joined(left: str, right: str, gap: str) -> None:
    assert repaired(left + gap + right) == left + right


@pytest.mark.parametrize(
    "text",
    [
        "云岭县卫生健康局2017年工作总结\n县委：\n按照要求，现将工作报告如下：\n一、重点工作，全面推进\n（一）任务完成",
        f"一、强化统筹,以督导促落实见实效\n{LONG}。".replace(",", "，"),
        f"{LONG}。\n云岭县卫生健康局\n2017年12月11日",
        f"{LONG}，成效明显\n二〇一七年十二月十一日",
        f"{LONG}，成效明显\n2、强化宣传引导，营造氛围。",
        f"{LONG}，成效明显\n（二）强化宣传引导，营造氛围。",
        f"{LONG}，成效明显\n各乡镇人民政府，县直各单位：",
        "【制定机关】云岭县卫生健康局\n【公布日期】2021.05.08\n正文",
        "类别\n\n指标（24个）\n\n2020年\n\n增长（%）\n\n6.5",
        "分管领导：某某\n起草人：某某",
        f"{LONG}，总投资3\n50万元，已到位。",
        "附件一，名单\n姓名，单位，职务",
    ],
)
def test_lines_of_their_own_stay(text: str) -> None:
    assert repaired(text) == text


def test_hard_wrapped_text_is_joined_at_its_width() -> None:
    body = "各乡镇卫生院持续改善就医环境并完善家庭医生签约服务机制同时加强村医培训提高诊疗水平" * 8
    lines = [body[i : i + 38] for i in range(0, len(body), 38)]
    text = "\n".join(["云岭县总结", *lines]) + "。"
    assert repaired(text) == f"云岭县总结\n{body}。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("医共体建设的??要点", ["??"]),
        ("提高?平，完善制度", ["?"]),
        ("【公布日期】2021.05.08?\n正文", ["?"]),
        ("con?struction of hospitals", ["?"]),
        ("群众看病还难不难，怎么办?", []),
        ("Is it true? Yes.", []),
        ("见 http://example.org/a?id=3 说明", []),
        ("丢失\ufffd\ufffd字符", ["\ufffd\ufffd"]),
        ("私有\ue2fd区", ["\ue2fd"]),
        ("出现锟斤拷锟斤拷乱码", ["锟斤拷锟斤拷"]),
        ("干部勇?lián)?、走在前", ["?lián)?"]),
        ("全年接诊3120人，完成比率61.20%。", []),
    ],
)
def test_damages(text: str, expected: list[str]) -> None:
    assert damaged(text) == expected


def test_text_read_in_the_wrong_character_set_is_damaged() -> None:
    as_gbk = "卫生健康工作总结".encode().decode("gbk", "ignore")
    as_latin = "卫生健康".encode().decode("cp1252", "ignore")
    assert damaged(as_gbk)
    assert damaged(as_latin)
    assert not damaged("卫生健康工作总结。乡镇卫生院、村卫生室，全部达标；")


def test_many_lost_characters_make_every_mark_suspect() -> None:
    text = "提?能?，加?建设，推?改?，如何落?到位，完善?度。"
    assert len(damaged(text)) == text.count("?")


PARTS = (
    "县|衛(wèi)生|工作|，|,|。|\n|\n\n|\r\n| |\u3000|6 月 1 日|4。9%|1、|2、|3、|一、|（一）|(|)|?|??h|&nbsp;"
    "|\u200b|⼯|鄉鎮醫療"
    '|：|"|his |12|人|2018 年 6 月 20日|卫生健康局|勇?lián)|敗⒋倏L|A|“|”|一是|乾|著|.|%|万元'
)
NOISE = st.lists(st.sampled_from(PARTS.split("|")), max_size=40).map("".join)


@given(NOISE)
@settings(deadline=None, max_examples=300)
def test_repairing_twice_is_repairing_once(raw: str) -> None:
    once = characters(raw)
    assert characters(once) == once
    lines = repair_text(TrackedText.from_raw(once)).text
    assert repair_text(TrackedText.from_raw(lines)).text == lines


@given(NOISE)
@settings(deadline=None, max_examples=300)
def test_kept_characters_map_to_themselves(raw: str) -> None:
    t = repair_text(repair_characters(TrackedText.from_raw(raw)))
    changed = bytearray(len(raw) + 1)
    for repair in t.repairs:
        changed[repair.start : repair.end] = b"\1" * (repair.end - repair.start)
    for i, char in enumerate(t.text):
        start, end = t.origin.raw_span(i, i + 1)
        assert any(changed[start:end]) or start == end or (end == start + 1 and char == raw[start])


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=200)
def test_any_text_is_survived(raw: str) -> None:
    t = repair_text(repair_characters(TrackedText.from_raw(raw)))
    spans = find_damages(t.text)
    assert all(0 <= s.start < s.end <= len(t.text) for s in spans)
    assert all(a.end < b.start for a, b in pairwise(spans))


def page(folder: Path, pattern: str) -> str:
    (path,) = folder.glob(pattern)
    return repaired(path.read_text("utf-8"))


@pytest.mark.real
def test_real_pages(real_reports: Path) -> None:
    plan = page(real_reports, "003_*")
    for expected in (
        "增长4.9%",
        "达到3.4万元",
        "投资226.8亿元",
        "减税115.1亿元",
        "管护取得较好成效",
        "“三会一课”",
    ):
        assert expected in plan
    assert "4。9" not in plan and "【字号】" in plan
    assert len(find_damages(plan)) > 200
    assert any(span.of(plan) == "??" for span in find_damages(plan))
    half_year = page(real_reports, "000_*")
    assert "6月1日" in half_year and "1528户5017人" in half_year and "his 系统" in half_year
    assert "\n二、存在的问题和不足\n" in half_year and half_year.count("\n2018年6月20日\n") == 1
    official = page(real_reports, "004_*")
    assert "[bookmark" not in official and "\n1.党风廉政。" in official
    assert "襄垣县委 襄垣县人民政府" in official and not find_damages(official)
    assert "87.94%" in page(real_reports, "002_*")


@pytest.mark.real
def test_state_council_reports_come_through(real_reports: Path) -> None:
    for path in sorted((real_reports / "gwr").glob("*.txt")):
        raw = path.read_text("utf-8")
        t = repair_text(repair_characters(TrackedText.from_raw(raw)))
        assert not find_damages(t.text)
        assert "".join(t.text.split()) == "".join(c for c in raw if c.isprintable() and not c.isspace())
        joined = [r for r in t.repairs if r.kind == RepairKind.PAGE_BREAK]
        for repair in joined:
            before = raw[: repair.start].rstrip()[-1]
            assert before not in "。；！？" or raw[repair.end] in "，。、）》”"
        assert {r.kind for r in t.repairs} <= {
            RepairKind.LAYOUT,
            RepairKind.ODD_SPACE,
            RepairKind.INVISIBLE,
            RepairKind.PAGE_BREAK,
        }


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("2.全县建立健康档案9.4\n万人，建档率64.00%。", "2.全县建立健康档案9.4万人，建档率64.00%。"),
        ("组织兼职急救员培训4\n人次、演练两次。", "组织兼职急救员培训4人次、演练两次。"),
        ("总投资1,3\n00万元，已到位。", "总投资1,3\n00万元，已到位。"),
        ("指标\n2745\n人均预期寿命（岁）", "指标\n2745\n人均预期寿命（岁）"),
    ],
)
def test_a_number_and_its_unit_are_joined_over_a_line_end(raw: str, clean: str) -> None:
    assert repaired(raw) == clean


def test_wrapped_lines_with_labels_are_joined_and_table_rows_stay() -> None:
    full = "各乡镇卫生院持续改善就医环境并完善签约服务，同时加强村医培训"
    items = "".join(f"{i}.{full}提\n高。\n" for i in range(1, 9))
    rows = "指标 | 单位 | 2021年实际 | 2022年目标 | 2022年实际 | 情况\n病床 | 张 | 86 | 200 | 213 | 完成"
    joined = "".join(f"{i}.{full}提高。\n" for i in range(1, 9))
    assert repaired(items + rows) == joined + rows
