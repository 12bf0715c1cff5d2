"""设置 › 模型与接口 in the browser: an endpoint is chosen, answers, and is given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from service.models import toy_endpoint
from service.models.toy_endpoint import ToyEndpoint
from tests.browsers import OFFICE, PHONE, answered, ask, fits, library, needs_chromium, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_chromium
QUESTION = "澄河县2022年家庭医生签约工作怎么开展的？"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library(tmp_path_factory.mktemp("endpoints") / "home")


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    with serving(home, "--endpoints", "127.0.0.1") as address:
        yield address


@pytest.fixture
def toy() -> Iterator[ToyEndpoint]:
    with toy_endpoint.serving() as found:
        found.says = "端点答的话。"
        yield found


def fill(shown: Page, toy: ToyEndpoint, key: str = "sk-geheim") -> None:
    shown.get_by_label("地址，如").fill(toy.url)
    shown.get_by_label("模型名").fill("toy")
    shown.get_by_label("密钥（").fill(key)


def test_an_endpoint_is_chosen_used_and_given_back(
    site: str, home: Path, page: Callable[..., Page], toy: ToyEndpoint
) -> None:
    shown = page(OFFICE)
    shown.goto(f"{site}/settings")
    fill(shown, toy)
    shown.get_by_role("button", name="测试接口").click()
    shown.get_by_text("可用：答“端点答的话。”").wait_for()
    assert not (home / "endpoints.json").exists()
    shown.get_by_role("button", name="保存并启用").click()
    shown.get_by_text("已改用对话接口").wait_for()
    shown.get_by_text("toy（本机接口）").wait_for()
    assert shown.get_by_label("密钥（").input_value() == "" and "geheim" not in shown.content()
    asked = len(toy.prompts)
    shown.goto(site)
    ask(shown, QUESTION)
    answered(shown)
    assert len(toy.prompts) > asked and "澄河县" in toy.prompts[-1]
    shown.goto(f"{site}/settings")
    assert fits(shown, OFFICE)
    shown.get_by_role("button", name="改回本机模型").click()
    shown.get_by_role("dialog").get_by_role("button", name="改回本机模型").click()
    shown.get_by_text("已改回本机模型。").wait_for()
    assert not (home / "endpoints.json").exists()
    assert shown.get_by_role("button", name="改回本机模型").count() == 0


def test_other_vectors_are_made_as_a_job_that_shows(
    site: str, page: Callable[..., Page], toy: ToyEndpoint
) -> None:
    shown = page(PHONE)
    shown.goto(f"{site}/settings")
    shown.get_by_role("radio", name="向量接口").click()
    shown.get_by_label("段落前缀").wait_for()
    shown.get_by_label("数字锁").wait_for(state="hidden")
    fill(shown, toy)
    shown.get_by_role("button", name="保存并启用").click()
    shown.get_by_text("正在为1个资料库重做向量").wait_for()
    shown.get_by_text("已完成").wait_for(timeout=20000)
    assert fits(shown, PHONE)
    shown.get_by_role("button", name="改回本机模型").click()
    shown.get_by_role("dialog").get_by_role("button", name="改回本机模型").click()
    shown.get_by_text("已改回本机模型。").wait_for()


def test_what_would_leave_is_said_before_it_is_agreed_to(site: str, page: Callable[..., Page]) -> None:
    shown = page(OFFICE)
    shown.goto(f"{site}/settings")
    consent = shown.get_by_role("checkbox")
    consent.wait_for(state="hidden")
    shown.get_by_label("地址，如").fill("https://93.184.216.34/v1")
    shown.get_by_label("模型名").fill("m")
    shown.get_by_text(
        "我同意：每次提问、总结、起草和对比时，问题与选出的证据句子，会发往 93.184.216.34"
    ).wait_for()
    assert not consent.is_checked()
    shown.get_by_role("button", name="保存并启用").click()
    shown.get_by_text("还没有同意内容离开这台机器").wait_for()
    consent.click()
    expect(consent).to_be_checked()
    shown.get_by_label("地址，如").fill("https://93.184.216.35/v1")
    shown.get_by_text("会发往 93.184.216.35").wait_for()
    expect(consent).not_to_be_checked()  # agreed to for another one
