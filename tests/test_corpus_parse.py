"""One file in, its reports out: all stages together, offsets included."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from corpus.outline import outline
from corpus.parse import parse, report_id, sentence_spans
from corpus.report import Block, BlockKind, Genre, RawDocument, Report, SectionKind, Span

PAGE = (
    "云溪县总结.docx\n上传人:某用户 文档编号:90001 上传时间:2018-09-02 格式:DOCX 页数:4 大小:18KB\n"
    "点击查看更多>>\n资源描述\n\n"
    "1、云溪县2018 年上半年卫生健康工作总结根据县政府通知要求,我局认真总结,现报告如下: "
    "一、工作完成情况 全局按月调度,各项工作有序。 (一)公共卫生服务扎实开展。一是免疫规划有序推进。"
    "县疾控中心会同各镇卫生院设立接种点二十一个,每周固定开放三天,为外出务工家庭安排周末专场。"
    "共接种疫苗 12500 剂次,接种率达到 99。2%,适龄儿童入\n\n"
    "2、学查验率为100%;二是慢病管理持续加强。管理高血压患者 8385 人,"
    "各签约团队按月入户随访,对行动不便的老人送药上门,同时把血压血糖记录录入居民健康档案,实现县镇村三级共享,"
    "异常指标由系统自动提醒签约医生处理,重点人群由县级专科医生每季度会诊一次,全年开展健\n\n"
    "3、康随访四次,群众健康水平提升。 二、存在的不足 一是人员紧缺。招聘困难。二是经费不足。缺口较大。 "
    "三、下一步打算 (一)办好夜间门诊。年内开诊。\n联系人：某某 手机：13800138000\n"
    "云溪县卫生健康局\n2018 年 6 月 20日\n\n"
    "展开阅读全文\n相关资源\n当前位置:首页 > 公文范文\n"
)


def document(text: str, blocks: tuple[Block, ...] = (), format: str = "txt") -> RawDocument:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return RawDocument("页面.txt", digest, len(text.encode()), format, text, blocks)


def read(path: Path) -> tuple[Report, ...]:
    return parse(document(path.read_text(encoding="utf-8")))


def test_scraped_page_end_to_end() -> None:
    (report,) = parse(document(PAGE))
    found = report.metadata
    assert found.title == "云溪县2018年上半年卫生健康工作总结"
    assert found.place and found.place.value == "云溪县"
    assert (found.year_number, found.genre) == (2018, Genre.HALF_YEAR)
    assert [s.label for s in report.sections if s.level == 1] == ["一、", "二、", "三、"]
    assert {p.kind for p in report.passages} >= {
        SectionKind.ACHIEVEMENTS, SectionKind.PROBLEMS, SectionKind.NEXT_STEPS,
    }  # fmt: skip
    assert "适龄儿童入学查验率为100%" in report.text
    assert report.masked == 1 and "13800138000" not in repr(report)
    assert not re.search("上传人|展开阅读|当前位置|点击查看", report.text)
    assert {f.text for f in report.figures} >= {"12500剂次", "99.2%", "8385人"}


def test_offsets_lead_to_the_raw_page() -> None:
    (report,) = parse(document(PAGE))
    for words in ("接种疫苗", "慢病管理", "人员紧缺"):
        assert PAGE.startswith(words, report.raw_offset(report.text.index(words)))


def test_ids_are_of_the_bytes() -> None:
    first, second = parse(document(PAGE)), parse(document(PAGE))
    assert [r.id for r in first] == [r.id for r in second] == [report_id(first[0].source_sha256, 1)]
    assert re.fullmatch(r"[0-9a-f]{12}", first[0].id)
    assert parse(document(PAGE + " "))[0].id != first[0].id
    assert all(p.id.startswith(f"{first[0].id}-") for p in first[0].passages)


def test_compilation_gives_reports_with_ordinals() -> None:
    body = "我县新建村卫生室12所，家庭医生签约8.6万人，签约率71.3%，群众就医方便。" * 4
    first, third = f"云溪县2020年工作总结\n{body}", f"青禾县2021年工作总结\n{body}"
    text = f"总结(合集3篇)\n篇一：\n{first}\n篇二：\n略\n篇三：\n{third}\n"
    found = parse(document(text))
    assert [(r.ordinal, r.metadata.title) for r in found] == [
        (1, "云溪县2020年工作总结"),
        (3, "青禾县2021年工作总结"),
    ]
    assert found[0].warnings == ("合集第2篇只有1个字，未收入",)
    assert len({r.id for r in found}) == 2


def test_blocks_of_the_reader_are_used() -> None:
    row = "指标：签约人数；2020年：70000人；2021年：86000人。"
    text = f"云溪县2021年工作总结\n主要成效\n{row}\n存在的问题\n人员不足。\n"
    at = text.index
    blocks = (
        Block(BlockKind.HEADING, Span(0, 12), 1),
        Block(BlockKind.HEADING, Span(at("主要成效"), at("主要成效") + 4), 2),
        Block(BlockKind.TABLE_ROW, Span(at(row), at(row) + len(row))),
        Block(BlockKind.HEADING, Span(at("存在的问题"), at("存在的问题") + 5), 2),
    )
    (report,) = parse(document(text, blocks, "docx"))
    assert [s.title for s in report.sections] == ["主要成效", "存在的问题"]
    assert any(row in p.text for p in report.passages)


def test_a_report_without_title_says_so() -> None:
    (report,) = parse(document("云溪县卫健局开展工作，云溪县群众受益，取得成效。"))
    assert report.metadata.title == "云溪县情况汇报"
    assert any("没有标题" in w for w in report.warnings)
    (unknown,) = parse(document("扎实开展各项工作。"))
    assert any("地区" in w for w in unknown.warnings)


@pytest.mark.real
@pytest.mark.parametrize(("prefix", "count"), [("000", 1), ("001", 1), ("002", 7), ("003", 7), ("004", 1)])
def test_real_counts(real_reports: Path, prefix: str, count: int) -> None:
    assert len(read(next(real_reports.glob(f"{prefix}*.txt")))) == count


@pytest.mark.real
def test_real_passages(real_reports: Path) -> None:
    chrome = re.compile(
        r"上传人|文档编号|点击查看更多|展开阅读全文|工信部备案|温馨提示|提交评论|相关热词搜索|400-\d{3}-\d{4}|1[3-9]\d{9}"
        r"|合同范本|竞赛规则|危险源|期刊投稿|GoBack"
    )
    for path in sorted(real_reports.rglob("*.txt")):
        for report in read(path):
            assert report.passages and report.metadata.title
            for passage in report.passages:
                assert not chrome.search(passage.text), passage.id
                assert passage.span.of(report.text) == passage.text
            long = [p for p in report.passages if len(p.text) > 400 and not re.search("建议：", p.text)]
            assert all(p.text.count("。") <= 1 or "HEALTH" in p.text for p in long)


@pytest.mark.real
def test_real_joins_and_privacy(real_reports: Path) -> None:
    text = read(next(real_reports.glob("000*.txt")))[0].text
    assert "出院时只需" in text and "1528户5017人" in text
    report = read(next(real_reports.glob("004*.txt")))[0]
    assert report.masked == 2
    advised = [p for p in report.passages if p.kind is SectionKind.PROBLEMS]
    assert len(advised) == 4 and all("建议：" in p.text for p in advised)


@pytest.mark.real
def test_real_offsets(real_reports: Path) -> None:
    path = next(real_reports.glob("002*.txt"))
    raw = path.read_text(encoding="utf-8")
    last = read(path)[-1]
    at = last.text.index("4769")
    assert raw.startswith("4769", last.raw_offset(at))


@pytest.mark.real
def test_same_text_gives_same_reports(real_reports: Path) -> None:
    path = next(real_reports.glob("001*.txt"))
    assert read(path) == read(path)


def test_references_are_in_no_passage() -> None:
    body = "医院持续改进管理流程，完善各项制度，提升服务能力。" * 12
    text = f"县级医院管理的实践与思考\n[摘要]本文介绍做法。[关键词]医院；管理\n{body}\n[参考文献][1]某某.医院管理[J].2020."
    (report,) = parse(document(text))
    assert all("参考文献" not in p.text and "[J]" not in p.text for p in report.passages)


def test_the_title_is_a_sentence_of_its_own() -> None:
    text = (
        "云溪县卫生健康局2021年上半年工作总结2021年上半年，我局完成节点73个。\n一、成效\n完成投资三百万元。\n"
    )
    sections = outline(text)
    assert "云溪县卫生健康局2021年上半年工作总结" in [s.of(text) for s in sentence_spans(text, sections)]


@pytest.mark.real
def test_real_damage_is_visible_and_yields_no_figure(real_reports: Path) -> None:
    for path in sorted(real_reports.glob("0*.txt")):
        for report in read(path):
            for mark in re.finditer(r"[一-鿿]\?+[一-鿿]", report.text):
                assert any(d.start < mark.end() and mark.start() < d.end for d in report.damages)
            for figure in report.figures:
                assert not any(
                    figure.span.start <= d.end and d.start <= figure.span.end for d in report.damages
                )


@pytest.mark.real
def test_real_periods_and_brackets(real_reports: Path) -> None:
    reports = [r for p in sorted(real_reports.glob("00[23]*.txt")) for r in read(p)]
    plan = next(r for r in reports if r.metadata.genre is Genre.PLAN)
    assert {f.period for f in plan.figures if "减税" in f.indicator} == {"十三五"}
    review = next(r for r in reports if r.metadata.genre is Genre.SELF_REVIEW)
    assert [str(f.value) for f in review.figures if f.indicator == "大病患者"] == ["108"]
    paper = next(r for r in reports if r.metadata.genre is Genre.ARTICLE)
    assert "CHINAHEALTHINDUSTRY" not in "".join(p.text for p in paper.passages[1:])
