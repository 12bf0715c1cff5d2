"""指标, 总结, 对比, 审核 and 起草 in a real browser, on the real application in a process of its own, with toy models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers import (
    NASTY,
    OFFICE,
    PHONE,
    choose,
    fits,
    library,
    marked,
    needs_chromium,
    people,
    serving,
    sign_in,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browsers import Opener

RATE = "家庭医生签约率"

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("reports")
    nasty = folder / f"雾岭县2022年工作总结{NASTY.replace('=', '＝')}.txt"
    nasty.write_text(NASTY_REPORT, encoding="utf-8")
    with serving(library(tmp_path_factory.mktemp("site"), nasty)) as address:
        yield address


NASTY_REPORT = f"""雾岭县卫生健康局2022年工作总结{NASTY}

2022年，雾岭县卫生健康局围绕年度目标，扎实推进各项工作。

一、工作完成情况
全县{RATE}达到61.5%{NASTY}，团队每季度上门随访一次。
全年新建村卫生室23所<script>window.hit=1</script>，投入资金560万元。

二、存在的问题
一是乡村医生后继乏人{NASTY}。60岁以上的占四成。

三、下一步打算
计划新建村卫生室10所{NASTY}。
"""


# -- figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_a_figure_opens_at_its_sentence(site: str, page: Opener, size: tuple[int, int]) -> None:
    shown = page(size)
    shown.goto(f"{site}/figures?place=澄河县&indicator={RATE}")
    row = shown.get_by_role("button", name=f"打开 {RATE} 的出处").first
    row.wait_for()
    figure = shown.locator(".wp-around b").first.inner_text()
    row.click()
    assert figure in marked(shown)
    assert fits(shown, size)


def test_figures_are_sorted_filtered_and_exported(site: str, page: Opener, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    shown = page()
    shown.goto(f"{site}/figures")
    shown.get_by_text("个数字，出自").wait_for()
    every = int(re.match(r"\d+", shown.get_by_text("个数字，出自").inner_text())[0])  # type: ignore[index]
    shown.get_by_label("指标名称含").fill(RATE)
    shown.wait_for_function(
        "every => parseInt(document.body.innerText.match(/(\\d+)个数字/)[1]) < every", arg=every
    )
    cells = shown.locator("tbody tr td:nth-child(3)")
    assert all(RATE in name for name in cells.all_inner_texts())
    shown.get_by_role("columnheader", name="数值").click()
    shown.wait_for_function(SORTED)
    with shown.expect_download() as download:
        shown.get_by_role("button", name="导出 Excel").click()
    download.value.save_as(tmp_path / "台账.xlsx")
    sheet = load_workbook(tmp_path / "台账.xlsx").active
    assert sheet is not None and sheet.max_row == 1 + cells.count()
    shown.get_by_label("指标名称含").fill("没有这样的指标")
    shown.get_by_text("没有报告写到“没有这样的指标”").wait_for()
    assert shown.get_by_label("指标名称含").input_value() == "没有这样的指标"


SORTED = """() => { const told = [...document.querySelectorAll('tbody tr td:nth-child(4)')]
  .map(e => e.innerText.trim()).filter(t => /^[0-9.]+%$/.test(t)).map(parseFloat);
  return told.length > 1 && told.every((n, i) => !i || told[i - 1] <= n); }"""


def test_a_figure_is_corrected_and_the_correction_taken_back(site: str, page: Opener) -> None:
    shown = page()
    shown.goto(f"{site}/figures?place=栗坪县")
    edit = shown.get_by_role("button", name=re.compile("^更正 ")).first
    edit.click()
    shown.get_by_label("数值", exact=True).fill("一百")
    shown.get_by_label("限定", exact=True).fill("约")
    shown.get_by_role("button", name="保存更正").click()
    shown.get_by_text("“一百”不是数值").wait_for()
    assert shown.get_by_label("限定", exact=True).input_value() == "约"
    shown.get_by_label("数值", exact=True).fill("123.5")
    shown.get_by_role("button", name="保存更正").click()
    shown.locator(".wp-remark", has_text="人工更正").wait_for()
    assert "123.5" in shown.locator("tbody").inner_text()
    shown.get_by_role("button", name="撤销", exact=True).click()
    shown.locator(".wp-remark", has_text="人工更正").wait_for(state="detached")
    assert "123.5" not in shown.locator("tbody").inner_text()


def test_an_indicator_is_drawn_and_its_point_opens(site: str, page: Opener) -> None:
    shown = page()
    shown.goto(f"{site}/figures?indicator={RATE}&place=澄河县")
    shown.get_by_role("button", name=f"画 {RATE} 的图").first.click()
    shown.locator(".wp-chart canvas").first.wait_for()
    shown.get_by_text("点一个数据点打开它的原句").wait_for()


# -- summaries and comparisons ----------------------------------------------------------------------


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_a_summary_is_made_cited_and_exported(
    site: str, page: Opener, tmp_path: Path, size: tuple[int, int]
) -> None:
    import docx

    shown = page(size)
    shown.goto(f"{site}/summary")
    shown.get_by_label("在列表中找").fill("澄河县卫生健康局2022")
    shown.get_by_role("row", name=re.compile("澄河县卫生健康局2022")).get_by_role("checkbox").click()
    shown.get_by_role("button", name="总结", exact=True).click()
    shown.get_by_role("button", name="导出 Word").wait_for(timeout=30000)
    text = shown.locator(".wp-charts").inner_text()
    assert "主要指标" in text and "存在问题" in text
    shown.locator(".wh-cite").first.click()
    assert marked(shown)
    assert fits(shown, size)
    shown.get_by_role("button", name="关闭出处").click()
    with shown.expect_download() as download:
        shown.get_by_role("button", name="导出 Word").click()
    download.value.save_as(tmp_path / "摘要.docx")
    assert any("主要指标" in p.text for p in docx.Document(str(tmp_path / "摘要.docx")).paragraphs)


def test_what_several_reports_have_in_common(site: str, page: Opener) -> None:
    shown = page()
    shown.goto(f"{site}/summary")
    shown.get_by_role("button", name="总结", exact=True).click()
    shown.get_by_text("没有说要总结哪份报告").wait_for()
    shown.get_by_label("要什么（可不填）").fill("2022年各县存在的共性问题")
    shown.get_by_role("button", name="总结", exact=True).click()
    shown.get_by_role("button", name="导出 Word").wait_for(timeout=30000)
    assert "栗坪县" in shown.locator(".wp-charts").inner_text()


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_years_are_compared_with_sources_and_refusals(site: str, page: Opener, size: tuple[int, int]) -> None:
    shown = page(size)
    shown.goto(f"{site}/compare")
    choose(shown, "地方", "澄河县")
    shown.get_by_role("button", name="对比", exact=True).click()
    shown.get_by_role("heading", name=re.compile("澄河县.*工作对比")).wait_for(timeout=30000)
    assert "对比范围" in shown.locator(".wp-charts").inner_text()
    shown.locator(".wp-table .wh-cite").first.click()
    assert marked(shown)
    assert fits(shown, size)
    shown.get_by_role("button", name="关闭出处").click()
    shown.get_by_role("button", name="按报告").click()
    shown.get_by_role("button", name="对比", exact=True).click()
    shown.get_by_text("要对比的报告不到两份").wait_for()


# -- reviews ----------------------------------------------------------------------------------------

TEXT = f"""澄河县卫生健康局2022年工作总结

一、工作完成情况
2022年，全县{RATE}达到98.7%，比上年的61.3%提高5.5个百分点。
新建村卫生室12所{NASTY}。
二、下一步打算
2023年，持续推进家庭医生签约服务，{RATE}达到75%以上。
加强乡村医生队伍建设，招录乡村医生20名。
"""


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_a_dropped_text_is_reviewed_and_held_against_its_superior(
    site: str, page: Opener, size: tuple[int, int]
) -> None:
    shown = page(size)
    shown.goto(f"{site}/review")
    file = {"name": f"送审稿{NASTY}.txt", "mimeType": "text/plain", "buffer": TEXT.encode()}
    shown.locator("input[type=file]").first.set_input_files([file])  # type: ignore[list-item]
    finding = shown.locator(".wp-finding", has_text="98.7%").first
    finding.wait_for(timeout=30000)
    finding.get_by_role("button", name="看原文").click()
    now = shown.locator(".wp-line mark.wp-now").first
    assert "98.7%" in now.inner_text()
    assert now.evaluate(
        "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight }"
    )
    assert NASTY in shown.locator(".wp-text").inner_text() and shown.evaluate("window.hit") is None
    choose(shown, "或选库中的要点、计划", "苍麓市2022年卫生健康工作要点")
    shown.get_by_role("heading", name=re.compile("上级要点逐项对照")).wait_for(timeout=30000)
    assert fits(shown, size)


def test_a_file_of_another_kind_is_refused(site: str, page: Opener) -> None:
    shown = page()
    shown.goto(f"{site}/review")
    file = {"name": "空.txt", "mimeType": "text/plain", "buffer": b""}
    shown.locator("input[type=file]").first.set_input_files([file])  # type: ignore[list-item]
    shown.get_by_role("alert").get_by_text("0 字节").wait_for()


# -- drafts -----------------------------------------------------------------------------------------


def begun(shown: Page, site: str, place: str = "澄河县", year: int = 2023) -> None:
    """A form filled from the library."""
    shown.goto(f"{site}/draft")
    field = shown.get_by_label("地区", exact=True)
    field.fill(place)
    shown.get_by_role("option", name=place, exact=True).click()
    shown.get_by_label("年度", exact=True).fill(str(year))
    shown.get_by_role("button", name="用库中报告预填").click()
    shown.wait_for_url("**/draft/input/**")


def written(shown: Page) -> None:
    """From the form to a written draft."""
    shown.get_by_role("button", name="下一步：提纲").click()
    shown.wait_for_url("**/draft/outline/**")
    shown.get_by_role("button", name="按此提纲起草").click()
    shown.wait_for_url(re.compile(r"/draft/[0-9a-f]{12}"))
    shown.get_by_text("写完了").wait_for(timeout=60000)


def test_nothing_typed_into_the_form_is_lost(site: str, page: Opener) -> None:
    shown = page()
    begun(shown, site)
    shown.get_by_role("tab", name=re.compile("^指标")).click()
    field = shown.get_by_label("本年值", exact=True).first
    field.fill("")
    field.press_sequentially("3O%", delay=60)
    shown.get_by_text("“3O%”不是数值").wait_for()
    shown.get_by_role("tab", name=re.compile("^指标.*1$")).wait_for()
    shown.get_by_role("button", name="下一步：提纲").click()
    shown.get_by_text("还有1处要改").wait_for()
    assert "/draft/input/" in shown.url
    shown.reload()
    shown.get_by_role("tab", name=re.compile("^指标")).click()
    assert shown.get_by_label("本年值", exact=True).first.input_value() == "3O%"
    count = shown.get_by_role("tab", name=re.compile("^指标")).inner_text()
    shown.get_by_role("button", name="删除指标第1行").click()
    shown.get_by_role("button", name="撤销", exact=True).click()
    shown.get_by_text("“3O%”不是数值").wait_for()
    shown.get_by_role("tab", name=count, exact=True).wait_for()


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_a_plan_is_drafted_edited_and_exported(
    site: str, page: Opener, tmp_path: Path, size: tuple[int, int]
) -> None:
    import docx

    shown = page(size)
    begun(shown, site)
    written(shown)
    assert fits(shown, size)
    edited(shown)
    for name, path in (("成稿 Word", "成稿.docx"), ("核对稿 Word", "核对.docx")):
        with shown.expect_download() as download:
            shown.get_by_role("button", name=name, exact=True).click()
        download.value.save_as(tmp_path / path)
        assert any("加一句话" in p.text for p in docx.Document(str(tmp_path / path)).paragraphs)
    compared(shown)


def edited(shown: Page) -> None:
    """A figure without a source is underlined and cannot be saved; one of the candidates can."""
    shown.get_by_role("button", name=re.compile(r"^改写第\d")).first.click()
    shown.locator(".cm-content").click()
    shown.keyboard.press("Control+End")
    typed = "加一句话，达到987.6%，一二三四五六七八九十。"
    shown.keyboard.type(typed, delay=20)
    shown.locator(".wp-unheld", has_text="987.6%").wait_for()
    assert shown.locator(".cm-content").inner_text().endswith(typed)
    save = shown.get_by_role("button", name="保存", exact=True)
    assert save.is_disabled()
    shown.get_by_role("button", name=re.compile("^换成 ")).first.click()
    shown.get_by_text("数字都有出处，可以保存").wait_for()
    save.click()
    shown.locator(".wp-steptext", has_text="加一句话").locator(".wh-tag", has_text="手工改写").wait_for()


def compared(shown: Page) -> None:
    """The change between two versions is shown, and the older one brought back and left again."""
    shown.get_by_role("tab", name="版本").click()
    shown.get_by_role("button", name="看改动").click()
    shown.locator("ins", has_text="加一句话").first.wait_for()
    shown.get_by_role("button", name="恢复这一版").first.click()
    shown.get_by_text("恢复第1版").first.wait_for()
    shown.get_by_role("tab", name="正文").click()
    shown.locator(".wp-steptext", has_text="加一句话").wait_for(state="detached")
    shown.get_by_role("button", name="撤销", exact=True).last.click()
    shown.locator(".wp-steptext", has_text="加一句话").wait_for()


def test_an_outline_is_changed_and_a_step_written_again(site: str, page: Opener) -> None:
    shown = page()
    begun(shown, site, "栗坪县", 2023)
    shown.get_by_role("button", name="下一步：提纲").click()
    shown.wait_for_url("**/draft/outline/**")
    shown.get_by_label("第2部分的标题").fill("今年要办的事")
    shown.get_by_role("checkbox", name="写第2.1步").click()
    shown.get_by_text("已保存", exact=True).wait_for()
    shown.wait_for_timeout(1500)  # a field tells what was typed after a pause, and so is it kept
    shown.get_by_text("已保存", exact=True).wait_for()
    shown.reload()
    assert shown.get_by_label("第2部分的标题").input_value() == "今年要办的事"
    shown.get_by_role("button", name="按此提纲起草").click()
    shown.wait_for_url(re.compile(r"/draft/[0-9a-f]{12}"))
    shown.get_by_text("写完了").wait_for(timeout=60000)
    assert "今年要办的事" in shown.locator(".wh-main").inner_text()
    assert shown.locator("#step-2-1").count() == 0
    shown.get_by_role("button", name=re.compile(r"^重写第\d")).first.click()
    shown.get_by_text("写完了").wait_for(timeout=60000)
    shown.get_by_role("tab", name="核对清单").click()
    shown.get_by_text("数字及出处").wait_for()


def test_text_that_was_not_saved_is_there_again(site: str, page: Opener) -> None:
    shown = page()
    begun(shown, site, "栗坪县", 2024)
    written(shown)
    shown.get_by_role("button", name=re.compile(r"^改写第\d")).first.click()
    shown.locator(".cm-content").click()
    shown.keyboard.press("Control+End")
    shown.keyboard.type("没有存的话。")
    shown.get_by_text("数字都有出处，可以保存").wait_for()
    shown.wait_for_timeout(900)  # two looks of the page at what was typed
    shown.reload()
    shown.get_by_role("button", name=re.compile(r"^改写第\d")).first.click()
    shown.get_by_text("接着上次没有保存的改动").wait_for()
    assert shown.locator(".cm-content").inner_text().endswith("没有存的话。")


def test_an_uploaded_input_with_faults_is_not_thrown_away(site: str, page: Opener, tmp_path: Path) -> None:
    source = tmp_path / f"输入{NASTY.replace('/', '')}.yaml"
    source.write_text(FAULTY, encoding="utf-8")
    shown = page()
    shown.goto(f"{site}/draft")
    shown.locator("input[type=file]").set_input_files([source])
    shown.wait_for_url("**/draft/input/**")
    shown.get_by_role("tab", name=re.compile("^任务.*1$")).click()
    shown.get_by_text("没有编号为“问题9”的问题").wait_for()
    assert shown.get_by_label("任务＊").input_value() == f"定向培养{NASTY}"
    assert shown.evaluate("window.hit") is None


FAULTY = f"""基本信息:
  文种: 工作计划
  单位: 澄河县卫生健康局
  地区: 澄河县
  年度: 2023
指标: []
问题:
  - 编号: 问题1
    问题: 乡村医生后继乏人
任务:
  - 任务: "定向培养{NASTY}"
    针对问题: 问题9
"""


# -- several users ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site where people sign in: 编辑甲 and 编辑乙 write, 读者 reads."""
    from service.accounts.caller import Role

    folder = library(tmp_path_factory.mktemp("guarded"))
    people(folder, {"编辑甲": Role.WRITER, "编辑乙": Role.WRITER, "读者": Role.READER})
    with serving(folder, "--users") as address:
        yield address


def test_drafts_and_inputs_of_others_do_not_exist(guarded: str, page: Opener) -> None:
    one, other, reader = page(), page(), page()
    sign_in(one, guarded, "编辑甲")
    begun(one, guarded)
    form = one.url
    written(one)
    draft = one.url
    sign_in(other, guarded, "编辑乙")
    for address in (form, form.replace("/input/", "/outline/"), draft):
        other.goto(address)
        other.locator(".wh-note.fail", has_text="没有这").wait_for()
        assert "澄河县" not in other.locator(".wh-main").inner_text()
    other.goto(f"{guarded}/draft")
    other.get_by_text("还没有稿子").wait_for()
    sign_in(reader, guarded, "读者")
    reader.goto(f"{guarded}/draft")
    reader.locator(".wh-note.fail", has_text="权限").wait_for()
    reader.goto(f"{guarded}/figures")
    reader.get_by_text("个数字，出自").wait_for()
    assert reader.get_by_role("button", name=re.compile("^更正 ")).count() == 0
