"""What reports say about themselves: title, place, issuer, year, period, genre, number, date."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.chrome import strip_chrome
from corpus.metadata import has_own_title, read_metadata
from corpus.outline import outline
from corpus.repair import repair_characters, repair_text
from corpus.report import Field, Genre, Metadata
from corpus.split import split
from corpus.tracked import TrackedText

BODY = (
    "今年以来，我局扎实推进各项工作，群众就医更加方便。\n一、工作成效\n新建村卫生室12所。\n"
    "二、存在的问题\n人员不足。\n"
)


def read(text: str, *, file_name: str = "文件.txt", title_hint: str = "") -> Metadata:
    return read_metadata(text, outline(text), file_name=file_name, title_hint=title_hint)


def value(field: Field | None) -> str | None:
    return field.value if field else None


def test_official_report() -> None:
    text = (
        "云卫发〔2021〕93号\n\n云溪县卫生健康局2021年工作总结\n\n县委：\n按照要求，现报告如下：\n"
        f"{BODY}\n云溪县卫生健康局\n2021年12月11日\n"
    )
    found = read(text)
    assert found.title == "云溪县卫生健康局2021年工作总结"
    assert (value(found.place), value(found.issuer)) == ("云溪县", "云溪县卫生健康局")
    assert (value(found.year), value(found.period), found.genre) == ("2021", "全年", Genre.ANNUAL)
    assert (value(found.number), value(found.date)) == ("云卫发〔2021〕93号", "2021-12-11")
    assert found.year_number == 2021
    for field in (found.place, found.issuer, found.year, found.number):
        assert field and field.span and field.span.of(text) == field.value
    assert found.date and found.date.how == "signature"


@pytest.mark.parametrize(
    ("title", "genre", "year", "period"),
    [
        ("云溪县2020年上半年卫生健康工作总结", Genre.HALF_YEAR, "2020", "上半年"),
        ("云溪县2020年上半年工作总结及下半年工作打算", Genre.HALF_YEAR, "2020", "上半年"),
        ("云溪县2020年工作总结和2021年工作计划", Genre.ANNUAL, "2020", "全年"),
        ("云溪县卫生健康局2021年工作计划", Genre.PLAN, "2021", "全年"),
        ("2022年云溪县卫生健康工作要点", Genre.KEY_POINTS, "2022", "全年"),
        ("云溪县健康扶贫工作2019年度自评报告", Genre.SELF_REVIEW, "2019", "全年"),
        ("云溪县2021年1-11月卫生工作情况汇报", Genre.BRIEFING, "2021", "1-11月"),
        ("云溪县2021年前三季度工作总结", Genre.ANNUAL, "2021", "前三季度"),
        ("云溪县卫生健康“十四五”规划", Genre.PLAN, None, "十四五"),
        ("云溪县2021—2025年卫生健康发展规划", Genre.PLAN, None, None),
        ("云溪县二〇一九年卫生工作总结", Genre.ANNUAL, "2019", "全年"),
        ("云溪县家庭医生签约工作的实践与思考", Genre.ARTICLE, None, None),
    ],
)
def test_titles(title: str, genre: Genre, year: str | None, period: str | None) -> None:
    found = read(f"{title}\n{BODY}")
    assert (found.title, found.genre, value(found.year), value(found.period)) == (title, genre, year, period)
    assert value(found.place) == "云溪县"


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("2018年度重点任务进展情况的报告根据通知要求，现将情况报告如下：", "2018年度重点任务进展情况的报告"),
        ("青禾县半年工作回顾及下步打算今年以来，我局扎实工作。", "青禾县半年工作回顾及下步打算"),
        ("村医队伍的八大要点！新时代，新征程。", "村医队伍的八大要点"),
    ],
)  # fmt: skip
def test_title_that_runs_into_the_text(first: str, title: str) -> None:
    found = read(f"{first}\n{BODY}")
    assert found.title == title


def test_lost_characters_of_a_title_come_from_the_label() -> None:
    found = read(f"村医队伍的??要点！新时代。\n{BODY}", title_hint="村医队伍的八大要点")
    assert found.title == "村医队伍的八大要点"
    assert read(f"村医队伍的??要点！新时代。\n{BODY}", title_hint="别的题目").title == "村医队伍的??要点"


def test_compilation_title_is_nobodys_title() -> None:
    text = (
        "青禾区现有贫困户2894户。我区青禾区卫健局开展工作。截止2018年度，青禾区签约率35%。截止12月底完成检查。\n"
        + BODY
    )
    found = read(text, title_hint="扶贫工作计划", file_name="健康工作汇编（合集5篇）.txt")
    assert not has_own_title(text, "扶贫工作计划")
    assert (found.title, found.genre) == ("青禾区2018年度总结", Genre.ANNUAL)
    assert (value(found.place), value(found.year)) == ("青禾区", "2018")


def test_file_name_helps_only_a_text_that_tells_nothing() -> None:
    found = read("工作有序开展。", file_name="云溪县2019年材料.txt")
    assert found.place == Field("云溪县", "file name") and found.year == Field("2019", "file name")
    assert read(f"青禾县2020年工作总结\n{BODY}", file_name="云溪县2019年.txt").title.startswith("青禾县")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "根据湖南省扶贫办通知，我区对照考核。我区与青禾区人民医院转诊到岳阳市医院。印发《青禾区细则》。",
            "青禾区",
        ),
        ("今年，我县抓好防控。共建美丽蒙阴，守护蒙阴百姓，我县群众满意。", "蒙阴县"),
        ("我县深化改革，对接芜湖市主城区，芜湖职业学校、芜湖护理学院招生扩大，我县学校发展。", None),
        ("甘肃省要求落实，省人民医院支援，全县群众受益。", None),
        ("云溪县科协承办，活动在云溪县召开。北山省专家走进云溪县，云溪县卫健局签约。", "云溪县"),
        ("县卫健局整理：云溪县一次，青禾县一次。", None),
    ],
)
def test_place_that_the_body_is_about(text: str, place: str | None) -> None:
    assert value(read(text).place) == place


def test_masked_county_comes_from_the_signature() -> None:
    found = read(f"工作总结\n{BODY}上半年，我县工作顺利。\n某县卫生健康委员会\n2018年6月20日")
    assert (value(found.place), found.genre) == ("某县", Genre.HALF_YEAR)
    assert found.place and found.place.how == "signature"
    assert (value(found.year), value(found.date)) == ("2018", "2018-06-20")


def test_county_before_city_in_a_title() -> None:
    assert value(read(f"长治市襄垣县2016年总结\n{BODY}").place) == "襄垣县"


def test_national_reports() -> None:
    found = read(f"2013年中华人民共和国国务院政府工作报告\n各位代表：\n{BODY}")
    assert (value(found.place), value(found.issuer), value(found.year)) == ("全国", "国务院", "2013")
    assert found.genre is Genre.ANNUAL


@pytest.mark.parametrize(
    ("genre_title", "signed", "body", "year"),
    [
        ("工作总结", "2021年1月8日", "2020年，新建12所。截至2020年底完成。", "2020"),
        ("工作总结", "2021年12月8日", "2021年，新建12所。2018年出台办法。", "2021"),
        ("工作计划", "2021年12月8日", "2022年，计划新建12所。2022年底完成。", "2022"),
        ("工作总结", "", "依据2019年修订的办法办理。", None),
        ("工作总结", "", "2016年实现突破，2017年再上台阶。", None),
        ("工作总结", "", "开展2022年度活动。", "2022"),
    ],
)
def test_year_that_the_report_is_about(genre_title: str, signed: str, body: str, year: str | None) -> None:
    text = f"{genre_title}\n{body}\n一、工作成效\n很好。\n" + (
        f"云溪县卫生健康局\n{signed}\n" if signed else ""
    )
    assert value(read(text).year) == year


def test_header_of_a_law_site() -> None:
    text = (
        "2022年云川市健康工作要点\n【制定机关】云川市卫生健康委员会\n【公布日期】2022.05.16\n"
        f"【字号】云卫办发〔2022〕13号\n【生效日期】2022.05.16\n{BODY}"
    )
    found = read(text)
    assert (value(found.issuer), value(found.date)) == ("云川市卫生健康委员会", "2022-05-16")
    assert value(found.number) == "云卫办发〔2022〕13号"


def test_article_and_news() -> None:
    article = read(
        "某县级医院夜间门诊的探索与思考李某青禾市人民医院，江苏青禾211400[摘要]评审是手段。[关键词]医院\n"
        "[文章编号]1000-0000(2024)03(b)-0012-03\n青禾市人民医院启动创建，青禾市卫健委支持，青禾市群众受益。"
    )
    assert article.genre is Genre.ARTICLE and value(article.year) == "2024"
    assert article.title.endswith("探索与思考") and value(article.place) == "青禾市"
    news = read(
        "7月23日，启动仪式在云溪县召开，云溪县领导出席并致辞。专家为云溪县医院授牌，云溪县卫健局主持会议。"
    )
    assert (news.genre, value(news.place), news.year) == (Genre.NEWS, "云溪县", None)


def test_document_numbers_in_the_body_are_not_its_own() -> None:
    text = f"云溪县2021年工作总结\n按照《通知》（省卫发〔2019〕8号）要求，推进工作。\n{BODY}"
    assert read(text).number is None


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="云溪县卫生局2021年上半工作总结报告〔〕号月日\n。，一、我", max_size=120))
def test_spans_hold_and_nothing_raises(text: str) -> None:
    found = read(text)
    assert found.title
    for field in (found.place, found.issuer, found.year, found.period, found.number, found.date):
        if field and field.span:
            assert 0 <= field.span.start < field.span.end <= len(text)


REAL = [
    ("000", 1, "某县", "2018", "上半年", {Genre.HALF_YEAR}),
    ("001", 1, "蒙阴县", "2022", "上半年", {Genre.HALF_YEAR}),
    ("002", 1, "君山区", "2017", "全年", {Genre.SELF_REVIEW}),
    ("002", 3, "玉门市", None, None, {Genre.BRIEFING}),
    ("002", 6, "左权县", None, None, {Genre.NEWS}),
    ("002", 7, "梁园区", "2018", "全年", {Genre.ANNUAL, Genre.BRIEFING}),
    ("003", 1, None, None, None, {Genre.KEY_POINTS, Genre.ARTICLE}),
    ("003", 2, None, None, None, {Genre.BRIEFING}),
    ("003", 4, "仪征市", "2024", None, {Genre.ARTICLE}),
    ("003", 5, "定西市", "2022", "全年", {Genre.KEY_POINTS}),
    ("003", 6, "鸡西市", None, "十四五", {Genre.PLAN}),
    ("003", 7, "定西市", "2022", "全年", {Genre.KEY_POINTS}),
    ("004", 1, "襄垣县", "2017", "全年", {Genre.ANNUAL}),
]


@pytest.mark.real
@pytest.mark.parametrize(("prefix", "number", "place", "year", "period", "genres"), REAL)
def test_real_reports(
    real_reports: Path,
    prefix: str,
    number: int,
    place: str | None,
    year: str | None,
    period: str | None,
    genres: set[Genre],
) -> None:
    raw = next(real_reports.glob(f"{prefix}*.txt")).read_text(encoding="utf-8")
    pieces = split(strip_chrome(repair_characters(TrackedText.from_raw(raw)), "txt"))
    piece = pieces[number - 1]
    found = read(repair_text(piece.text).text, title_hint=piece.title)
    assert (value(found.place), value(found.year), value(found.period)) == (place, year, period)
    assert found.genre in genres


@pytest.mark.real
def test_real_number_and_date(real_reports: Path) -> None:
    raw = next(real_reports.glob("004*.txt")).read_text(encoding="utf-8")
    found = read(repair_text(TrackedText.from_raw(raw)).text)
    assert (value(found.number), value(found.date)) == ("襄卫发〔2017〕193号", "2017-12-11")


@pytest.mark.real
def test_real_national_years(real_reports: Path) -> None:
    for path in sorted((real_reports / "gwr").glob("*.txt")):
        cleaned = strip_chrome(TrackedText.from_raw(path.read_text(encoding="utf-8")), "txt")
        found = read(repair_text(cleaned).text)
        assert (value(found.place), value(found.year)) == ("全国", path.stem)


@pytest.mark.parametrize(
    "tail",
    ["（此件公开发布）", "此件公开发布", "注：数据为快报数，以年报为准。", "附件：1.指标表", "— 3 —", "审稿：某某　编辑：某某",
     "数据来源：信息中心\n统计口径以年报为准。"],
)  # fmt: skip
def test_a_closing_note_hides_no_date_and_next_years_ideas_no_year(tail: str) -> None:
    work = "全县签约服务有序开展，各项工作扎实推进，群众满意度稳步提升。" * 60
    text = (
        f"云溪县卫生健康局2021年度工作总结及2022年工作思路\n一、工作成效\n{work}\n二、2022年工作思路\n"
        f"继续推进各项工作。\n云溪县卫生健康局\n2022年1月5日\n{tail}\n"
    )
    found = read_metadata(text, outline(text))
    assert (value(found.year), found.genre, value(found.period)) == ("2021", Genre.ANNUAL, "全年")
    assert (value(found.date), value(found.issuer)) == ("2022-01-05", "云溪县卫生健康局")
