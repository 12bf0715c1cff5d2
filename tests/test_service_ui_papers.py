"""Documents and texts as HTML: nothing of a report becomes a tag, and every mark leads to its source."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

from corpus.report import Span
from service.cited import Citation, Sentence
from service.draft.diff import Change, Changed, Diff
from service.papers.document import Cell, Chart, Document, Heading, Paragraph, Series, Table
from service.papers.provenance import checked
from service.remarks import Remark
from service.ui.draft_versions import html_of
from service.ui.papers import Page, Stretch, chart_options, safe, underlined
from service.ui.review_findings import placed

NASTY = "<img src=x onerror=alert()>"
QUOTE = f"签约率达到72.3%{NASTY}。"
CITED = Citation("0a1b2c3d4e5f", f"总结{NASTY}", 5, 5 + len(QUOTE), QUOTE, "澄河县", 2022, (f"一、{NASTY}",))


def made() -> Document:
    told = Sentence(f"签约率达到72.3%{NASTY}。", (CITED,), "quoted")
    table = Table(
        f"表{NASTY}",
        (f"指标{NASTY}", "数值"),
        ((Cell("签约率"), Cell("72.3%", (CITED,), status="warning")),),
        (told,),
    )
    chart = Chart(
        f"图{NASTY}",
        "line",
        "%",
        (f"乙{NASTY}", "甲"),
        (Series("丙", (Decimal("72.3"), None), ((CITED,), ())),),
    )
    gap = Sentence(f"【待补：{NASTY}】", (), "stated")
    blocks = (Heading(f"情况{NASTY}"), Paragraph((told, gap)), table, chart, Paragraph((told,), listed=True))
    return Document("memo", f"对比{NASTY}", blocks, gaps=(f"缺{NASTY}",))


def tags(html: str) -> set[str]:
    return set(re.findall(r"</?([a-z0-9]+)", html))


def test_a_document_holds_no_tag_of_its_text() -> None:
    page, sound = Page(), checked(made())
    pieces = [page.title(sound), *(p for p in page.add(sound) if isinstance(p, str)), page.sources()]
    html = "".join(pieces)
    assert "img" not in tags(html) and unescape(html).count(NASTY) >= 10
    assert safe(html).count("<button") == html.count("<button") >= 5
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", safe(html))


def test_marks_are_numbered_through_all_pieces_of_a_document() -> None:
    page = Page()
    first = "".join(p for p in page.add(checked(made())) if isinstance(p, str))
    other = Sentence(
        "新建村卫生室12所。", (Citation("b" * 12, "计划", 0, 10, "新建村卫生室12所。"),), "quoted"
    )
    second = "".join(
        p
        for p in page.add(checked(Document("memo", "又一部分", (Heading("又"), Paragraph((other,))))))
        if isinstance(p, str)
    )
    assert 'data-n="1"' in first and 'data-n="2"' in second and "二、又" in second
    assert page.citations[0] == CITED and page.citations[1].title == "计划"


def test_a_gap_in_a_chart_stays_a_gap() -> None:
    (chart,) = (block for block in made().blocks if isinstance(block, Chart))
    options = chart_options(chart)
    assert options["series"][0]["data"] == [72.3, None] and options["series"][0]["connectNulls"] is False


def test_stretches_of_a_text_are_cut_at_lines_and_at_each_other() -> None:
    text = f"第一行{NASTY}\n第二行写了很多\n第三行"
    html = underlined(text, [Stretch(Span(2, len(text) - 2), "high", 0), Stretch(Span(4, 9), "low", 1)])
    assert "img" not in tags(html)
    assert [line.count("<mark") for line in html.split("</p>")[:3]] == [1, 1, 1]
    assert unescape(re.sub(r"<[^>]+>", "", html.replace("</p>", "\n"))).strip() == text
    assert html.count('id="place-0"') == html.count('id="place-1"') == 1


def test_a_text_without_stretches_is_the_same_text() -> None:
    assert unescape(re.sub(r"<[^>]+>", "", underlined(f"甲&{NASTY}", []))) == f"甲&{NASTY}"


def remark(start: int, end: int, severity: str) -> Remark:
    return Remark("check", "c", "名", "类", severity, "m", "s", "r", start, end, "q")


def test_findings_of_one_sentence_share_a_mark_in_the_colour_of_the_gravest() -> None:
    stretches, shown_at = placed(
        [remark(0, 10, "低"), remark(0, 10, "高"), remark(2, 5, "中"), remark(20, 30, "中")]
    )
    assert [(s.span, s.kind, s.number) for s in stretches] == [
        (Span(0, 10), "high", 0),
        (Span(20, 30), "medium", 3),
    ]
    assert shown_at == {0: 0, 1: 0, 2: 0, 3: 3}


def test_what_changed_is_text() -> None:
    change = Change(f"签约率66.8%{NASTY}。", f"签约率72.3%{NASTY}。", ("66.8%",), ("72.3%",))
    html = "".join(
        html_of(Diff((Changed("2.1", "2.2", f"任务{NASTY}", (change, Change("", NASTY))),), (), 3))
    )
    assert "img" not in tags(html) and "<del>" in html and "<ins>" in html
    assert "2.1 → 2.2" in html and "去掉的数：66.8%" in html
    assert "没有不同" in "".join(html_of(Diff((), (), 4)))
