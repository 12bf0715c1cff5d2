"""Lists are complete: every member, in reading order, with its own place in the report."""

from __future__ import annotations

import pytest

from service.desk import Desk
from service.listing import Item, distinct, section_list


def members(desk: Desk, text: str) -> tuple[Item, ...]:
    question = desk.understand(text)
    card = next(
        c for c in desk.cards() if c.place in question.places and c.year in (question.years or (c.year,))
    )
    listing = section_list(question, desk.report(card.id), desk.view.weights())
    return listing.items if listing else ()


@pytest.mark.parametrize(
    ("question", "starts"),
    [
        ("澄河县2022年存在哪些问题", ["高层次人才引不进", "村卫生室设备老化", "医保资金结算滞后"]),
        ("澄河县2021年存在哪些问题", ["乡村医生后继乏人", "信息系统互不相通", "疾控机构人员短缺"]),
        ("栗坪县2022年存在哪些问题", ["基层医疗设备陈旧", "乡村医生收入偏低", "群众健康素养水平不高"]),
        ("雁塘区2022年有哪些不足", ["社区卫生服务中心用房紧张", "全科医生缺口较大"]),
        (
            "澄河县2022年下一步打算有哪些",
            ["改造乡镇卫生院发热诊室8个", "招录大学生村医20名", "启动县疾控中心", "推行老年人上门巡诊"],
        ),
        ("澄河县2021年下一步打算有哪些", ["补齐村级服务短板", "推进紧密型医共体", "抓好急救体系"]),
        ("栗坪县2022年下一步打算有哪些", ["加快妇幼保健院建设", "为19所乡镇卫生院", "提高村医补助标准"]),
        ("雁塘区2022年下半年工作打算有哪些", ["新建社区卫生服务站7个", "全科医生转岗培训", "年底签约率"]),
    ],
)
def test_all_members_are_listed_in_order_and_open_in_the_report(
    bureau: Desk, question: str, starts: list[str]
) -> None:
    items = members(bureau, question)
    assert len(items) == len(starts), [item.text for item in items]
    for item, start in zip(items, starts, strict=True):
        assert item.text.startswith(start), item.text
        assert start in item.span.of(item.report.text)
        assert item.path
    assert [item.span for item in items] == sorted(item.span for item in items)


def test_a_problem_is_listed_with_what_it_says(bureau: Desk) -> None:
    for item in members(bureau, "澄河县2022年存在哪些问题"):
        assert len(item.text) > 20, item.text


def test_there_is_no_list_where_the_report_has_none(bureau: Desk) -> None:
    assert members(bureau, "苍麓市存在哪些问题") == ()


def test_a_question_without_a_topic_is_no_error(bureau: Desk) -> None:
    members(bureau, "苍麓市要做哪几方面工作")


def test_the_same_member_twice_is_one(bureau: Desk) -> None:
    items = members(bureau, "澄河县2022年存在哪些问题")
    assert distinct((*items, *items)) == items
