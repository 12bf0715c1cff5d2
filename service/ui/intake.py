"""Taking in files by drag and drop (上传入库).

In: files that the browser sends. Out: a job that takes them in, each file's progress, and what came of each: taken in,
known before, a copy of another report, or not readable and why. The job goes on when the page is closed; a page that
is opened meanwhile shows it again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import events, ui

from corpus.readers import SUFFIXES
from corpus.schema import translated
from service.accounts.caller import Role
from service.http.uploads import safe_name
from service.papers.presenting import clean
from service.ui import problems, theme
from service.ui.progress import JobProgress
from service.ui.seat import Seat
from service.work import taking_in
from service.work.jobs import INPUTS, Job

MOST_BYTES = 240 << 20  # of one upload, below what the guard lets through
KINDS = "、".join(sorted(suffix.removeprefix(".") for suffix in SUFFIXES))


class Intake:
    """The box that takes files; ``changed`` is called when the library has new reports."""

    def __init__(self, seat: Seat, changed: Callable[[], Any]) -> None:
        self._seat = seat
        self._changed = changed
        settings = seat.house.settings
        self._most, self._mb = settings.upload_files, settings.upload_mb
        with theme.card("上传报告"):
            upload = ui.upload(
                label="把文件拖到这里，或点右边的加号选择",
                multiple=True,
                auto_upload=True,
                max_file_size=self._mb << 20,
                max_total_size=MOST_BYTES,
                max_files=self._most,
                on_multi_upload=seat.doing(self._received, Role.WRITER),
                on_rejected=self._rejected,
            )
            theme.drop_box(upload).props(f'flat accept="{",".join(sorted(SUFFIXES))}"').classes("wh-drop")
            self._upload = upload
            theme.soft(
                f"可读取 {KINDS}；每个文件不超过{self._mb}MB，可一次选多个。原件会留存，便于以后重新解析。"
            )
            self._jobs = ui.element("div").classes("column").style("gap:8px")
        for job in seat.house.jobs.list(
            seat.caller, collection=seat.collection, kind=taking_in.KIND, states=("queued", "running")
        ):
            self._follow(job.id, [])

    def _rejected(self) -> None:
        problems.announce_text(
            "有文件没有上传：格式不对、太大，或一次太多",
            f"可读取 {KINDS}；每个不超过{self._mb}MB，一次不超过{self._most}个",
        )

    async def _received(self, event: events.MultiUploadEventArguments) -> None:
        """Put the files into the folder of a job, under numbers; their names stay mere text."""
        seat, jobs = self._seat, self._seat.house.jobs
        job_id = jobs.reserve()
        folder = jobs.folder_of(job_id) / INPUTS
        rows = []
        with translated(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for number, file in enumerate(event.files, 1):
                name = safe_name(file.name, number)
                suffix = Path(name).suffix.lower()
                stored = f"{number:04}{suffix if suffix in SUFFIXES else '.bin'}"
                await file.save(folder / stored)
                rows.append({"file": stored, "name": name})
        job = jobs.submit(seat.caller, seat.collection, taking_in.KIND, {"files": rows}, job_id=job_id)
        seat.house.accounts.log.write(seat.caller, "upload", seat.collection, job.id, f"{len(rows)}个文件")
        self._upload.reset()
        self._follow(job.id, [str(row["name"]) for row in rows])

    def _follow(self, job_id: str, names: list[str]) -> None:
        with self._jobs:
            Files(self._seat, job_id, names, self._changed)


class Files:
    """One upload: a bar for the whole, a line for each file, and at the end what came of each."""

    def __init__(self, seat: Seat, job_id: str, names: list[str], changed: Callable[[], Any]) -> None:
        self._names = names
        self._changed = changed
        self._progress = JobProgress(seat, job_id, "入库", self._ended, on_look=self._look)
        self._lines: list[ui.label] = []
        with self._progress.element:
            self._box = ui.element("ul").classes("wh-files")
            with self._box:
                for name in names:
                    with ui.element("li"):
                        self._lines.append(theme.tag("等待"))
                        ui.label(clean(name))

    def _look(self, job: Job) -> None:
        for number, line in enumerate(self._lines):
            if number < job.done:
                line.set_text("已处理")
            elif number == job.done and job.state == "running":
                line.set_text("处理中")

    async def _ended(self, job: Job) -> None:
        if job.result is not None:
            self._told(job.result)
        result = self._changed()
        if hasattr(result, "__await__"):
            await result

    def _told(self, result: dict[str, Any]) -> None:
        failed = {row["name"]: row["reason"] for row in result.get("failures", ())}
        warned = result.get("warnings", {})
        self._box.clear()
        with self._box:
            theme.note(_sum(result), "warn" if failed else "good")
            for name in dict.fromkeys((*self._names, *failed, *warned)):
                with ui.element("li"):
                    kind, word = ("fail", "未入库") if name in failed else ("good", "完成")
                    theme.tag(word, kind)
                    ui.label(clean(name))
                    told = [failed[name]] if name in failed else warned.get(name, ())
                    for text in told:
                        theme.soft(clean(str(text)))


def _sum(result: dict[str, Any]) -> str:
    """What an upload brought, in one sentence."""
    parts = [f"新入库{result.get('ingested', 0)}个文件，{result.get('reports', 0)}份报告"]
    if result.get("skipped"):
        parts.append(f"{result['skipped']}个文件以前已入库")
    if result.get("duplicates"):
        parts.append(f"{result['duplicates']}份与已有报告重复，已合并")
    if result.get("damages"):
        parts.append(f"{result['damages']}处文字损坏，已标出")
    if result.get("masked"):
        parts.append(f"隐去个人信息{result['masked']}处")
    if result.get("failures"):
        parts.append(f"{len(result['failures'])}个文件没有入库，原因见下")
    return "；".join(parts) + "。"
