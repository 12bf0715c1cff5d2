"""A row of the ledger in a dialog, to be corrected (更正).

In: a row. Out: its fields as they count now beside what the page of the report says; what is wrong with a value stands
at its field. A correction can be taken back at once, and as long as it is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from corpus.aliases import Aliases
from corpus.corrections import FIELDS, KINDS, all_corrections, by_row, checked, keep
from corpus.errors import BadTable
from corpus.ledger import Row, written_unit
from service.accounts.caller import Role
from service.arithmetic import plain
from service.desk import Desk
from service.ledger.changes import Book, unset
from service.papers.presenting import clean
from service.ui import theme, undo
from service.ui.seat import Seat

Changed = Callable[[], Awaitable[None]]
HINTS = {
    "value": "只写数字，如 12.5 或 250-300",
    "unit": "%、人、万元……",
    "qualifier": "约、不低于……，没有就空着",
    "period": "如 2023年、2023年上半年",
}


def values(row: Row) -> dict[str, str]:
    """The fields of a row as they would be typed."""
    low = None if row.value is None else plain(row.value / row.factor)
    high = None if row.upper is None else plain(row.upper / row.factor)
    return {
        "indicator": row.indicator,
        "value": "" if low is None else f"{low}-{high}" if high is not None else low,
        "unit": written_unit(row),
        "qualifier": row.qualifier,
        "period": row.when.label if row.when else "",
        "kind": KINDS[row.kind],
        "place": row.place or "",
    }


def correct(desk: Desk, row: Row, wanted: dict[str, str]) -> dict[str, str | None]:
    """Keep the fields that differ, all or none; what they were corrected to before, for the way back.

    Raises:
        BadTable: a value that its field cannot take.
    """
    now = values(row)
    changed = {name: text.strip() for name, text in wanted.items() if text.strip() != now[name]}
    before = _corrected(desk, row)
    _set(desk, row, changed)
    return {name: before.get(name) for name in changed}


def go_back(desk: Desk, row: Row, before: dict[str, str | None]) -> None:
    """Set fields to what they were corrected to before; None for what the page says."""
    _set(desk, row, before)


def _corrected(desk: Desk, row: Row) -> dict[str, str]:
    """What the row is corrected to, by field."""
    sha256 = desk.report(row.report_id).source_sha256
    table = by_row(all_corrections(desk.library.database))
    return dict(table.get((sha256, row.id.partition(":")[2]), {}))


def _set(desk: Desk, row: Row, wanted: Mapping[str, str | None]) -> None:
    book = Book(desk.library, Aliases.load(desk.library.home))
    found = book.row(row.id)
    keep(desk.library.database, [book.change(found, name, text) for name, text in wanted.items()])


def _faults(wanted: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """What is wrong, by field; only with what was changed."""
    found = {}
    for name, text in wanted.items():
        if text.strip() == now[name]:
            continue
        try:
            checked(name, text)
        except BadTable as error:
            remedy = error.remedy.split("；")[0] if "--" in error.remedy else error.remedy
            found[name] = f"{error.message}。{remedy}"
    return found


def dialog(seat: Seat, row: Row, on_change: Changed) -> None:
    """Open the dialog."""
    now = values(row)
    fields: dict[str, Any] = {}
    with ui.dialog() as box, ui.element("div").classes("wh-card wp-dialog"):
        theme.heading("更正这个数字", 2)
        theme.soft(f"《{clean(row.title)}》的原文")
        ui.label(clean(row.quote)).classes("wh-quote")
        if row.corrected:
            theme.note(f"已有人工更正；报告中写的是“{clean(row.original)}”", "warn")
        with ui.element("div").classes("wp-fields"):
            for name, label in FIELDS.items():
                if name == "kind":
                    fields[name] = ui.select(list(KINDS.values()), label=label, value=now[name])
                else:
                    fields[name] = ui.input(label, value=now[name], placeholder=HINTS.get(name, ""))
                fields[name].props("dense outlined hide-bottom-space").classes("full-width")
        theme.soft("更正只改台账，不改报告；重新入库后仍保留，并注明原文。")

        async def save() -> None:
            wanted = {name: str(field.value or "") for name, field in fields.items()}
            faults = _faults(wanted, now)
            for name, field in fields.items():
                if isinstance(field, ui.input):
                    field.error = faults.get(name)
            if faults:
                return
            desk = seat.desk(Role.WRITER)
            before = await seat.run(correct, desk, row, wanted)
            box.close()
            if before:
                seat.house.accounts.log.write(seat.caller, "edit", seat.collection, row.id, "更正指标")
                await on_change()
                undo.offer(seat, f"已更正“{row.name}”", lambda: _undo(before), Role.WRITER)

        async def _undo(before: dict[str, str | None]) -> None:
            await seat.run(go_back, seat.desk(Role.WRITER), row, before)
            seat.house.accounts.log.write(seat.caller, "edit", seat.collection, row.id, "撤销更正")
            await on_change()

        async def drop() -> None:
            desk = seat.desk(Role.WRITER)
            before: dict[str, str | None] = dict(await seat.run(_corrected, desk, row))
            await seat.run(unset, desk.library, (row.id,), Aliases.load(desk.library.home))
            box.close()
            seat.house.accounts.log.write(seat.caller, "edit", seat.collection, row.id, "撤销更正")
            await on_change()
            undo.offer(seat, f"“{row.name}”已回到报告中的写法", lambda: _undo(before), Role.WRITER)

        with theme.row():
            theme.button("保存更正", seat.doing(save, Role.WRITER), kind="main")
            theme.button("取消", box.close, kind="flat")
            if row.corrected:
                theme.button("撤销更正", seat.doing(drop, Role.WRITER), kind="danger").classes("wh-push")
    box.on("hide", box.delete)
    box.open()
