"""设置 › 备份: the whole data folder as one file, while others work.

In: a seat of who administers the house. Out: the tab. The backup is a job, as behind the API: it goes on when the page is
closed, its verified file can be taken away as often as wanted, and goes when it is removed here or is too old.
"""

from __future__ import annotations

from nicegui import ui

from service import telling
from service.accounts.caller import MAIN
from service.keeping import backup_job
from service.ui import theme
from service.ui.progress import JobProgress
from service.ui.seat import Seat
from service.ui.times import local
from service.work.jobs import Job

MOST = 10
OVER = ("done", "failed", "interrupted")


def build(seat: Seat) -> None:
    """Make the tab."""
    with theme.card("备份"):
        ui.label(
            "把资料库、原件、会话、稿件和账号备份成一个文件，选用的接口及其密钥不在其中。备份期间可以照常使用；写完会逐项校验。"
        )
        theme.note("备份里有全部报告和会话，请下载后存放在安全的地方，并从这里移除。", "warn")
        Backups(seat)
    with theme.card("恢复"):
        ui.label("恢复会换掉整个数据文件夹，请在服务停止时用命令：")
        ui.label("wenheng restore 备份文件.zip").classes("wh-code")
        theme.soft("现有数据会先移到一旁，恢复后发现不对，可以再换回来。")


class Backups:
    """A button, how far the backup is, and the files that are there."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._start = theme.button(
            "备份并下载", seat.doing(self._run, administrator=True), icon="archive", kind="main"
        ).style("align-self:flex-start")
        self._own = ""  # begun on this page, which hands it over at its end
        self._under_way = ui.element("div").style("width:100%")
        self._list = ui.element("div").classes("column").style("width:100%")
        for job in self._jobs("queued", "running"):
            self._follow(job.id)
        self._show()

    def _jobs(self, *states: str) -> tuple[Job, ...]:
        return self._seat.house.jobs.list(
            self._seat.caller, collection=MAIN, kind=backup_job.KIND, states=states, limit=MOST
        )

    async def _run(self) -> None:
        job = await self._seat.run(backup_job.submit, self._seat.house, self._seat.require_administrator())
        self._own = job.id
        self._follow(job.id)

    def _follow(self, job_id: str) -> None:
        self._start.disable()
        self._under_way.clear()
        with self._under_way:
            JobProgress(self._seat, job_id, "备份", self._ended)

    async def _ended(self, job: Job) -> None:
        self._start.enable()
        self._show()
        if job.id == self._own and job.state == "done":
            await self._save(job)

    def _show(self) -> None:
        keep = self._seat.house.settings.keep_jobs
        self._list.clear()
        with self._list:
            jobs = self._jobs(*OVER)
            for job in jobs:
                self._line(job)
            if jobs and keep:
                theme.soft(f"这里的备份保留{keep}天。")

    def _line(self, job: Job) -> None:
        seat, result = self._seat, job.result or {}
        with theme.row("wp-item"):
            if job.state == "done":
                ui.label(f"{local(job.updated)}，{result['bytes'] / 2**20:.1f} MB，已校验").classes("wh-grow")
                save = seat.doing(lambda: self._save(job), administrator=True)
                theme.button("下载", save, icon="download")
            else:
                told = telling.sentence(job.error or {"detail": "没有做完"})
                theme.note(f"{local(job.updated)} {told}", "fail").classes("wh-grow")
            remove = seat.doing(lambda: self._remove(job), administrator=True)
            theme.icon_button("delete", f"移除 {local(job.updated)} 的备份", remove)
            if job.state == "done":
                theme.soft(f"sha256 {result['sha256']}").style("width:100%;overflow-wrap:anywhere")

    async def _save(self, job: Job) -> None:
        """Through the route of the API, which looks whose it is, and notes that it was taken away."""
        name = (job.result or {})["files"][0]
        await self._seat.run(self._seat.house.jobs.file, self._seat.caller, job.id, name)  # or says why not
        ui.download.from_url(f"/api/v1/jobs/{job.id}/files/{name}", name)

    async def _remove(self, job: Job) -> None:
        await self._seat.run(self._seat.house.jobs.forget, self._seat.caller, job.id)
        self._seat.house.accounts.log.write(self._seat.caller, "delete", MAIN, job.id, backup_job.KIND)
        self._show()
