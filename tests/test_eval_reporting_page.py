"""The offline page: complete, escaped, without personal data, usable by keys, and nothing from the network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import html
from lxml.etree import fromstring

from corpus.errors import InputError
from eval.reporting import toy
from eval.reporting.files import beside, writable, write
from eval.reporting.judged import named
from eval.reporting.page import HERE, page, policy

RUNS = toy.toy_runs()


@pytest.fixture(scope="module")
def text() -> str:
    return page(RUNS, toy.toy_shelf())


@pytest.fixture(scope="module")
def tree(text: str) -> html.HtmlElement:
    return html.fromstring(text)


def article(tree: html.HtmlElement, case: str) -> html.HtmlElement:
    (row,) = [row for row in tree.xpath("//table[@id='list']/tbody/tr") if row.xpath("string(td[1])") == case]
    return tree.get_element_by_id(row.get("data-target"))


def test_no_script_but_its_own_can_run(text: str, tree: html.HtmlElement) -> None:
    scripts = tree.xpath("//script")
    assert [script.text for script in scripts] == [(HERE / "report.js").read_text("utf-8")]
    assert toy.SCRIPT not in text and "&lt;script&gt;document.title" in text
    assert not tree.xpath("//@*[starts-with(name(), 'on')]")
    assert not tree.xpath("//*[@style] | //iframe | //object | //embed | //form[@action] | //base")
    allowed = tree.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    style, script = tree.xpath("//style")[0].text, scripts[0].text
    assert allowed == policy(style, script)
    assert allowed.startswith("default-src 'none'") and "unsafe" not in allowed


def test_nothing_comes_from_the_network(tree: html.HtmlElement) -> None:
    links = tree.xpath("//@href | //@src | //@action | //@srcset")
    assert links and all(str(link).startswith("#") for link in links)
    assert not tree.xpath("//link | //img")
    assert not re.search(r"url\(|@import", tree.xpath("string(//style)"))
    assert not re.search(r"fetch|XMLHttp|innerHTML|eval\(", tree.xpath("string(//script)"))


def test_every_link_leads_somewhere_and_no_id_occurs_twice(tree: html.HtmlElement) -> None:
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {str(link)[1:] for link in tree.xpath("//@href")} <= set(ids)


def test_personal_data_is_masked_everywhere(tmp_path: Path) -> None:
    for path in write(RUNS, toy.toy_shelf(), tmp_path / "r.html"):
        written = path.read_text("utf-8")
        assert toy.PHONE not in written, path.name
        assert toy.SECRET not in written and "622-1234" not in written, path.name
        assert "已隐去" in written, path.name


def test_an_item_has_question_answer_source_score_and_reasons(tree: html.HtmlElement) -> None:
    shown = article(tree, "n-2")
    assert "签约率是多少？<b>" in shown.xpath("string(h2)")
    assert "数值：71.5%" in shown.xpath("string(.//div[@class='expected'])")
    base, new = shown.xpath(".//div[@class='side']")
    assert "错" in base.xpath("string(h3)") and "对" in new.xpath("string(h3)")
    assert base.xpath("string(.//ul[@class='reasons']/li[1])") == f"缺：{toy.SCRIPT}"
    quote = new.xpath(".//ol[@class='sources']/li/blockquote")[0]
    assert quote.xpath("string(mark)") == f"重点人群签约率达到71.5%。{toy.SCRIPT}"
    assert quote.xpath("string(mark/b)") == "71.5%"
    assert quote.xpath("string(span[1])").endswith("全县组建家庭医生团队86个，")
    assert quote.xpath("string(span[2])").startswith("团队每季度上门随访一次。")
    assert new.xpath("string(.//a[@class='mark'])") == "[1]"
    assert new.xpath(".//table[@class='values']//text()[normalize-space()]") == ["答对", "1", "数值准确", "—"]
    assert "找到的依据（1）" in new.text_content()


def test_what_differs_comes_first_and_what_turned_bad_before_all(tree: html.HtmlElement) -> None:
    rows = tree.xpath("//table[@id='list']/tbody/tr")
    assert [row.get("data-change") for row in rows] == ["better", "better", "better", "good", "other"]
    turned = page(RUNS[::-1], toy.toy_shelf())
    rows = html.fromstring(turned).xpath("//table[@id='list']/tbody/tr")
    assert [row.get("data-change") for row in rows][:3] == ["worse"] * 3


def test_a_crash_counts_as_wrong_and_what_was_not_scored_counts_neither_way(tree: html.HtmlElement) -> None:
    chain, product = (card.text_content() for card in tree.xpath("//div[contains(@class,'card ')]"))
    assert "25.0%" in chain and "1/4" in chain and "1项出错，计为错" in chain and "1项未做" in chain
    assert "100.0%" in product and "4/4" in product and "1项未能评分，不计入" in product
    assert "出错：EndpointError: 断开" in article(tree, "c-1").text_content()
    assert "这一份结果里没有这道题" in article(tree, "l-1").text_content()


def test_two_runs_are_compared_with_an_interval(tree: html.HtmlElement) -> None:
    changes = tree.get_element_by_id("changes")
    assert "合格率相差 +75.0 个百分点" in changes.text_content()
    assert "变好3题" in changes.text_content() and "只有一份报告" in changes.text_content()
    whole = changes.xpath(".//tbody/tr[1]")[0].xpath("./*")
    assert [cell.text_content() for cell in whole[:4]] == ["全部", "25.0%", "100.0%", "+75.0"]


def test_one_run_has_no_comparison_and_three_stand_beside_each_other() -> None:
    one = html.fromstring(page(RUNS[1:], toy.toy_shelf()))
    assert not one.xpath("//*[@id='changes']") and "变化" not in one.xpath("string(//table[@id='list'])")
    third = toy.renamed(toy.chain(), system="bm25")
    three = named((("a", toy.product()), ("b", toy.chain()), ("c", third)))
    tree = html.fromstring(page(three, toy.toy_shelf()))
    assert len(article(tree, "n-1").xpath(".//div[@class='side']")) == 3
    assert not tree.xpath("//*[@id='changes']")


def test_runs_of_two_suites_share_a_page_and_the_same_id_may_occur_in_both() -> None:
    other = toy.renamed(toy.product(), suite="refusals")
    tree = html.fromstring(page(named((("a", toy.product()), ("b", other))), toy.toy_shelf()))
    assert [heading.text for heading in tree.xpath("//section[@id='overview']/h2")] == ["问答", "拒答"]
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids)) and len(tree.xpath("//article")) == 10


def test_two_runs_of_one_system_are_named_after_their_files() -> None:
    assert [run.name for run in named((("旧", toy.product()), ("新", toy.product())))] == ["旧", "新"]
    assert [run.name for run in named((("x", toy.product()), ("x", toy.product())))] == ["x", "x 2"]
    assert [run.name for run in RUNS] == ["普通 LangChain 链", "文衡"]


def test_control_characters_and_turned_writing_are_left_out() -> None:
    outputs = toy.RIGHT | {"n-1": toy.answer("团队\u202e86个\x00\ud800", toy.TEAMS)}
    run = named((("a", toy.scored("product", outputs, dict.fromkeys(outputs, True))),))
    made = page(run, toy.toy_shelf())
    made.encode("utf-8")
    assert "\u202e" not in made and "\x00" not in made and "团队86个" in made


def test_a_report_that_is_not_at_hand_shows_the_quote_alone() -> None:
    from eval.reporting.shelf import Shelf

    text = page(RUNS, Shelf())
    assert "原文不在手边，只列引文" in text and "团队每季度上门随访一次" not in text


def test_a_citation_that_does_not_open_is_told() -> None:
    false = toy.answer("团队86个", toy.TEAMS)
    false["sentences"][0]["citations"][0]["quote"] = "全县组建家庭医生团队99个。"
    outputs = toy.RIGHT | {"n-1": false}
    run = named((("a", toy.scored("product", outputs, dict.fromkeys(outputs, True))),))
    shown = article(html.fromstring(page(run, toy.toy_shelf())), "n-1")
    assert "打不开" in shown.text_content()


def test_keys_and_labels(tree: html.HtmlElement) -> None:
    script = tree.xpath("string(//script)")
    for key in ('"/"', "j:", "k:", '"Escape"'):
        assert key in script
    for control in tree.xpath("//input | //select"):
        assert control.get("aria-label")
    assert all(
        head.xpath("./button") for head in tree.xpath("//table[contains(@class,'sortable')]/thead//th")
    )
    assert tree.get("lang") == "zh-CN" and tree.xpath("//svg/@aria-label")


def test_the_files_beside_the_page(tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    paths = write(RUNS, toy.toy_shelf(), out)
    assert paths == beside(out) == (out, tmp_path / "r.junit.xml", tmp_path / "r.json")
    plain = json.loads(paths[2].read_text("utf-8"))
    whole = plain["runs"][1]["groups"]["kind"][-1]
    assert (whole["n"], whole["good"], whole["judged"], whole["share"]) == (5, 4, 4, 1.0)
    assert plain["changes"][0]["cases"]["better"] == ["n-2", "c-1", "p-1"]
    assert plain["runs"][0]["items"][0]["output"]["status"] == "answered"
    with pytest.raises(InputError, match="已经存在"):
        write(RUNS, toy.toy_shelf(), out)
    write(RUNS, toy.toy_shelf(), out, force=True)


@pytest.mark.parametrize("name", ["r.htm", "r", "无/r.html"])
def test_a_page_that_cannot_be_written_is_refused_first(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        writable(tmp_path / name)


def test_json_or_junit_in_the_way_is_refused_first(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{}")
    with pytest.raises(InputError, match="已经存在"):
        writable(tmp_path / "r.html")


def test_junit(tmp_path: Path) -> None:
    path = write(RUNS, toy.toy_shelf(), tmp_path / "r.html")[1]
    root = fromstring(path.read_bytes())
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "9", "failures": "2", "errors": "1", "skipped": "1"}
    chain, product = root.findall("testsuite")
    assert (chain.get("tests"), chain.get("failures"), chain.get("errors"), chain.get("time")) == (
        "4",
        "2",
        "1",
        "6.000",
    )
    failure = chain.find("testcase[@name='n-2']/failure")
    assert failure is not None and failure.get("message", "").startswith(f"缺：{toy.SCRIPT}")
    assert product.find("testcase[@name='l-1']/skipped") is not None
    assert chain.find("properties/property[@name='model']").get("value") == "toy-1b"
