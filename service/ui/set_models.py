"""设置 › 模型与接口: what is used, what would leave the machine, and whether an endpoint answers.

In: a seat. Out: the tab. Who administers the house can choose an endpoint here (:mod:`service.ui.set_endpoints`) and go
back to the model inside; what the environment names is shown and stays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from service import choosing, probing
from service.accounts.caller import Role
from service.endpoints import LABELS, Kind
from service.papers.presenting import clean
from service.settings import is_local
from service.ui import theme
from service.ui.seat import Seat
from service.ui.set_endpoints import Form
from service.ui.set_people import confirmed

LOOK_SECONDS = 1.5  # whether a model has come
STATES = {"ready": ("就绪", "good"), "loading": ("载入中", "warn"), "failed": ("不能用", "fail")}


def build(seat: Seat) -> None:
    """Make the tab."""
    above = ui.element("div").classes("column").style("gap:12px;width:100%")
    form: Form | None = None

    def show() -> None:
        above.clear()
        with above:
            _privacy(seat)
            _used(seat, lambda: form)
            if any(part.state == "loading" for part in seat.house.ready().parts):
                ui.timer(LOOK_SECONDS, show, once=True)

    if seat.caller.administers:
        form = Form(seat, show)
    show()


def _privacy(seat: Seat) -> None:
    sent = probing.leaves(seat.house.settings)
    with theme.card("哪些内容会离开这台机器"):
        if not sent:
            theme.note("没有。两个模型都在本机运行，问题、报告和稿件不会发往别处。", "good")
        for text in sent:
            theme.note(text, "warn")
        theme.soft("发出前会隐去电话、身份证号、住址等个人信息。页面本身不从外网加载任何内容。")


def _used(seat: Seat, form: Callable[[], Form | None]) -> None:
    settings = seat.house.settings
    parts = {part.name: part for part in seat.house.ready().parts}
    with theme.card("正在使用的模型"):
        inside = str(getattr(seat.house.models.embedding.here, "name", ""))
        rows: tuple[tuple[Kind, str, str, str], ...] = (
            ("chat", "语言模型", settings.chat_url, settings.chat_name),
            ("embedding", "向量模型", settings.embedding_url, settings.embedding_model or inside),
        )
        for name, label, where, model in rows:
            with theme.row():
                ui.label(label).style("width:80px").classes("wh-strong")
                word, kind = STATES[parts[name].state]
                theme.tag(word, kind)
                place = "本机内置" if not where else ("本机接口" if is_local(where) else "外部接口")
                ui.label(clean(f"{model}（{place}）")).classes("wh-grow")
                shown = where or parts[name].state == "failed"  # that it is inside stands there already
                said = theme.soft(clean(parts[name].detail) if shown else "")
                if seat.may(Role.WRITER):
                    test = seat.doing(partial(_try, seat, name, said), Role.WRITER)
                    theme.button("测试", test, icon="bolt")
                if seat.caller.administers and settings.choice(name) is not None:
                    back = seat.doing(partial(_revert, seat, name, form), administrator=True)
                    theme.button("改回本机模型", back, icon="undo")


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


async def _revert(seat: Seat, kind: Kind, form: Callable[[], Form | None]) -> None:
    if not await confirmed(
        f"不再使用这个{LABELS[kind]}，删除保存的地址和密钥，改回本机模型？", "改回本机模型"
    ):
        return
    made = await seat.run(choosing.revert, seat.house, seat.require_administrator(), kind)
    shown = form()
    if shown is not None:
        shown.show(made, "已改回本机模型。")
