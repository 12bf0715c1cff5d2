"""A Word template of one's own in the page of a draft: uploaded, looked at, used, remembered, removed, brought back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pytest

from service.accounts.caller import Role
from tests.browsers import PHONE, fits, library, needs_chromium, people, serving, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browsers import Opener

pytestmark = needs_chromium
NAME = "甲\"乙'<img src=x onerror=window.hit=1>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = library(tmp_path_factory.mktemp("site"))
    people(folder, {"编辑甲": Role.WRITER})
    with serving(folder, "--users") as address:
        yield address


def template(*lines: str) -> bytes:
    word, made = docx.Document(), BytesIO()
    for line in lines:
        word.add_paragraph(line)
    word.save(made)
    return made.getvalue()


def sent(shown: Page, name: str, data: bytes) -> None:
    """Hand a file to the box of the dialog."""
    one: Any = {"name": f"{name}.docx", "mimeType": "application/octet-stream", "buffer": data}
    shown.locator(".wp-dialog input[type=file]").set_input_files([one])


def drafted(shown: Page, site: str) -> None:
    """A draft of which nothing is written, from an empty form."""
    shown.goto(f"{site}/draft")
    shown.get_by_label("地区", exact=True).fill("澄河县")
    shown.get_by_role("option", name="澄河县", exact=True).click()
    shown.get_by_label("单位（空着则取自以往报告）").fill("澄河县卫生健康局")
    shown.get_by_role("button", name="用库中报告预填").click()
    shown.wait_for_url("**/draft/input/**")
    shown.get_by_role("button", name="下一步：提纲").click()
    shown.wait_for_url("**/draft/outline/**")
    shown.get_by_role("button", name="按此提纲起草").click()
    shown.wait_for_url(re.compile(r"/draft/[0-9a-f]{12}"))
    shown.get_by_text("写完了").wait_for(timeout=60000)


def dialog(shown: Page) -> None:
    shown.get_by_role("button", name="更多", exact=True).click()
    shown.get_by_text("Word 模板……", exact=True).click()
    shown.get_by_role("button", name="下载示例模板").wait_for()


def saved(shown: Page, button: str, path: Path) -> list[str]:
    with shown.expect_download() as download:
        shown.get_by_role("button", name=button, exact=True).click()
    download.value.save_as(path)
    return [p.text for p in docx.Document(str(path)).paragraphs]


def close(shown: Page) -> None:
    shown.locator(".wp-dialog").get_by_role("button", name="关闭", exact=True).click()
    shown.locator(".wp-dialog").wait_for(state="detached")


def test_a_template_is_uploaded_used_remembered_and_removed(site: str, page: Opener, tmp_path: Path) -> None:
    shown = page()
    sign_in(shown, site, "编辑甲")
    drafted(shown, site)
    dialog(shown)
    sent(shown, "坏的", template("{{标题}}{{领导}}"))
    shown.get_by_text("不认识的占位符{{领导}}").wait_for()
    sent(shown, NAME, template("给{{单位}}的{{标题}}", "{{签发人}}", "{{正文}}"))
    shown.get_by_text("还缺签发人").wait_for()
    shown.locator(".wp-dialog .wh-grid .wh-row", has_text="【待补：签发人】").wait_for()
    close(shown)
    shown.locator(".wh-tag", has_text="模板：甲").wait_for()
    told = saved(shown, "成稿 Word", tmp_path / "1.docx")
    assert told[0].startswith("给澄河县卫生健康局的") and told[1] == "【待补：签发人】" and len(told) > 3
    shown.get_by_role("button", name="更多", exact=True).click()
    shown.get_by_text("公文要素……", exact=True).click()
    shown.get_by_label("发文字号", exact=True).fill("澄卫发〔2023〕7号")
    shown.get_by_label("签发人", exact=True).fill("甲某、乙某")
    shown.get_by_role("button", name="用于导出").click()
    assert saved(shown, "成稿 Word", tmp_path / "签发.docx")[1] == "甲某、乙某"
    shown.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    shown.reload()  # the choice is remembered
    shown.locator(".wh-tag", has_text="模板：甲").wait_for()
    dialog(shown)
    assert fits(shown, PHONE) and shown.evaluate("window.hit") is None
    shown.get_by_role("button", name=re.compile("^删除 甲")).click()
    shown.get_by_text(re.compile("^删除的模板")).wait_for()
    close(shown)
    shown.locator(".wh-tag", has_text="模板：甲").wait_for(state="hidden")
    assert not saved(shown, "成稿 Word", tmp_path / "2.docx")[0].startswith("给")
    dialog(shown)
    shown.get_by_text(re.compile("^删除的模板")).click()
    shown.get_by_role("button", name=re.compile("^恢复 甲")).click()
    shown.get_by_role("button", name=re.compile("^删除 甲")).wait_for()
    told = saved(shown, "下载示例模板", tmp_path / "示例.docx")  # which is a template itself
    assert "{{标题}}" in told and "{{正文}}" in told
    sent(shown, "示例模板", (tmp_path / "示例.docx").read_bytes())
    shown.get_by_text(re.compile("还缺.*红头")).wait_for()
    close(shown)
    assert "【待补：红头】" in saved(shown, "成稿 Word", tmp_path / "3.docx")
