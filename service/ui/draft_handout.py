"""起草 › 导出与核对清单: both Word files of a draft, and what its user has to look at before it goes out.

In: a draft. Out: the clean copy, in a template of the user's own where one is chosen, and the one to check, with the
official parts that are asked for; the checklist as tables. Both files are made from one checked document, so that a
figure without a source stops both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nicegui import ui

from service.accounts.caller import Role
from service.desk import Desk
from service.draft.checklist import MISSING, UNKNOWN, checklist
from service.draft.drafts import Draft
from service.draft.handing import Target, day_of, hand_out, official
from service.draft.session import Work
from service.papers.document import Document
from service.papers.markdown import markdown
from service.papers.presenting import clean
from service.ui import handout, theme
from service.ui.draft_template import Templates
from service.ui.seat import Seat

Mine = Callable[[], tuple[Desk, Work]]
PARTS = (
    ("head", "红头", "如 某县卫生健康局文件"),
    ("number", "发文字号", "如 某卫发〔2023〕12号"),
    ("signer", "签发人", "只有上行文才写"),
    ("addressee", "主送机关", "空着则不写"),
    ("attachments", "附件", "一行一个"),
    ("copies", "抄送", "空着则不写"),
    ("printer", "印发机关", "空着则不写"),
    ("office", "署名", "空着则不写"),
    ("day", "成文日期", "如 2023-01-15"),
)


class Handout:
    """The buttons that hand a draft out; ``mine`` gives the desk and the draft, checked each time."""

    def __init__(self, seat: Seat, mine: Mine) -> None:
        self._seat, self._mine = seat, mine
        self._chosen: dict[str, str] = {}
        self._templates = Templates(seat, mine, lambda basic: official(basic, **_parts(self._chosen)))

    def buttons(self) -> None:
        """Put them on the page."""
        self._templates.show()
        theme.button("成稿 Word", self._doing(lambda: self._word(review=False)), icon="download", kind="main")
        theme.button("核对稿 Word", self._doing(lambda: self._word(review=True)), icon="download")
        with theme.button("更多", icon="more_vert", kind="flat"), ui.menu():
            ui.menu_item("公文要素……", self._doing(self._parts))
            ui.menu_item("Word 模板……", self._doing(self._templates.open))
            ui.menu_item("Markdown", self._doing(self._markdown))

    def _doing(self, handler: Callable[[], Any]) -> Callable[..., Any]:
        return self._seat.doing(handler, Role.WRITER)

    async def _word(self, *, review: bool) -> None:
        title, data = await self._seat.run(self._files, review)
        name = f"{title}.核对" if review else title
        handout.give(self._seat, data, handout.file_name(name, "docx"), detail="稿子")

    def _files(self, review: bool) -> tuple[str, bytes]:
        """The title and one of the two files."""
        desk, work = self._mine()
        with tempfile.TemporaryDirectory() as folder:
            form = self._templates.form(desk) if not review else None
            target = Target(Path(folder) / "成稿.docx", force=True, form=form).ready()
            parts = official(work.draft.given.basic, **_parts(self._chosen))
            made = hand_out(work.draft, target, parts, desk.report)
            return made.checked.document.title, made.files[1 if review else 0].read_bytes()

    async def _markdown(self) -> None:
        def make() -> tuple[str, bytes]:
            desk, work = self._mine()
            made = hand_out(work.draft, Target(), official(work.draft.given.basic), desk.report)
            return made.checked.document.title, markdown(made.checked).encode("utf-8")

        title, data = await self._seat.run(make)
        handout.give(self._seat, data, handout.file_name(title, "md"), detail="稿子")

    async def _parts(self) -> None:
        """Choose the official parts."""
        _, work = await self._seat.run(self._mine)
        basic = work.draft.given.basic
        own = {
            "number": basic.number, "signer": basic.signer, "addressee": basic.addressee, "copies": basic.copies,
            "attachments": "\n".join(basic.attachments), "office": basic.office,
            "day": basic.day.isoformat() if basic.day else "",
        }  # fmt: skip
        with ui.dialog() as box, ui.element("div").classes("wh-card wp-dialog"):
            theme.heading("公文要素", 2)
            theme.soft("默认取自输入表的基本信息；清空的不写。")
            fields: dict[str, Any] = {}
            with ui.element("div").classes("wp-fields"):
                for name, label, hint in PARTS:
                    make = ui.textarea if name == "attachments" else ui.input
                    fields[name] = make(
                        label, value=self._chosen.get(name, own.get(name, "")), placeholder=hint
                    )
                    fields[name].props(
                        "dense outlined autogrow" if name == "attachments" else "dense outlined"
                    )

            def keep() -> None:
                chosen = {name: str(field.value or "") for name, field in fields.items()}
                official(basic, **_parts(chosen))  # refuses what the standard does not know
                self._chosen = chosen
                box.close()

            with theme.row():
                theme.button("用于导出", self._doing(keep), kind="main")
                theme.button("取消", box.close, kind="flat")
        box.on("hide", box.delete)
        box.open()


def _parts(chosen: dict[str, str]) -> dict[str, Any]:
    """What was chosen, as :func:`service.draft.handing.official` takes it."""
    found: dict[str, Any] = dict(chosen)
    if "day" in found:
        found["day"] = day_of(found["day"]) or ""
    if "attachments" in found:
        found["attachments"] = tuple(
            line.strip() for line in found["attachments"].splitlines() if line.strip()
        )
    return found


# -- the checklist ----------------------------------------------------------------------------------


def show_checklist(draft: Draft, made: Document) -> None:
    """Numbers with their sources, problems with their tasks, and what is missing."""
    found = checklist(draft, made)
    ways = found.ways
    theme.soft(
        f"模型成文{ways.phrased}步，程序组句{ways.composed}步，手工改写{ways.by_hand}步，还没有写{ways.open}步"
    )
    with theme.card(f"待补和待办（{len(found.missing)}）"):
        if not found.missing:
            theme.soft("没有。")
        for one in found.missing:
            ui.label(clean(f"{one.where}：{one.what}" if one.where else one.what)).classes("wp-item")
    with theme.card(f"问题与任务（{len(found.problems)}）"):
        _table(
            ("问题", "对应的任务", "缺"),
            [(f"{p.key} {p.title}", "；".join(p.tasks), "、".join(p.missing)) for p in found.problems],
        )
    with theme.card(f"数字及出处（{len(found.numbers)}）"):
        order = sorted(found.numbers, key=lambda n: n.status not in (UNKNOWN, MISSING))
        _table(
            ("数字", "状态", "出处", "句子"),
            [(n.number, n.status, n.source, n.sentence) for n in order],
        )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    columns = [
        {"name": str(at), "label": label, "field": str(at), "align": "left", "sortable": True}
        for at, label in enumerate(header)
    ]
    data = [{"id": n, **{str(at): clean(text) for at, text in enumerate(row)}} for n, row in enumerate(rows)]
    table = ui.table(columns=columns, rows=data, row_key="id", pagination=15)
    table.classes("wh-table").props("flat dense wrap-cells :grid=Quasar.Screen.lt.sm")
