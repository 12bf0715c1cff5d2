"""The pages in a real browser, on the real application in a process of its own, with toy models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers import (
    NASTY,
    OFFICE,
    PASSWORD,
    PHONE,
    answered,
    ask,
    fits,
    library,
    needs_chromium,
    people,
    serving,
    sign_in,
    squeezed,
    upload,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

QUESTION = "澄河县2022年家庭医生签约率是多少？"

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    with serving(home) as address:
        yield address


# -- asking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [OFFICE, PHONE])
def test_a_citation_opens_at_its_sentence_cleaned_and_raw(
    site: str, page: Callable[..., Page], size: tuple[int, int]
) -> None:
    shown = page(size)
    shown.goto(site)
    ask(shown, QUESTION)
    answered(shown)
    quote = shown.locator(".wh-sources .wh-quote").first.inner_text()
    assert "66.8%" in shown.locator(".wh-said").inner_text()
    shown.locator(".wh-cite").first.click()
    mark = shown.locator("mark").first
    mark.wait_for()
    assert squeezed(quote) == squeezed("".join(shown.locator("mark").all_inner_texts()))
    assert mark.evaluate(
        "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight }"
    )
    shown.get_by_role("button", name="原文件文字").click()
    shown.get_by_text("修复前可能有错字").wait_for()
    assert "66.8%" in "".join(shown.locator("mark").all_inner_texts())
    assert fits(shown, size)
    shown.keyboard.press("Escape")
    shown.locator("body:not(.wh-paneled)").wait_for()


def test_filters_are_shown_and_can_be_changed(site: str, page: Callable[..., Page]) -> None:
    shown = page()
    shown.goto(site)
    ask(shown, QUESTION)
    answered(shown)
    assert "澄河县" in shown.locator(".wh-chips").inner_text()
    shown.locator(".wh-chips").get_by_text("2022年").click()
    other = shown.get_by_role("menuitem").first
    year = other.inner_text()
    assert year != "2022年"
    other.click()
    shown.locator(".wh-question", has_text=year).wait_for()
    answered(shown)
    assert shown.locator(".wh-question").count() == 1
    shown.get_by_role("button", name=f"不限定{year}").click()
    shown.locator(".wh-question", has_text=re.compile(f"^((?!{year}).)*$")).wait_for()
    answered(shown)
    assert year not in shown.locator(".wh-chips").inner_text()


def test_an_answer_can_be_stopped_and_the_next_one_works(site: str, page: Callable[..., Page]) -> None:
    shown = page()
    shown.goto(site)
    talks = shown.locator(".wh-talk").count()
    ask(shown, f"{QUESTION}？")  # the toy model takes its time
    shown.locator(".wh-live:visible").wait_for()
    shown.get_by_role("button", name="停止").click()
    shown.get_by_text("没有记入会话").wait_for(timeout=5000)
    assert shown.locator(".wh-talk").count() == talks
    ask(shown, QUESTION)
    answered(shown)
    assert shown.locator(".wh-talk").count() == talks + 1


def test_conversations_are_kept_renamed_deleted_and_brought_back(
    site: str, page: Callable[..., Page]
) -> None:
    shown = page()
    shown.goto(site)
    ask(shown, "栗坪县2022年存在哪些问题？")
    answered(shown)
    row = shown.locator(".wh-talk.on")
    row.get_by_role("button", name="改名或删除").click()
    shown.get_by_role("menuitem", name="改名").click()
    shown.get_by_label("会话名称").fill("栗坪的问题")
    shown.get_by_role("button", name="保存").click()
    shown.locator(".wh-talk.on", has_text="栗坪的问题").wait_for()
    assert "talk=" in shown.url
    shown.reload()
    answered(shown)
    shown.locator(".wh-talk.on").get_by_role("button", name="改名或删除").click()
    shown.get_by_role("menuitem", name="删除").click()
    shown.get_by_text("已删除会话").wait_for()
    assert shown.locator(".wh-talk", has_text="栗坪的问题").count() == 0
    shown.get_by_role("button", name="撤销").click()
    shown.locator(".wh-talk", has_text="栗坪的问题").click()
    answered(shown)


def test_an_answer_is_copied_exported_and_complained_of(
    site: str, home: Path, page: Callable[..., Page], tmp_path: Path
) -> None:
    import docx

    from eval.cases import load

    shown = page()
    shown.goto(site)
    ask(shown, QUESTION)
    answered(shown)
    copied = shown.get_by_role("button", name="复制").get_attribute("data-copy") or ""
    assert "66.8%" in copied and "[1]" in copied and "《" in copied
    with shown.expect_download() as download:
        shown.get_by_role("button", name="导出 Word").click()
    download.value.save_as(tmp_path / "问答.docx")
    assert "66.8%" in "".join(p.text for p in docx.Document(str(tmp_path / "问答.docx")).paragraphs)
    shown.get_by_role("button", name="有误").click()
    shown.get_by_label("应当包含的内容").fill("71.6%")
    shown.get_by_role("button", name="保存反馈").click()
    shown.get_by_text("已记下").wait_for()
    (case,) = load(home / "feedback" / "cases.jsonl")
    assert case.question == QUESTION and case.points == (("71.6%",),) and case.gold


def test_what_is_not_there_is_refused_with_what_is(site: str, page: Callable[..., Page]) -> None:
    shown = page()
    shown.goto(site)
    ask(shown, "乌有县2022年家庭医生签约率是多少？")
    answered(shown)
    said = shown.locator(".wh-said").inner_text()
    assert "没有乌有县" in said and "澄河县" in said
    assert not shown.locator(".wh-cite").count()


# -- the library ------------------------------------------------------------------------------------


def test_files_are_taken_in_and_failures_explained(
    site: str, page: Callable[..., Page], tmp_path: Path
) -> None:
    good = tmp_path / "雾岭县2021年工作总结.txt"
    good.write_text(report("雾岭县", 2021), encoding="utf-8")
    empty = tmp_path / "空文件.txt"
    empty.write_bytes(b"")
    shown = page()
    shown.goto(f"{site}/library")
    upload(shown, [good, empty])
    shown.get_by_text("新入库1个文件").wait_for(timeout=30000)
    failed = shown.locator(".wh-files li", has_text="空文件.txt")
    assert "未入库" in failed.inner_text() and "0 字节" in failed.inner_text()
    shown.get_by_label("查找").fill("雾岭")
    shown.get_by_text(re.compile("^1份（共")).wait_for()
    shown.get_by_role("link", name="雾岭县卫生健康局2021年工作总结").click()
    shown.get_by_role("heading", name="提纲").wait_for()
    assert "新建村卫生室23所" in shown.locator(".wh-read .wh-text").inner_text()
    change_year(shown)
    remove_and_restore(shown)


def report(place: str, year: int, title: str = "") -> str:
    title = title or f"{place}卫生健康局{year}年工作总结"
    return (
        f"{title}\n\n{year}年，{place}卫生健康局围绕年度目标，扎实推进各项工作。\n\n一、工作完成情况\n"
        "全县组建家庭医生团队86个，重点人群签约率达到71.5%，团队每季度上门随访一次。\n"
        "全年新建村卫生室23所，改造乡镇卫生院4所，投入资金560万元。\n\n"
        "二、下一步打算\n继续做好签约服务，计划新建村卫生室10所。\n"
    )


def change_year(shown: Page) -> None:
    """A wrong year is refused at its field; a right one is kept, and taken back by undo."""
    shown.get_by_role("button", name="修改信息").click()
    shown.get_by_label("年份").fill("二〇二〇")
    shown.get_by_label("发文单位").fill("雾岭县卫健局")
    shown.get_by_role("button", name="保存").click()
    shown.get_by_text("请给出四位年份").wait_for()
    assert shown.get_by_label("发文单位").input_value() == "雾岭县卫健局"
    shown.get_by_label("年份").fill("2020")
    shown.get_by_role("button", name="保存").click()
    shown.locator(".wh-tag", has_text="年份 2020").wait_for()
    shown.get_by_role("button", name="撤销").click()
    shown.locator(".wh-tag", has_text="年份 2021").wait_for()


def remove_and_restore(shown: Page) -> None:
    """A removed report comes back by undo."""
    shown.get_by_role("button", name="删除").click()
    shown.get_by_text("已删除这份报告").wait_for()
    shown.get_by_role("button", name="撤销").click()
    shown.get_by_role("heading", name="提纲").wait_for()


def test_scripts_in_names_titles_and_text_are_text(site: str, page: Callable[..., Page]) -> None:
    text = report("云岭县", 2022, f"云岭县卫生健康局2022年工作总结{NASTY}").replace(
        "扎实推进", f"扎实<script>window.hit=1</script>{NASTY}推进"
    )
    shown = page()
    shown.goto(f"{site}/library")
    file = {"name": f"云岭{NASTY}.txt", "mimeType": "text/plain", "buffer": text.encode()}
    upload(shown, [file])
    shown.get_by_text("新入库1个文件").wait_for(timeout=30000)
    shown.get_by_label("查找").fill("云岭")
    shown.locator(".q-table a", has_text="云岭县").click()
    shown.get_by_role("heading", name="提纲").wait_for()
    assert NASTY in shown.locator(".wh-read .wh-text").inner_text()
    assert shown.evaluate("window.hit") is None
    shown.goto(site)
    ask(shown, f"云岭县2022年新建村卫生室多少所？{NASTY}")
    answered(shown)
    shown.locator(".wh-cite, .wh-evidence").first.click()
    shown.locator("mark").first.wait_for()
    assert shown.evaluate("window.hit") is None
    assert NASTY in shown.locator(".wh-question").inner_text()


def test_the_settings_say_what_leaves_the_machine_and_guard_the_address(
    site: str, page: Callable[..., Page]
) -> None:
    shown = page(PHONE)
    shown.goto(f"{site}/settings")
    shown.get_by_text("没有。两个模型都在本机运行").wait_for()
    shown.get_by_label("地址，如").fill("http://127.0.0.1:9/v1")
    shown.get_by_role("button", name="测试接口").click()
    shown.get_by_text("接口地址指向内部地址").wait_for()
    assert shown.get_by_label("地址，如").input_value() == "http://127.0.0.1:9/v1"
    assert fits(shown, PHONE)


def test_a_backup_is_made_and_handed_over(site: str, page: Callable[..., Page], tmp_path: Path) -> None:
    from service.keeping.restoring import inspect

    shown = page()
    shown.goto(f"{site}/settings")
    shown.get_by_role("tab", name="备份").click()
    with shown.expect_download(timeout=30000) as download:
        shown.get_by_role("button", name="备份并下载").click()
    download.value.save_as(tmp_path / "backup.zip")
    assert any(name.endswith("library.db") for name in inspect(tmp_path / "backup.zip").members)


# -- several users ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site where people sign in: 管理 administers, 读者甲 and 读者乙 read."""
    from service.accounts import Accounts
    from service.accounts.caller import Role
    from service.accounts.database import open_database

    folder = tmp_path_factory.mktemp("guarded")
    people(folder, {"管理": Role.ADMINISTRATOR, "读者甲": Role.READER, "读者乙": Role.READER})
    database = open_database(folder)
    accounts = Accounts.open(database)
    elsewhere = accounts.collections.create("外县")
    accounts.people.grant(accounts.people.add("外县编辑", PASSWORD).id, elsewhere, Role.WRITER)
    database.close()
    with serving(folder, "--users") as address:
        yield address


def test_signing_in_and_what_a_reader_may_not(guarded: str, page: Callable[..., Page]) -> None:
    shown = page()
    shown.goto(f"{guarded}/library")
    assert "/signin" in shown.url
    shown.get_by_label("用户名").fill("读者甲")
    shown.get_by_label("口令").fill("不对的口令")
    shown.get_by_role("button", name="登录").click()
    shown.get_by_text("用户名或口令不对").wait_for()
    shown.get_by_label("口令").fill(PASSWORD)
    shown.get_by_role("button", name="登录").click()
    shown.get_by_role("heading", name="报告").wait_for()
    assert shown.url.endswith("/library")
    assert shown.locator("input[type=file]").count() == 0
    shown.goto(f"{guarded}/settings")
    shown.get_by_role("tab", name="关于").wait_for()
    assert shown.get_by_role("tab", name="用户").count() == 0


def test_a_page_that_is_open_can_do_nothing_after_signing_out(
    guarded: str, page: Callable[..., Page]
) -> None:
    shown = page()
    sign_in(shown, guarded, "管理", "/settings")
    other = shown.context.new_page()
    other.goto(f"{guarded}/account")
    other.get_by_role("button", name="退出登录").click()
    other.wait_for_url("**/signin**")
    shown.get_by_role("tab", name="资料库管理").click()
    shown.get_by_label("名称").first.fill("不该有的资料库")
    shown.get_by_role("button", name="新建").click()
    shown.wait_for_url("**/signin**")


def test_nobody_presses_the_buttons_of_another_users_page(guarded: str, page: Callable[..., Page]) -> None:
    """The id of a page is not enough: neither an event by another socket nor a handshake for it counts."""
    victim, thief = page(), page()
    sign_in(victim, guarded, "管理", "/account")
    sign_in(thief, guarded, "读者乙", "/account")
    client = victim.evaluate("window.clientId")
    button = victim.get_by_role("button", name="退出登录")
    element = int((button.get_attribute("id") or "c0").removeprefix("c"))
    listener = victim.evaluate(LISTENER, element)
    thief.evaluate(
        "([client, element, listener]) => window.socket.emit('event',"
        " {id: element, client_id: client, listener_id: listener, args: []})",
        [client, element, listener],
    )
    assert thief.evaluate(HANDSHAKE, client) == "refused"
    victim.reload()
    victim.get_by_role("heading", name="我的账号").wait_for()  # still signed in
    victim.evaluate(
        "([element, listener]) => window.socket.emit('event', {id: element,"
        " client_id: window.clientId, listener_id: listener, args: []})",
        [element, victim.evaluate(LISTENER, element)],
    )
    victim.wait_for_url("**/signin**")  # the same event from the page itself does sign out


LISTENER = """(id) => { const found = mounted_app.elements[id].events.find(e => e.type === 'click');
  return found.listener_id }"""
HANDSHAKE = """(client) => new Promise((done) => {
  const url = `ws://${location.host}/_nicegui_ws/socket.io/?EIO=4&transport=websocket&client_id=${client}` +
    '&implicit_handshake=true&tab_id=x&document_id=y&next_message_id=0';
  const socket = new WebSocket(url);
  socket.onmessage = (event) => {
    if (event.data.startsWith('0')) socket.send('40');
    if (event.data.startsWith('44')) done('refused');
    if (event.data.startsWith('40{')) done('let in');
  };
  socket.onclose = () => done('refused');
})"""


def test_nobody_uploads_into_another_users_page(guarded: str, page: Callable[..., Page]) -> None:
    owner, thief = page(), page()
    sign_in(owner, guarded, "管理", "/library")
    sign_in(thief, guarded, "读者乙", "/account")
    url = owner.evaluate("Object.values(mounted_app.elements).map(e => e.props.url).find(u => u)")
    assert thief.evaluate(POST, url) == 404
    assert owner.evaluate(POST, url) == 200


POST = """async (url) => { const form = new FormData();
  form.append('file', new Blob(['雾岭县卫生健康局2021年工作总结。全年新建村卫生室23所。']), '雾岭.txt');
  return (await fetch(url, {method: 'POST', body: form})).status }"""


def test_another_users_conversation_does_not_exist(guarded: str, page: Callable[..., Page]) -> None:
    mine, theirs = page(), page()
    sign_in(mine, guarded, "读者甲")
    ask(mine, "雾岭县2021年新建村卫生室多少所？")
    answered(mine)
    talk = re.search(r"talk=(\w+)", mine.url)
    assert talk
    sign_in(theirs, guarded, "读者乙")
    assert theirs.locator(".wh-talk").count() == 0
    theirs.goto(f"{guarded}/?talk={talk[1]}")
    theirs.get_by_role("alert").wait_for()
    assert "没有" in theirs.get_by_role("alert").inner_text()
    assert "雾岭县" not in theirs.content()


def test_a_collection_that_is_not_ones_own_does_not_exist(guarded: str, page: Callable[..., Page]) -> None:
    shown = page()
    sign_in(shown, guarded, "外县编辑")
    shown.get_by_text("资料库还是空的").wait_for()  # their own one, since the first one is closed to them
    shown.goto(f"{guarded}/library?c=main")
    shown.get_by_role("alert").wait_for()
    assert "没有" in shown.get_by_role("alert").inner_text()
    assert shown.locator("input[type=file]").count() == 0
