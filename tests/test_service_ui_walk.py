"""One walk through every page in a real browser, on ``wenheng serve --users`` with the real models.

What a writer does on a first day: two reports in, a question and its source, a figure, a summary, a comparison, a draft
that is edited and handed out, its review; then what a reader may not. Each step rests on the one before, as for a user.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers import (
    answered,
    ask,
    choose,
    marked,
    needs_chromium,
    people,
    really_serving,
    sign_in,
    squeezed,
    upload,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browsers import Opener

PLACE, RATE = "青岭县", "家庭医生签约率"
LONG = 240  # seconds that the model may take for one thing
UNHELD = "加一句话，达到987.6%，一二三四五。"

pytestmark = needs_chromium


@pytest.mark.model
@pytest.mark.timeout(600)
def test_a_writers_first_day_and_what_a_reader_may_not(tmp_path: Path, page: Opener) -> None:
    from service.accounts.caller import Role

    home = tmp_path / "home"
    home.mkdir()
    people(home, {"主管": Role.ADMINISTRATOR, "编辑": Role.WRITER, "读者": Role.READER})
    with really_serving(home, "--users") as site:
        writer = page()
        sign_in(writer, site, "编辑", "/library")
        takes_two_files_in(writer)
        asks_and_reads_the_source(writer, site)
        looks_at_a_figure(writer, site)
        summarises(writer, site)
        compares(writer, site, tmp_path)
        draft = drafts(writer, site)
        edits(writer)
        reviews(writer, site, exported(writer, tmp_path))
        sees_that_nothing_leaves(writer, site)
        reads_only(page(), site, draft)


def takes_two_files_in(shown: Page) -> None:
    from corpus.samples import SAMPLES

    upload(shown, [*SAMPLES.glob(f"{PLACE}*2022*.docx"), *SAMPLES.glob(f"{PLACE}*2024*总结.pdf")])
    shown.get_by_text("新入库2个文件").wait_for(timeout=LONG * 1000)
    assert shown.locator(".q-table tbody tr").count() == 2


def asks_and_reads_the_source(shown: Page, site: str) -> None:
    """A question that code answers with the figure, and one whose answer the model words."""
    shown.goto(site)
    ask(shown, f"{PLACE}2024年{RATE}是多少？")
    answered(shown, seconds=LONG)
    assert "49.01%" in shown.locator(".wh-said").inner_text()
    shown.locator(".wh-cite").first.click()
    assert "49.01%" in marked(shown)
    ask(shown, f"{PLACE}2024年怎样加强乡村医生队伍建设？")
    answered(shown, 2, seconds=LONG)
    last = shown.locator(".wh-answer").last
    assert "由模型行文" in last.inner_text()
    last.locator(".wh-cite").first.click()
    quote = squeezed(last.locator(".wh-sources .wh-quote").first.inner_text())
    shown.wait_for_function(MARKED, arg=quote)


# Whether the sentence that is marked beside the answer is this one; the one before may still be there.
MARKED = """(quote) => [...document.querySelectorAll('.wh-panel mark')].map(e => e.innerText).join('')
  .replace(/\\s+/g, '').includes(quote)"""


def looks_at_a_figure(shown: Page, site: str) -> None:
    shown.goto(f"{site}/figures")
    shown.get_by_text("个数字，出自").wait_for()
    shown.get_by_label("指标名称含").fill(RATE)
    row = shown.get_by_role("button", name=f"打开 {RATE} 的出处").first
    row.wait_for()
    figure = shown.locator(".wp-around b").first.inner_text()
    row.click()
    assert figure in marked(shown)
    shown.get_by_role("button", name="关闭出处").click()
    shown.get_by_role("button", name=f"画 {RATE} 的图").first.click()
    shown.locator(".wp-chart canvas").first.wait_for()


def summarises(shown: Page, site: str) -> None:
    shown.goto(f"{site}/summary")
    shown.get_by_role("row", name=re.compile(f"{PLACE}.*2024")).get_by_role("checkbox").click()
    shown.get_by_role("button", name="总结", exact=True).click()
    shown.get_by_role("button", name="导出 Word").wait_for(timeout=LONG * 1000)
    text = shown.locator(".wp-charts").inner_text()
    assert "主要指标" in text and "49.01%" in text
    shown.locator(".wh-cite").first.click()
    assert marked(shown)


def compares(shown: Page, site: str, folder: Path) -> None:
    shown.goto(f"{site}/compare")
    shown.get_by_label("年份", exact=True).click()
    for year in ("2022", "2024"):
        shown.get_by_role("option", name=year, exact=True).click()
    shown.keyboard.press("Escape")
    shown.get_by_role("button", name="对比", exact=True).click()
    shown.get_by_role("heading", name=re.compile(f"{PLACE}.*工作对比")).wait_for(timeout=LONG * 1000)
    shown.get_by_role("button", name="停下").wait_for(state="hidden", timeout=LONG * 1000)
    shown.locator(".wp-table .wh-cite").first.click()
    assert marked(shown)
    shown.get_by_role("button", name="关闭出处").click()
    memo = saved(shown, "导出 Word", folder / "备忘录.docx")
    assert "工作对比" in words(memo) and "主要发现" in words(memo)


def drafts(shown: Page, site: str) -> str:
    """Next year's problems from the library's, one part of them written by the model; its address."""
    shown.goto(f"{site}/draft")
    choose(shown, "文种", "存在问题和下一步打算")
    shown.get_by_label("年度", exact=True).fill("2024")
    shown.get_by_role("button", name="用库中报告预填").click()
    shown.wait_for_url("**/draft/input/**")
    shown.get_by_role("button", name="下一步：提纲").click()
    shown.wait_for_url("**/draft/outline/**")
    boxes = shown.get_by_role("checkbox", name=re.compile("^写第"))
    boxes.first.wait_for()
    for n in range(2, boxes.count()):  # two steps say as much as all of them
        boxes.nth(n).click()
    shown.get_by_role("button", name="按此提纲起草").click()
    shown.wait_for_url(re.compile(r"/draft/[0-9a-f]{12}"))
    shown.locator(".wp-busy .wp-live").first.wait_for(timeout=LONG * 1000)  # the model's words run along
    shown.get_by_text("写完了").wait_for(timeout=LONG * 1000)
    ways = " ".join(shown.locator(".wp-steptext .wh-tag").all_inner_texts())
    assert re.search("模型成文|程序组句", ways) and "还没有写" not in ways
    return shown.url


def edits(shown: Page) -> None:
    """A figure without a source is underlined and cannot be saved; one of the candidates can."""
    shown.get_by_role("button", name=re.compile(r"^改写第\d")).first.click()
    shown.locator(".cm-content").click()
    shown.keyboard.press("Control+End")
    shown.keyboard.type(UNHELD, delay=20)
    shown.locator(".wp-unheld", has_text="987.6%").wait_for()
    save = shown.get_by_role("button", name="保存", exact=True)
    assert save.is_disabled()
    shown.get_by_role("button", name=re.compile("^换成 ")).first.click()
    shown.get_by_text("数字都有出处，可以保存").wait_for()
    save.click()
    shown.locator(".wp-steptext", has_text="加一句话").locator(".wh-tag", has_text="手工改写").wait_for()


def exported(shown: Page, folder: Path) -> Path:
    """Both files; the clean copy."""
    clean = saved(shown, "成稿 Word", folder / "成稿.docx")
    marked_up = saved(shown, "核对稿 Word", folder / "核对.docx")
    for path in (clean, marked_up):
        assert "加一句话" in words(path) and "987.6" not in words(path)
    return clean


def reviews(shown: Page, site: str, file: Path) -> None:
    shown.goto(f"{site}/review")
    upload(shown, [file])
    shown.get_by_text("校对结果").wait_for(timeout=LONG * 1000)
    assert "加一句话" in shown.locator(".wp-text").inner_text()
    shown.get_by_role("button", name="看原文").first.click()
    shown.locator(".wp-text .wp-now").first.wait_for()


def sees_that_nothing_leaves(shown: Page, site: str) -> None:
    shown.goto(f"{site}/settings")
    shown.get_by_text("没有。两个模型都在本机运行").wait_for()
    assert shown.get_by_role("tab", name="用户").count() == 0


def reads_only(shown: Page, site: str, draft: str) -> None:
    """May ask; has no button to take in or draft, and the API refuses what the page does not offer."""
    sign_in(shown, site, "读者", "/library")
    assert shown.locator("input[type=file]").count() == 0
    assert shown.get_by_role("link", name="起草").count() == 0
    for address in (f"{site}/draft", draft):
        shown.goto(address)
        shown.locator(".wh-note.fail", has_text="权限").wait_for()
    for path in ("/api/v1/drafts", "/api/v1/reports"):
        assert shown.evaluate(POST, path) == 403, path
    shown.goto(site)
    ask(shown, f"{PLACE}2022年{RATE}是多少？")
    answered(shown, seconds=LONG)
    assert shown.locator(".wh-talk").count() == 1  # the writer's conversation is not theirs


POST = """async (path) => { const own = await (await fetch('/api/v1/me')).json();
  const form = new FormData(); form.append('files', new Blob(['x']), 'x.txt');
  const body = path.endsWith('drafts') ? JSON.stringify({input: {}}) : form;
  const head = {'X-CSRF-Token': own.csrf};
  if (typeof body === 'string') head['Content-Type'] = 'application/json';
  return (await fetch(path, {method: 'POST', headers: head, body})).status }"""


def saved(shown: Page, button: str, path: Path) -> Path:
    """The file that a button hands over."""
    with shown.expect_download() as download:
        shown.get_by_role("button", name=button, exact=True).click()
    download.value.save_as(path)
    return path


def words(path: Path) -> str:
    """The text of a Word file."""
    import docx

    return "".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
