"""The form of 设置 › 模型与接口 that chooses an endpoint: try it out, agree to what it is sent, use it.

In: a seat of who administers the house. Out: the card. What leaves the machine is said before it is agreed to, in the
words of :func:`service.choosing.leaving`; all that counts is checked again behind the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from nicegui import ui

from service import choosing, probing
from service.accounts.caller import MAIN
from service.choosing import Changed, Wanted
from service.endpoints import LABELS, Kind
from service.papers.presenting import clean
from service.ui import theme
from service.ui.progress import JobProgress
from service.ui.seat import Seat

GRAMMARS = {"none": "不支持", "llama.cpp": "llama.cpp 的 grammar", "vllm": "vLLM 的 structured_outputs"}


class Form:
    """An endpoint to be typed in.

    Args:
        seat: of the page.
        changed: called after the house uses another model.
    """

    def __init__(self, seat: Seat, changed: Callable[[], None]) -> None:
        self._seat, self._changed = seat, changed
        with theme.card("改用接口"):
            theme.soft(
                "任何 OpenAI 兼容的接口都可以。先测试，通过后才保存，立即启用，不必重启。"
                "测试只发两个固定的词，不发报告内容；地址每次使用前都经检查，不跟随转向。"
            )
            self._kind = ui.radio(dict(LABELS), value="chat").props("inline dense")
            with theme.row():
                self._url = _field("地址，如 https://接口主机/v1", "flex:2 1 260px")
                self._model = _field("模型名", "flex:1 1 160px")
                self._key = _field("密钥（可不填，保存后不再显示）", "flex:1 1 160px")
                self._key.props("type=password autocomplete=off")
            self._more()
            self._consent = ui.checkbox("").props("dense")
            with theme.row():
                theme.button("测试接口", self._doing(self._test), icon="bolt")
                theme.button("保存并启用", self._doing(self._save), icon="check", kind="main")
            self._said = ui.element("div").classes("column").style("gap:8px;width:100%")
        for field in (self._kind, self._url):
            field.on_value_change(self._fit)
        self._fit()

    def _more(self) -> None:
        with theme.row():
            self._timeout = ui.number("超时（秒）", min=1, max=3600).props("dense outlined")
            self._timeout.style("width:150px")
            self._grammar = ui.select(GRAMMARS, value="none", label="数字锁").props("dense outlined")
            self._grammar.style("min-width:210px")
            self._prompts = [_field(f"{what}前缀（可不填）", "flex:1 1 160px") for what in ("问题", "段落")]

    def _doing(self, handler: Callable[..., object]) -> Callable[..., object]:
        return self._seat.doing(handler, administrator=True)

    @property
    def _chosen(self) -> Kind:
        return cast(Kind, str(self._kind.value))

    def _fit(self) -> None:
        """Show what belongs to the kind, and what an address elsewhere would be sent."""
        chat = self._chosen == "chat"
        self._grammar.set_visibility(chat)
        for field in self._prompts:
            field.set_visibility(not chat)
        try:
            sent = choosing.leaving(self._chosen, (self._url.value or "").strip())
        except ValueError:  # half typed
            sent = ""
        self._consent.set_value(False)  # agreed to for one address is not agreed to for another one
        self._consent.set_text(clean(f"我同意：{sent}"))
        self._consent.set_visibility(bool(sent))

    def _wanted(self) -> Wanted:
        chat = self._chosen == "chat"
        return Wanted(
            url=(self._url.value or "").strip(),
            model=(self._model.value or "").strip(),
            key=self._key.value or None,
            timeout=self._timeout.value,
            grammar=str(self._grammar.value) if chat else "none",
            query_prompt="" if chat else self._prompts[0].value or "",
            passage_prompt="" if chat else self._prompts[1].value or "",
            consent=bool(self._consent.value),
        )

    async def _test(self) -> None:
        self._said.clear()
        kind, wanted = self._chosen, self._wanted()
        told = await self._seat.run(
            probing.try_endpoint,
            kind,
            wanted.url,
            wanted.model,
            wanted.key or "",
            self._seat.house.settings.endpoints,
            grammar=wanted.grammar,
        )
        self._seat.house.accounts.log.write(self._seat.caller, "settings", MAIN, kind, f"测试{LABELS[kind]}")
        with self._said:
            theme.note(clean(told), "good")

    async def _save(self) -> None:
        self._said.clear()
        house, caller = self._seat.house, self._seat.require_administrator()
        made = await self._seat.run(choosing.save, house, caller, self._chosen, self._wanted())
        self._key.set_value("")
        self.show(made, f"已改用{LABELS[made.used.kind]}。{made.told}")

    def show(self, made: Changed, text: str) -> None:
        """Say what became of a change, and follow the vectors that are made anew."""
        self._changed()
        self._said.clear()
        with self._said:
            theme.note(clean(text), "good")
            if made.jobs:
                theme.note(
                    f"向量模型换了，正在为{len(made.jobs)}个资料库重做向量；完成之前，检索按关键词进行。",
                    "warn",
                )
            for job in made.jobs:
                JobProgress(self._seat, job.id, "重做向量")


def _field(label: str, style: str) -> ui.input:
    return ui.input(label).props("dense outlined maxlength=300").style(style)
