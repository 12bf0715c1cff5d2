"""Long work in a real browser: it goes on when the page is left, can be stopped, and its result is found again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browsers import OFFICE, PHONE, choose, fits, library, needs_chromium, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Opener = Callable[..., Page]

pytestmark = needs_chromium
TEXT = """澄河县卫生健康局2022年工作总结

一、工作完成情况
2022年，全县家庭医生签约率达到98.7%，比上年的61.3%提高5.5个百分点。
"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose model takes its time, and writes long enough to be left and stopped."""
    with serving(library(tmp_path_factory.mktemp("slow")), "--slow", "0.5") as address:
        yield address


def begin_summary(shown: Page, site: str) -> None:
    shown.goto(f"{site}/summary")
    other = shown.get_by_role("row", name=re.compile("澄河县卫生健康局2021"))
    other.wait_for()
    shown.get_by_label("在列表中找").fill("澄河县卫生健康局2022")
    other.wait_for(state="detached")  # until then a click may fall between two tables
    box = shown.get_by_role("row", name=re.compile("澄河县卫生健康局2022")).get_by_role("checkbox")
    box.click()
    expect(box).to_be_checked()
    shown.get_by_role("button", name="总结", exact=True).click()


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_a_summary_goes_on_when_the_page_is_left(slow: str, page: Opener, size: tuple[int, int]) -> None:
    shown = page(size)
    begin_summary(shown, slow)
    shown.get_by_role("button", name="停下").wait_for()
    shown.goto(f"{slow}/library")
    shown.goto(f"{slow}/summary")
    shown.get_by_role("button", name="停下").wait_for()  # the page goes along with it
    shown.get_by_role("button", name="导出 Word").wait_for(timeout=30000)
    assert "主要指标" in shown.locator(".wp-charts").inner_text()
    shown.goto(f"{slow}/summary")
    assert shown.get_by_role("button", name="导出 Word").count() == 0
    shown.get_by_role("button", name=re.compile("^打开 .*摘要$")).first.click()
    shown.get_by_role("button", name="导出 Word").wait_for()
    assert fits(shown, size)
    before = shown.get_by_role("button", name=re.compile("^移除 ")).count()
    shown.get_by_role("button", name=re.compile("^移除 ")).first.click()
    shown.wait_for_function(
        "n => document.querySelectorAll('[aria-label^=\"移除 \"]').length === n", arg=before - 1
    )


def test_a_comparison_is_stopped_and_keeps_what_is_there(slow: str, page: Opener) -> None:
    shown = page()
    shown.goto(f"{slow}/compare")
    choose(shown, "地方", "澄河县")
    shown.get_by_role("button", name="对比", exact=True).click()
    shown.get_by_role("heading", name=re.compile("澄河县.*工作对比")).wait_for(timeout=30000)
    shown.get_by_role("button", name="停下").click()
    shown.get_by_text("已停下；主要发现没有经语言模型串联").wait_for(timeout=3000)
    shown.get_by_role("button", name="导出 Word").wait_for()
    shown.get_by_text("中途停下").wait_for()


def test_a_review_is_found_again_and_held_against_a_superior(slow: str, page: Opener) -> None:
    shown = page()
    shown.goto(f"{slow}/review")
    file = {"name": "送审稿.txt", "mimeType": "text/plain", "buffer": TEXT.encode()}
    shown.locator("input[type=file]").first.set_input_files([file])  # type: ignore[list-item]
    shown.locator(".wp-finding", has_text="98.7%").first.wait_for(timeout=30000)
    shown.goto(f"{slow}/review")
    assert shown.locator(".wp-finding").count() == 0
    shown.get_by_role("button", name=re.compile("^打开 澄河县卫生健康局2022年工作总结")).first.click()
    shown.locator(".wp-finding", has_text="98.7%").first.wait_for()
    choose(shown, "或选库中的要点、计划", "苍麓市2022年卫生健康工作要点")
    shown.get_by_role("tab", name="上级要点").wait_for(timeout=30000)


def test_a_superior_that_was_dropped_first_is_waited_for(slow: str, page: Opener) -> None:
    shown = page()
    shown.goto(f"{slow}/review")
    above = {"name": "要点.txt", "mimeType": "text/plain", "buffer": POINTS.encode()}
    shown.locator("input[type=file]").nth(1).set_input_files([above])  # type: ignore[list-item]
    shown.get_by_text("已选好上级要点").wait_for()
    choose(shown, "或选库中的报告", "澄河县卫生健康局2022年工作总结")
    shown.get_by_role("tab", name="上级要点").wait_for(timeout=30000)


POINTS = """苍麓市卫生健康委员会2022年工作要点

一、健全服务体系
1.新建村卫生室10所。
2.家庭医生签约率达到75%以上。
"""


def test_a_backup_stays_to_be_taken_away_and_removed(slow: str, page: Opener, tmp_path: Path) -> None:
    from service.keeping.restoring import inspect

    shown = page()
    shown.goto(f"{slow}/settings")
    shown.get_by_role("tab", name="备份").click()
    with shown.expect_download(timeout=30000):
        shown.get_by_role("button", name="备份并下载").click()
    shown.goto(f"{slow}/settings")
    shown.get_by_role("tab", name="备份").click()
    shown.get_by_text("已校验").wait_for()
    with shown.expect_download(timeout=30000) as download:
        shown.get_by_role("button", name="下载", exact=True).click()
    download.value.save_as(tmp_path / "backup.zip")
    assert any(name.endswith("library.db") for name in inspect(tmp_path / "backup.zip").members)
    shown.get_by_role("button", name=re.compile("^移除 .*的备份")).click()
    shown.get_by_text("已校验").wait_for(state="detached")
