"""The outline of reports: ladders, run-in headings, statements, unlabelled sections, kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.chrome import strip_chrome
from corpus.headings import is_title, kind_of, title_end
from corpus.outline import outline, with_genre
from corpus.repair import repair_characters, repair_text
from corpus.report import Block, BlockKind, Genre, Section, SectionKind, Span
from corpus.split import split
from corpus.tracked import TrackedText

LADDER = """云溪县工作总结
一、工作完成情况
全县卫生健康工作进展顺利。
（一）公共卫生工作
1.健康教育
（1）宣传活动。一是进村宣讲。全年举办讲座40次。二是进校宣讲。发放资料2万份。
（2）骨干培训。培训骨干300人。
2.疾病防控
①监测预警。传染病报告率为100%。
②免疫规划。接种率为99%。
（二）医疗改革工作
成立县域医共体2个。
二、存在的问题
医务人员不足。
三、下一步打算
加强人才引进。
云溪县卫生健康局
2021年12月20日
"""


def shape(sections: tuple[Section, ...]) -> list[tuple[int, str, str]]:
    return [(s.level, s.label, s.title) for s in sections]


def kinds(text: str) -> dict[str, SectionKind]:
    return {s.title: s.kind for s in outline(text)}


def test_full_ladder() -> None:
    assert shape(outline(LADDER)) == [
        (1, "一、", "工作完成情况"),
        (2, "（一）", "公共卫生工作"),
        (3, "1.", "健康教育"),
        (4, "（1）", "宣传活动"),
        (6, "一是", "进村宣讲"),
        (6, "二是", "进校宣讲"),
        (4, "（2）", "骨干培训"),
        (3, "2.", "疾病防控"),
        (5, "①", "监测预警"),
        (5, "②", "免疫规划"),
        (2, "（二）", "医疗改革工作"),
        (1, "二、", "存在的问题"),
        (1, "三、", "下一步打算"),
    ]


def test_half_width_ladder_is_the_same() -> None:
    half = LADDER.replace("（", "(").replace("）", ")").replace("1.", "1、").replace("2.", "2、")
    assert [s[0] for s in shape(outline(half))] == [s[0] for s in shape(outline(LADDER))]


def test_spans_paths_and_closing() -> None:
    sections = {s.title: s for s in outline(LADDER)}
    talks = sections["进村宣讲"]
    assert talks.path == (
        "一、工作完成情况",
        "（一）公共卫生工作",
        "1.健康教育",
        "（1）宣传活动",
        "一是进村宣讲",
    )
    assert talks.span.of(LADDER) == "一是进村宣讲。全年举办讲座40次。"
    assert talks.heading.of(LADDER) == "一是进村宣讲"
    assert sections["下一步打算"].span.of(LADDER).rstrip().endswith("加强人才引进。")


def test_kinds_are_inherited() -> None:
    found = kinds(LADDER)
    assert found["工作完成情况"] is found["监测预警"] is SectionKind.ACHIEVEMENTS
    assert found["存在的问题"] is SectionKind.PROBLEMS
    assert found["下一步打算"] is SectionKind.NEXT_STEPS


def test_one_giant_line() -> None:
    text = (
        "青禾县半年工作总结今年以来，我局逐项推进，现报告如下。一、持续抓好窗口服务建设按照县里要求，"
        "县卫健局制定方案，取得初步成效。（一）加强医风建设。开展学习80次。（二）优化导医流程。设置导诊台30个。"
        "二、稳步推进基层建设工作（一）建好村卫生室在全县新建村卫生室12所。（二）配强乡村医生配强乡村医生是关键，全县新聘年轻村医20人充实队伍。"
        "三、扎实推进疾病防控工作疾病防控工作任务很重，检测2万人次。虽然工作取得了成绩，但是全县卫生工作还存在一些困难和短板。"
        "一是医疗服务方面，人员不足。二是队伍建设方面，年龄老化，三是改革方面，进展不快。"
        "下一步，县卫健局将按照县委部署抓好工作。一是抓实防控工作。突出重点，二是提升群众满意度。解决难点。"
    )
    sections = outline(text)
    assert [(s.label, s.title) for s in sections if s.level <= 2] == [
        ("一、", "持续抓好窗口服务建设"),
        ("（一）", "加强医风建设"),
        ("（二）", "优化导医流程"),
        ("二、", "稳步推进基层建设工作"),
        ("（一）", "建好村卫生室在全县新建村卫生室12所"),
        ("（二）", "配强乡村医生"),
        ("三、", "扎实推进疾病防控工作"),
        ("", "存在一些困难"),
        ("", "下一步"),
    ]
    problems, steps = sections[-7], sections[-3]
    assert problems.kind is SectionKind.PROBLEMS and problems.level == 1
    assert problems.span.of(text).startswith("虽然工作取得了成绩")
    assert steps.kind is SectionKind.NEXT_STEPS
    assert [s.label for s in sections[-6:-3]] == ["一是", "二是", "三是"]
    assert sections[-6].kind is SectionKind.PROBLEMS


def test_items_follow_a_heading_without_a_mark() -> None:
    text = "二、存在的问题一是水位偏高影响灭螺。已换药物。二是资金到位较晚。三、下半年打算继续推进。"
    assert [(s.label, s.title) for s in outline("一、工作情况良好。" + text)][1:4] == [
        ("二、", "存在的问题"),
        ("一是", "水位偏高影响灭螺"),
        ("二是", "资金到位较晚"),
    ]


def test_numbered_statements_are_no_headings() -> None:
    text = (
        "一、工作成效\n（一）方便看病\n1、自3月起，我区卫生院都推行了床旁结算。目前共有210人使用。\n"
        "2、截止8月共有340人领到交通补贴，都不用再跑县城。\n3、建立了兜底保障政策。\n（二）能力建设\n1.设备更新\n更新设备。\n"
        "2.人才培养\n培养人才。\n"
    )
    assert [s.title for s in outline(text)] == ["工作成效", "方便看病", "能力建设", "设备更新", "人才培养"]


def test_siblings_stay_together_when_one_reads_like_a_statement() -> None:
    text = (
        "一、亮点工作\n1.组建社区中心。已运行。\n2.投入1180万元，建成导管室。\n"
        "3.强化专科建设。设床18张。\n4.加强基地建设。投用。\n"
    )
    assert [s.label for s in outline(text)] == ["一、", "1.", "2.", "3.", "4."]


@pytest.mark.parametrize(
    "text",
    [
        "全年分三、四季度推进，1-11月完成投资2.5亿元，按照第（二）项要求落实。",
        "开展一、二类疫苗接种工作，第三、四批药品到货。",
        "主要包括：（1）门诊；（2）住院；（3）转诊。",
        "接种率达到99.1%，比2.1个百分点更高。3.5万人受益。",
        "",
    ],
)
def test_enumerations_in_prose_are_no_sections(text: str) -> None:
    assert outline(text) == ()


def test_numbers_that_run_on_across_sections() -> None:
    text = (
        "一、加强党建\n1.政治建设。学习。\n2.组织建设。创建。\n"
        "二、疫情防控\n3.统筹工作。落实。\n4.演练培训。开展。\n"
    )
    assert [s.path[-1] for s in outline(text)] == [
        "一、加强党建", "1.政治建设", "2.组织建设", "二、疫情防控", "3.统筹工作", "4.演练培训",
    ]  # fmt: skip


def test_damaged_labels_are_named_by_their_neighbours() -> None:
    text = (
        "要点。?、因地制宜推进建设以共享资源、下沉人才、协作技术为重点。再说。"
        "?、完善医保政策加快改革。多说。三、落实转诊机制各县要根据各级医院的功能定位分类制定目录。还有图片"
        "四、规范诊疗服务要落实。另有。?、发挥优势。说完。"
    )
    found = outline(text)
    assert [s.label for s in found] == ["一、", "二、", "三、", "四、", "五、"]
    assert found[0].title == "因地制宜推进建设"
    assert found[2].title == "落实转诊机制"


def test_damaged_labels_without_certain_number_are_left() -> None:
    assert [s.label for s in outline("总则。?、甲方工作。乙。\n一、丙方工作\n丁。\n二、戊方工作\n己。")] == [
        "一、",
        "二、",
    ]


def test_chapters_stand_above() -> None:
    text = (
        "第一章 发展基础\n第一节 主要成就\n一、总量增长\n很好。\n"
        "二、质量提升\n不错。\n第二章 主要目标\n提高水平。\n"
    )
    assert [(s.level, s.label) for s in outline(text)] == [
        (1, "第一章"), (2, "第一节"), (3, "一、"), (3, "二、"), (1, "第二章"),
    ]  # fmt: skip


def test_article_ladder() -> None:
    text = (
        "1基本情况\n某院启动创建。\n2主要做法\n2.1抓部署\n成立小组。\n2.2抓规范\n2.2.1完善制度\n汇编成册。\n"
        "3取得成效\n3.1声誉提升\n好。\n"
    )
    assert [(s.level, s.label) for s in outline(text)] == [
        (1, "1"), (1, "2"), (2, "2.1"), (2, "2.2"), (3, "2.2.1"), (1, "3"), (2, "3.1"),
    ]  # fmt: skip


def test_dashes_and_bare_lines() -> None:
    body = "全市茶叶种植面积扩大到6.1万亩，亩均收入3.2万元，茶农收入稳步增加，民生改善，大局稳定。"
    text = (
        f"云川市规划纲要\n云川市发展成效\n{body}\n云川市发展规划\n主要目标：{body}\n——产业升级实现突破。{body}\n"
        f"——生态建设实现突破。{body}\n{body}\n"
    )
    assert shape(outline(text)) == [
        (1, "", "云川市发展成效"),
        (1, "", "云川市发展规划"),
        (6, "——", "产业升级实现突破"),
        (6, "——", "生态建设实现突破"),
    ]
    assert outline(text)[-1].span.of(text).count(body) == 1


def test_speech_items_reach_over_paragraphs() -> None:
    text = "一、回顾\n一是保持增长。甲。\n乙。\n二是改善民生。丙。\n丁。\n二、部署\n戊。\n"
    items = [s for s in outline(text) if s.label in {"一是", "二是"}]
    assert [s.span.of(text).strip() for s in items] == [
        "一是保持增长。甲。\n乙。",
        "二是改善民生。丙。\n丁。",
    ]


def test_headings_that_the_format_marks() -> None:
    text = "云溪县总结\n引言段落。\n主要成效\n很好。\n存在的问题\n不足。\n"
    blocks = [
        Block(BlockKind.HEADING, Span(text.index(words), text.index(words) + len(words)), level)
        for words, level in (("云溪县总结", 1), ("主要成效", 2), ("存在的问题", 2))
    ]
    found = outline(text, blocks)
    assert shape(found) == [(1, "", "主要成效"), (1, "", "存在的问题")]
    assert [s.kind for s in found] == [SectionKind.ACHIEVEMENTS, SectionKind.PROBLEMS]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("工作完成情况", SectionKind.ACHIEVEMENTS), ("特色亮点工作", SectionKind.HIGHLIGHTS),
        ("存在问题及建议", SectionKind.PROBLEMS), ("不足与成因", SectionKind.PROBLEMS),
        ("下一步工作规划", SectionKind.NEXT_STEPS), ("2023年重点任务", SectionKind.NEXT_STEPS),
        ("总体要求", SectionKind.GOALS), ("工作目标", SectionKind.GOALS),
        ("组织领导和宣传", SectionKind.SAFEGUARDS), ("保障措施", SectionKind.SAFEGUARDS),
        ("基本情况", SectionKind.OVERVIEW), ("重点任务落实情况", SectionKind.ACHIEVEMENTS),
        ("解决突出问题", SectionKind.OTHER), ("妇幼安全有保障", SectionKind.OTHER),
        ("加强党建", SectionKind.OTHER),
    ],
)  # fmt: skip
def test_kind_of_titles(title: str, kind: SectionKind) -> None:
    assert kind_of(title, None) is kind


def test_genre_fills_silent_sections() -> None:
    text = "一、加强党建\n学习。\n二、疫情防控\n落实。\n三、下一步打算\n继续。\n"
    done = with_genre(outline(text), Genre.ANNUAL)
    assert [s.kind for s in done] == [SectionKind.ACHIEVEMENTS] * 2 + [SectionKind.NEXT_STEPS]
    plan = with_genre(outline(text), Genre.KEY_POINTS)
    assert {s.kind for s in plan} == {SectionKind.NEXT_STEPS}
    assert with_genre(outline(text), Genre.ARTICLE) == outline(text)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("工作成效\n（一）", "工作成效"),
        ("健康教育。一是加强宣传", "健康教育"),
        ("重点工程：一是投资", "重点工程"),
        ("年度完成情况 开春以后，全局围绕三件大事，逐月调度逐项落实，进度良好。", "年度完成情况"),
        ("认真开展核查，实施精准救治。依托系统，采取比对方式核实。", "认真开展核查，实施精准救治"),
        ("落实保障的工作较重，由另一科室兼管，人手不够，虽然多次反映，但效果不好，仍需努力。",
         "落实保障的工作较重"),
    ],
)  # fmt: skip
def test_title_ends(text: str, title: str) -> None:
    assert text[: title_end(text, 0, len(text))] == title


def test_statements_are_no_titles() -> None:
    assert is_title("强化宣传，提高政策知晓率") and is_title("办好乡医课堂，用好“12+4”培训包")
    assert not is_title("建立了保障政策") and not is_title("投入260万元") and not is_title("我区有公立医院")


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet="一二三十、（）()1234.①②是。；，\n 工作问题下步打算存在第章节——?", max_size=120))
def test_any_text_gives_a_tree(text: str) -> None:
    sections = outline(text)
    assert [s.span.start for s in sections] == sorted(s.span.start for s in sections)
    for index, section in enumerate(sections):
        assert 0 <= section.span.start <= section.span.end <= len(text)
        assert section.span.start <= section.heading.start <= section.heading.end <= len(text)
        for other in sections[index + 1 :]:
            assert section.span.holds(other.span) or other.span.start >= section.span.end


def real_outline(folder: Path, prefix: str, number: int) -> tuple[Section, ...]:
    raw = next(folder.glob(f"{prefix}*.txt")).read_text(encoding="utf-8")
    pieces = split(strip_chrome(repair_characters(TrackedText.from_raw(raw)), "txt"))
    return outline(repair_text(pieces[number - 1].text).text)


@pytest.mark.real
@pytest.mark.parametrize(
    ("prefix", "number", "firsts"),
    [
        ("000", 1, ["一、", "二、", "三、"]),
        ("001", 1, ["一、", "二、", "三、", "四、", "", ""]),
        ("002", 1, ["一、", "二、", "三、"]),
        ("002", 7, ["一、", "二、", "三、"]),
        ("003", 1, [f"{c}、" for c in "一二三四五六七八九十"]),
        ("003", 2, ["一、", "二、", ""]),
        ("003", 5, [f"{c}、" for c in "一二三四五六七八九十"]),
        ("004", 1, ["一、", "二、", "三、", "四、"]),
    ],
)
def test_real_first_levels(real_reports: Path, prefix: str, number: int, firsts: list[str]) -> None:
    assert [s.label for s in real_outline(real_reports, prefix, number) if s.level == 1] == firsts


@pytest.mark.real
def test_real_kinds(real_reports: Path) -> None:
    half_year = [s for s in real_outline(real_reports, "001", 1) if s.level == 1]
    assert [s.kind for s in half_year[-2:]] == [SectionKind.PROBLEMS, SectionKind.NEXT_STEPS]
    tasks = [s for s in real_outline(real_reports, "003", 5) if s.level == 3]
    assert [s.label for s in tasks] == [f"{n}." for n in range(1, 50)]
    annual = [s for s in real_outline(real_reports, "004", 1) if s.kind is SectionKind.PROBLEMS]
    assert [s.label for s in annual if s.level == 3] == ["1.", "2.", "3.", "4."]


def test_a_title_with_a_subtitle_keeps_it() -> None:
    sections = outline("一、成效\n（一）职业健康：从“罚”到“帮”\n1.摸底数。走访企业。\n2.抓体检。完成检查。\n")
    assert sections[1].title == "职业健康：从“罚”到“帮”"


def test_labels_before_a_year_or_an_age_and_three_part_numbers() -> None:
    text = "一、成效\n1.加强管理\n开展培训。\n2.67岁以上老人健康管理\n开展体检。\n3.改善服务\n完善流程。\n"
    assert [s.label for s in outline(text)] == ["一、", "1.", "2.", "3."]
    article = "1概况如下。1.1围绕谋划抓部署。1.1.1建立机制。1.1.2人员交流学习。1.1.3岗位培训。2做法如下。2.1抓规范。"
    assert "1.1.2" in [s.label for s in outline(article)]
