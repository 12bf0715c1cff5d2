"""设置 › 模型与接口: what is used, what would leave the machine, and whether an endpoint answers.

In: a seat. Out: the tab. Settings are read from the environment when the service starts, so the page does not change
them: it tries an endpoint out and names the variables that would use it.
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from nicegui import ui

from service import probing
from service.accounts.caller import MAIN, Role
from service.papers.presenting import clean
from service.probing import Kind
from service.settings import is_local
from service.ui import theme
from service.ui.seat import Seat

STATES = {"ready": ("就绪", "good"), "loading": ("载入中", "warn"), "failed": ("不能用", "fail")}
KINDS = {"chat": "对话接口", "embedding": "向量接口"}


def build(seat: Seat) -> None:
    """Make the tab."""
    _privacy(seat)
    _used(seat)
    if seat.caller.administers:
        Trial(seat)


def _privacy(seat: Seat) -> None:
    sent = probing.leaves(seat.house.settings)
    with theme.card("哪些内容会离开这台机器"):
        if not sent:
            theme.note("没有。两个模型都在本机运行，问题、报告和稿件不会发往别处。", "good")
        for text in sent:
            theme.note(text, "warn")
        theme.soft("发出前会隐去电话、身份证号、住址等个人信息。页面本身不从外网加载任何内容。")


def _used(seat: Seat) -> None:
    settings = seat.house.settings
    parts = {part.name: part for part in seat.house.ready().parts}
    with theme.card("正在使用的模型"):
        for name, label, where, model in (
            ("chat", "语言模型", settings.chat_url, settings.chat_name),
            (
                "embedding",
                "向量模型",
                settings.embedding_url,
                settings.embedding_model or str(getattr(seat.house.models.embedding.here, "name", "")),
            ),
        ):
            with theme.row():
                ui.label(label).style("width:80px").classes("wh-strong")
                word, kind = STATES[parts[name].state]
                theme.tag(word, kind)
                place = "本机内置" if not where else ("本机接口" if is_local(where) else "外部接口")
                ui.label(clean(f"{model}（{place}）")).classes("wh-grow")
                said = theme.soft(clean(parts[name].detail))
                if seat.may(Role.WRITER):
                    test = seat.doing(partial(_try, seat, name, said), Role.WRITER)
                    theme.button("测试", test, icon="bolt")


async def _try(seat: Seat, name: str, said: ui.label) -> None:
    said.set_text("正在测试……")
    try:
        desk = seat.house.desk(seat.require(), seat.collection)
        work: Any = (
            partial(probing.try_embedder, desk.embedder)
            if name == "embedding"
            else lambda: probing.try_chat(desk.model())
        )
        said.set_text(clean(await seat.run(work)))
    except Exception:
        said.set_text("")
        raise


class Trial:
    """A form that tries an endpoint out before it is used."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with theme.card("试一个接口"):
            theme.soft(
                "任何 OpenAI 兼容的接口都可以。测试只发两个固定的词，不发报告内容；地址先经检查，不跟随转向。"
            )
            self._kind = ui.radio(KINDS, value="chat").props("inline dense")
            with theme.row():
                self._url = _field("地址，如 https://接口主机/v1", "flex:2 1 260px")
                self._model = _field("模型名", "flex:1 1 160px")
                self._key = _field("密钥（可不填，不保存）", "flex:1 1 160px").props(
                    "type=password autocomplete=off"
                )
            with theme.row():
                theme.button("测试接口", seat.doing(self._test, administrator=True), icon="bolt", kind="main")
            self._said = ui.element("div").classes("column").style("gap:8px")

    async def _test(self) -> None:
        self._said.clear()
        kind = cast(Kind, str(self._kind.value))
        url, model = (self._url.value or "").strip(), (self._model.value or "").strip()
        allowed = self._seat.house.settings.endpoints
        told = await self._seat.run(probing.try_endpoint, kind, url, model, self._key.value or "", allowed)
        self._seat.house.accounts.log.write(self._seat.caller, "settings", MAIN, "", f"测试{KINDS[kind]}")
        prefix = "WENHENG_CHAT" if kind == "chat" else "WENHENG_EMBEDDING"
        with self._said:
            theme.note(clean(told), "good")
            ui.label("要改用它，请设置以下变量后重启服务（密钥写进 *_KEY）：")
            lines = [f"{prefix}_URL={url}", f"{prefix}_MODEL={model}"]
            lines += [] if is_local(url) else ["WENHENG_ALLOW_REMOTE=1"]
            ui.label("\n".join(lines)).classes("wh-code")
            if not is_local(url):
                sent = "问题和选出的证据句子" if kind == "chat" else "全部报告段落和问题"
                theme.note(f"改用后，{sent}会发往这台机器以外。", "warn")


def _field(label: str, style: str) -> ui.input:
    made = ui.input(label).props("dense outlined maxlength=300").style(style)
    return made
