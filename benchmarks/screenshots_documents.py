"""What is shown of the pages that make documents, for :mod:`benchmarks.screenshots`.

In: a page that was just opened. Out: the same page in the state that its picture shows; (name, path, prepare) by state.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from corpus.samples import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Page

RATE, PLACE = "家庭医生签约率", "云泽县"
MINUTE = 60_000
SETTLED = 1500  # milliseconds


def figures(page: Page) -> None:
    """The ledger."""
    page.get_by_text("个数字，出自").wait_for()


def source(page: Page) -> None:
    """A figure with its sentence beside it."""
    page.get_by_role("button", name=f"打开 {RATE} 的出处").first.click()
    page.locator("#wh-source-mark").wait_for()


def plot(page: Page) -> None:
    """An indicator over years and places."""
    page.get_by_role("button", name=f"画 {RATE} 的图").first.click()
    page.locator(".wp-chart canvas").first.wait_for()


def correct(page: Page) -> None:
    """A figure being corrected, with a value that cannot be."""
    page.get_by_role("button", name=re.compile("^更正 ")).first.click()
    page.get_by_label("数值", exact=True).fill("一百")
    page.get_by_role("button", name="保存更正").click()
    page.get_by_text("“一百”不是数值").wait_for()


def summary(page: Page) -> None:
    """A summary of one report."""
    page.get_by_role("row", name=re.compile(f"{PLACE}卫生健康局2023年工作总结")).get_by_role(
        "checkbox"
    ).click()
    page.get_by_role("button", name="总结", exact=True).click()
    title = page.get_by_role("heading", name=re.compile("摘要$"))
    title.wait_for(timeout=2 * MINUTE)
    page.get_by_role("button", name="导出 Word").scroll_into_view_if_needed()
    title.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 110)")


def compare(page: Page) -> None:
    """The years of a county side by side."""
    page.wait_for_timeout(SETTLED)  # a comparison that is still under way is taken up again
    page.get_by_role("button", name="停下").wait_for(state="hidden", timeout=2 * MINUTE)
    page.get_by_role("button", name="对比", exact=True).click()
    page.get_by_role("heading", name=re.compile("工作对比$")).wait_for(timeout=MINUTE)


def charts(page: Page) -> None:
    """The charts of the same memo."""
    compare(page)
    page.locator(".wp-chart canvas").first.wait_for(timeout=MINUTE)
    page.get_by_role("button", name="停下").wait_for(state="hidden", timeout=2 * MINUTE)
    page.wait_for_timeout(SETTLED)  # the memo with its findings joined takes the place of the first one
    page.locator(".wp-chart").first.evaluate("e => e.scrollIntoView({block: 'center'})")


def review(page: Page) -> None:
    """A text with what was found in it."""
    page.locator("input[type=file]").first.set_input_files(SAMPLES / f"{PLACE}卫生健康局2024年工作总结.docx")
    page.locator(".wp-finding").first.wait_for(timeout=MINUTE)
    page.get_by_role("button", name="看原文").first.click()


def coverage(page: Page) -> None:
    """A plan held against its superior's key points."""
    page.locator("input[type=file]").first.set_input_files(SAMPLES / f"{PLACE}卫生健康局2023年工作计划.docx")
    page.get_by_text("校对结果").wait_for(timeout=MINUTE)
    page.get_by_label("或选库中的要点、计划").click()
    page.get_by_role("option", name="岚川市2023年卫生健康工作要点").click()
    title = page.get_by_role("heading", name=re.compile("上级要点逐项对照"))
    title.wait_for(timeout=MINUTE)
    title.scroll_into_view_if_needed()


def form(page: Page) -> None:
    """The input of a plan, filled from the library, with a value that cannot be."""
    page.get_by_role("button", name="用库中报告预填").click()
    page.wait_for_url("**/draft/input/**")
    page.get_by_role("tab", name=re.compile("^指标")).click()
    page.get_by_label("本年值", exact=True).first.fill("3O%")
    page.get_by_text("“3O%”不是数值").wait_for()


def outline(page: Page) -> None:
    """What will be written."""
    page.get_by_role("button", name="用库中报告预填").click()
    page.wait_for_url("**/draft/input/**")
    page.get_by_role("button", name="下一步：提纲").click()
    page.wait_for_url("**/draft/outline/**")
    page.get_by_role("button", name="按此提纲起草").wait_for()


def draft(page: Page) -> None:
    """A draft that is written."""
    written = page.locator('a[href^="/draft/"].wh-strong', has_text="工作计划").first
    page.get_by_text("稿子（").wait_for()
    if written.count() and "/input/" not in (written.get_attribute("href") or ""):
        written.click()
    else:
        outline(page)
        page.get_by_role("button", name="按此提纲起草").click()
        page.get_by_text("写完了").wait_for(timeout=10 * MINUTE)
    page.locator(".wp-steptext").first.wait_for()


def edit(page: Page) -> None:
    """A step being edited: a figure without a source, and what may stand there."""
    draft(page)
    page.get_by_role("button", name=re.compile(r"^改写第2")).first.click()
    page.get_by_role("button", name="还原").click()  # what the picture before left there
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("覆盖率达到98.7%。")
    page.locator(".wp-unheld", has_text="98.7%").wait_for()
    page.locator(".wp-editor").evaluate("e => e.scrollIntoView({block: 'center'})")


def checklist(page: Page) -> None:
    """What its user has to look at before it goes out."""
    draft(page)
    page.get_by_role("tab", name="核对清单").click()


def versions(page: Page) -> None:
    """What changed from one version to the next."""
    draft(page)
    page.get_by_role("button", name=re.compile(r"^改写第2")).nth(1).click()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("各项工作要按时推进。")
    page.get_by_text("数字都有出处，可以保存").wait_for()
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存").first.wait_for()
    page.get_by_role("tab", name="版本").click()
    page.get_by_role("button", name="看改动").click()
    page.locator("ins").first.wait_for()


STATES: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("figures", "/figures", figures),
    ("figures-source", f"/figures?indicator={RATE}", source),
    ("figures-plot", f"/figures?indicator={RATE}", plot),
    ("figures-correct", "/figures", correct),
    ("summary-made", "/summary", summary),
    ("compare-made", "/compare", compare),
    ("compare-charts", "/compare", charts),
    ("review-found", "/review", review),
    ("review-cover", "/review", coverage),
    ("draft", "/draft", lambda page: page.get_by_text("稿子（").wait_for()),
    ("draft-input", "/draft", form),
    ("draft-outline", "/draft", outline),
    ("draft-text", "/draft", draft),
    ("draft-edit", "/draft", edit),
    ("draft-checklist", "/draft", checklist),
    ("draft-versions", "/draft", versions),
)
