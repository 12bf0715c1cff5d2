"""Documents and tables as files that the browser saves (下载).

In: a checked document, or bytes, and a name. Out: a download, with a row in the log. What leaves the house is the same
as behind every other door: it is made of what passed the gate, without personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nicegui import ui

from service.papers.provenance import Checked
from service.ui import theme
from service.ui.seat import Seat

FORMS = {"docx": "导出 Word", "md": "Markdown", "json": "JSON"}
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "md": "text/markdown",
    "json": "application/json",
    "yaml": "application/yaml",
}
LONGEST = 60  # characters of a file's name
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


def file_name(title: str, form: str) -> str:
    """A title as the name of a file, on every system."""
    plain = _FORBIDDEN.sub("", " ".join(title.split())).strip(". ")[:LONGEST] or "文稿"
    return f"{plain}.{form}"


def bytes_of(checked: Checked, form: str) -> bytes:
    """A document in one of the forms."""
    if form == "docx":
        from service.papers import export  # python-docx is slow to load

        return export.to_bytes(checked)
    if form == "md":
        from service.papers.markdown import markdown

        return markdown(checked).encode("utf-8")
    from service.commands.output import to_json

    return (to_json(checked, indent=2) + "\n").encode("utf-8")


def give(seat: Seat, data: bytes, name: str, *, detail: str = "") -> None:
    """Let the browser save bytes, and log that it did."""
    form = name.rpartition(".")[2]
    seat.house.accounts.log.write(seat.caller, "export", seat.collection, form, detail)
    ui.download.content(data, name, TYPES.get(form, "application/octet-stream"))


def exports(seat: Seat, checked: Callable[[], Checked | None], *, detail: str = "") -> ui.element:
    """Buttons for each form; ``checked`` gives the document when one is pressed."""

    async def save(form: str) -> None:
        document = checked()
        if document is None:
            return
        data = await seat.run(bytes_of, document, form)
        give(seat, data, file_name(document.document.title, form), detail=detail)

    with theme.row() as made:
        for form, label in FORMS.items():
            kind, icon = ("main", "download") if form == "docx" else ("flat", "")
            theme.button(label, seat.doing(lambda form=form: save(form)), icon=icon, kind=kind)
    return made.style("width:auto")
