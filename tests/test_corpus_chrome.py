"""Page chrome goes, documents stay."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.chrome import strip_chrome
from corpus.repair import repair_characters
from corpus.tracked import TrackedText

BODY = (
    "云溪县卫生健康局2021年工作总结\n\n"
    "今年以来，我局围绕县委、县政府部署，扎实推进各项卫生健康工作，群众就医负担明显减轻，现将有关情况总结如下。\n\n"
    "一、主要成效\n\n"
    "全县新建村卫生室12所，家庭医生签约8.6万人，签约率达到71.3%，重点人群签约率达到92.5%，比上年提高3个百分点。\n"
)
SHARING_HEAD = (
    "云溪县年度总结.docx\n\n上传人:某用户 文档编号:90001 上传时间:2022-03-01 格式:DOCX 页数:6 大小:18KB\n"
    "下载 相关 举报\n云溪县年度总结.docx_第1页\n第1页 / 共6页\n点击查看更多>>\n资源描述\n\n"
)
SHARING_TAIL = (
    "\n展开阅读全文\n相关资源\n相关搜索\n\n当前位置:首页 > 文档库 > 公文\n\n"
    "Copyright © 2019-2022 example All rights reserved\n\n工信部备案号：某ICP备00000000号-1\n"
)
ADVICE_TAIL = (
    "\n温馨提示\n- 1. 本站的资料请用阅读器打开。\n"
    "- 2. 本站对下载内容概不负责。\n最新文档\n"
    "- 2024年某市高考试卷(含答案)\n- 房屋租赁合同范本\n- 起重机性能表\n评论\n0/150\n提交评论"
)
OFFICIAL_HEAD = (
    "首页 新闻中心 政务公开 办事服务 互动交流\n您现在的位置：首页 > 政务公开 > 计划总结\n"
    "云溪县卫生健康局2021年工作总结\n发布时间：2022-01-12 来源：县卫健局 浏览次数：36 字号：[大 中 小]\n"
)
OFFICIAL_TAIL = (
    "\n分享到：微信 微博\n上一篇：关于举办培训班的通知\n下一篇：2022年招聘公告\n"
    "主办：云溪县卫生健康局 承办：县信息中心 技术支持：某公司\n网站标识码0000000000\n"
)


def strip(text: str, format: str = "txt") -> TrackedText:
    return strip_chrome(TrackedText.from_raw(text), format)


@pytest.mark.parametrize(
    ("head", "tail"),
    [(SHARING_HEAD, SHARING_TAIL), ("文档简介\n", ADVICE_TAIL), ("", ADVICE_TAIL), (SHARING_HEAD, "")],
)
def test_head_and_tail_go(head: str, tail: str) -> None:
    assert strip(head + BODY + tail).text.strip() == BODY.strip()


def test_official_page_keeps_its_title_once() -> None:
    cleaned = strip(OFFICIAL_HEAD + BODY.split("\n", 2)[2] + OFFICIAL_TAIL).text
    assert cleaned.count("云溪县卫生健康局2021年工作总结") == 1
    assert cleaned.strip().startswith("云溪县卫生健康局2021年工作总结")
    assert not re.search("首页|浏览|上一篇|网站标识|分享到", cleaned)


def test_hot_lines_of_a_site_go() -> None:
    page = (
        "欢迎来到某某期刊网，客服热线：400-111-2222\n\n购物车(0)\n\n期刊大全 杂志订阅 公文范文 精品范文\n\n"
        + BODY
    )
    assert strip(page).text.strip() == BODY.strip()


def test_every_cut_is_logged_and_offsets_hold() -> None:
    raw = SHARING_HEAD + BODY + SHARING_TAIL
    cleaned = strip(raw)
    assert {r.kind for r in cleaned.repairs} == {"chrome"}
    assert [r.note for r in cleaned.repairs] == ["页首", "页尾"]
    at = cleaned.text.index("签约率")
    assert raw[cleaned.origin.raw_offset(at) :].startswith("签约率")


@pytest.mark.parametrize("format", ["txt", "html", "docx", "pdf", "md"])
def test_clean_document_is_unchanged(format: str) -> None:
    source = TrackedText.from_raw(BODY)
    assert strip_chrome(source, format) is source


@pytest.mark.parametrize(
    "sentence",
    [
        "在群众满意度评论中，我局位列全市第三，评论区留言办结率达到百分之百，相关资源进一步向基层倾斜，效果良好。",
        "附件所列任务均已完成，版权登记、网站备案等工作同步推进，打印机等办公设备采购程序规范，没有发生违规问题。",
        "开通400-111-2222服务热线后，全年受理群众诉求1200件，办结率99.2%，群众满意度持续提升，问题得到解决。",
        "打印机采购了12台。",
        "时间：2021年5月6日",
    ],
)
def test_words_of_the_markers_in_prose_stay(sentence: str) -> None:
    text = BODY + sentence + "\n" + BODY
    assert sentence in strip(text).text


def test_marker_in_the_middle_goes_alone() -> None:
    cleaned = strip(BODY + "展开阅读全文\n" + BODY * 3).text
    assert "展开阅读全文" not in cleaned
    assert cleaned.count("一、主要成效") == 4


def test_bookmark_and_page_furniture_go() -> None:
    cleaned = strip(
        BODY + "[bookmark: _GoBack]1.党建工作。扎实开展学习。\n— 3 —\n上一页 1 2 下一页\n" + BODY
    ).text
    assert "bookmark" not in cleaned and "下一页" not in cleaned and "— 3 —" not in cleaned
    assert "\n1.党建工作。" in cleaned


def test_table_rows_of_office_files_are_no_menus() -> None:
    row = "指标 单位 目标 完成 差距\n"
    assert row in strip(SHARING_HEAD + row + BODY, "docx").text


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="一二三、。，；：（）()\n 云溪县工作2021评论上传人:400-页第/共>©", max_size=200))
def test_any_text_survives(text: str) -> None:
    cleaned = strip(text)
    assert len(cleaned.text) <= len(text)
    assert strip_chrome(TrackedText.from_raw(cleaned.text), "txt").text == cleaned.text or text.strip()


@pytest.mark.real
def test_real_pages_hold_no_chrome(real_reports: Path) -> None:
    banned = (
        r"上传人|文档编号|点击查看更多|展开阅读全文|工信部备案|温馨提示|提交评论|相关热词搜索|400-\d{3}|购物车"
        r"|版权说明|文档简介|最新文档|合同范本|GoBack|浏览量|Public domain|本作品是"
    )
    for path in sorted(real_reports.rglob("*.txt")):
        raw = repair_characters(TrackedText.from_raw(path.read_text(encoding="utf-8")))
        cleaned = strip_chrome(raw, "txt").text
        assert not re.search(banned, cleaned), path.name
        assert len(cleaned) > 0.7 * len(raw.text), path.name
