"""审核: a text before it is handed in: its findings beside it, and what it answers of its superior's key points.

In: a Word, PDF, HTML or text file that is dropped here, or a report of the library. Out: a job that reviews it; then the text
with each finding at its place, the findings with what to do, the same as a document to export, and the coverage. The file is
read in a child process, is not taken in, and is gone when it was read; its text stays with the result until that is removed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ui

from corpus import readers
from corpus.errors import InputError
from corpus.report import PLANS
from corpus.schema import translated
from service.http.uploads import safe_name
from service.papers.presenting import clean
from service.ui import papers, theme
from service.ui.making import Making
from service.ui.review_findings import Findings, reviewed
from service.ui.seat import Seat
from service.ui.shell import page
from service.work.documents import ABOVE, AUDIT, CHECK, TEXTS
from service.work.jobs import INPUTS, Job

LARGEST = 50 * 2**20  # bytes of a file
Source = dict[str, Any]  # see service.work.texts


def stored_name(name: str, field: str) -> str:
    """Under which name an uploaded file is stored: its own suffix, nothing else of what its sender wrote.

    Raises:
        InputError: its kind is not read.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in readers.SUFFIXES:
        known = "、".join(sorted(readers.SUFFIXES))
        raise InputError(f"不读“{suffix or '没有扩展名'}”的文件", where=name, remedy=f"可用：{known}")
    return f"{field}{suffix}"


@page("/review", "审核", icon="fact_check", order=70, wide=True)
async def build(seat: Seat) -> None:
    """The page."""
    ui.add_css(papers.CSS)
    desk = seat.desk()
    cards = await seat.run(desk.cards)
    own = {card.id: clean(card.title) for card in cards}
    above = {card.id: clean(card.title) for card in sorted(cards, key=lambda card: card.genre not in PLANS)}
    await Review(seat, own, above).build()


class Review:
    """The page's state: which text is meant, which one of its superior, and the job to come that holds their files."""

    def __init__(self, seat: Seat, own: dict[str, str], above: dict[str, str]) -> None:
        self._seat, self._own, self._library = seat, own, above
        self._text: Source | None = None
        self._above: Source | None = None
        self._reserved = ""

    async def build(self) -> None:
        """Put it on the page."""
        theme.heading("审核")
        with ui.element("div").classes("wh-two"):
            with theme.card("要审核的稿件"):
                self._upload("把稿件拖到这里，或点“＋”选择", self._dropped)
                self._pick = ui.select(
                    self._own, label="或选库中的报告", with_input=True, clearable=True,
                    on_change=self._seat.doing(self._chosen),
                ).props("dense outlined options-dense")  # fmt: skip
            with theme.card("对照上级要点（可不选）"):
                self._upload("上级的工作要点或计划", self._above_dropped)
                self._against = ui.select(
                    self._library, label="或选库中的要点、计划", with_input=True, clearable=True,
                    on_change=self._seat.doing(self._above_chosen),
                ).props("dense outlined options-dense")  # fmt: skip
        theme.soft(
            "稿件不入库，原文件读完即删；审核结果连同稿件的文字只有本人能打开，可以随时在“最近的结果”中移除。"
        )
        self._making = Making(self._seat, "audit", "审核", read=self._read)
        ui.context.client.on_delete(self._let_go)
        await self._making.resume()

    def _upload(self, label: str, handler: Any) -> None:
        field = ui.upload(
            label=label,
            auto_upload=True,
            max_files=1,
            max_file_size=LARGEST,
            on_upload=self._seat.doing(handler),
        )
        field.props(f'accept="{",".join(sorted(readers.SUFFIXES))}" flat bordered')
        theme.drop_box(field).classes("wp-drop")
        field.on_rejected(lambda: ui.notify("只收一个文件，不超过50MB", type="warning", position="top"))

    # -- what is meant --------------------------------------------------------------------------

    async def _saved(self, event: Any, field: str) -> Source:
        """An uploaded file in the folder of the job to come."""
        event.sender.reset()
        self._making.free()
        name = safe_name(event.file.name, 1)
        stored, jobs = stored_name(name, field), self._seat.house.jobs
        self._reserved = self._reserved or jobs.reserve()
        folder = jobs.folder_of(self._reserved) / INPUTS
        with translated(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            await event.file.save(folder / stored)
        return {"file": stored, "name": name}

    def _let_go(self) -> None:
        """The page is gone: a file that led to no job goes too."""
        if self._reserved:
            self._seat.house.jobs.release(self._reserved)
        self._reserved = ""

    async def _dropped(self, event: Any) -> None:
        self._text = await self._saved(event, TEXTS)
        self._pick.value = None
        await self._review()

    async def _chosen(self) -> None:
        if self._pick.value:
            self._making.free()
            self._text = {"report": self._pick.value}
            await self._review()

    async def _above_dropped(self, event: Any) -> None:
        self._above = await self._saved(event, ABOVE)
        self._against.value = None
        await self._again()

    async def _above_chosen(self) -> None:
        if self._against.value:
            self._making.free()
            self._above = {"report": self._against.value}
            await self._again()

    async def _again(self) -> None:
        if self._text is not None:
            await self._review()
        else:
            ui.notify("已选好上级要点；请再给出要审核的稿件", position="top")

    # -- what happens ---------------------------------------------------------------------------

    async def _review(self, at: int = 0) -> None:
        """Look at one text of the file."""
        payload = {
            "text": self._text,
            "at": at,
            ABOVE: self._above,
            "input": None,
            "against": [],
            "only": [],
            "skip": [],
            "checks": [CHECK, AUDIT],
        }
        try:
            job = await self._making.start(payload, job_id=self._reserved)
            self._reserved = ""
        finally:
            self._let_go()
        self._text, self._above = _kept(self._text, job, TEXTS), _kept(self._above, job, ABOVE)

    async def _read(self, job: Job) -> Callable[[], None]:
        found = await self._seat.run(reviewed, self._seat, job)
        self._text = _kept(
            job.payload["text"], job, TEXTS
        )  # a superior's text that comes next is held against this
        if job.payload.get(ABOVE):
            self._above = _kept(job.payload[ABOVE], job, ABOVE)

        async def turn(at: int) -> None:
            self._making.free()
            await self._review(at)

        def draw() -> None:
            Findings(self._seat, found, (job.result or {}).get("not_covered"), turn)

        return draw


def _kept(source: Source | None, job: Job, name: str) -> Source | None:
    """What stands for a text after its job has begun: its file is gone then, and its text stored with the job."""
    return source if source is None or "report" in source else {"kept": job.id, "of": name}
