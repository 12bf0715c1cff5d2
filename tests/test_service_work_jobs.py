"""Long work: progress, results, errors, cancel, lanes, keys, what a restart makes of it, and what is left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.database import Database
from corpus.errors import BadQuestion, Conflict, NotFound
from service.accounts.caller import LOCAL, Caller, Role
from service.accounts.database import open_database
from service.http import problems
from service.models.cutting import Stopped
from service.work.jobs import INPUTS, Jobs, Progress

OTHER = Caller("p2", "李", {"main": Role.WRITER}, via="session")
MINE = Caller("p1", "王", {"main": Role.WRITER, "c1": Role.READER}, via="session")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    opened.close()


Make = Callable[..., Jobs]


@pytest.fixture
def make(database: Database, tmp_path: Path) -> Iterator[Make]:
    """make(kind=runner, …, start=True): the jobs of a process; ``desk`` is what runners are given."""
    made: list[Jobs] = []

    def build(start: bool = True, desk: Any = "desk", **kinds: Any) -> Jobs:
        jobs = Jobs(database, tmp_path / "jobs", lambda *_: desk, problems.told)
        for kind, runner in kinds.items():
            options = runner[1] if isinstance(runner, tuple) else {}
            jobs.register(kind, runner[0] if isinstance(runner, tuple) else runner, **options)
        if start:
            jobs.start()
        made.append(jobs)
        return jobs

    yield build
    for jobs in made:
        jobs.close(5)


class Held:
    """A runner that waits until it is let go or stopped."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.runs = 0

    def __call__(self, desk: Any, payload: Any, progress: Any, stop: Any) -> dict[str, Any]:
        self.runs += 1
        progress(Progress(1, 3, "第一步"))
        self.begun.release()
        while not self.go.wait(0.01):
            if stop():
                raise Stopped
        return {"n": payload["n"]}


def test_a_job_tells_its_progress_and_then_its_result(make: Make) -> None:
    held = Held()
    jobs = make(work=held)
    job = jobs.submit(MINE, "main", "work", {"n": 7})
    assert held.begun.acquire(timeout=5)
    told = jobs.get(MINE, job.id)
    assert (told.state, told.done, told.total, told.note) == ("running", 1, 3, "第一步")
    held.go.set()
    assert jobs.wait(job.id, 5)
    told = jobs.get(MINE, job.id)
    assert (told.state, told.result, told.error) == ("done", {"n": 7}, None)
    assert not told.open


def test_an_error_is_told_with_its_remedy(make: Make) -> None:
    def fails(desk: Any, payload: Any, progress: Any, stop: Any) -> dict[str, Any]:
        raise BadQuestion("问题是空的", where="第2行", remedy="请补上")

    jobs = make(work=fails)
    job = jobs.submit(MINE, "main", "work", {})
    assert jobs.wait(job.id, 5)
    told = jobs.get(MINE, job.id)
    assert told.state == "failed" and told.error is not None
    assert (told.error["code"], told.error["detail"]) == ("bad_question", "问题是空的")
    assert (told.error["where"], told.error["remedy"]) == ("第2行", "请补上")


def test_an_unexpected_error_shows_no_text_of_its_message(make: Make) -> None:
    def fails(desk: Any, payload: Any, progress: Any, stop: Any) -> dict[str, Any]:
        raise RuntimeError("张某的电话 13800138000")

    jobs = make(work=fails)
    job = jobs.submit(MINE, "main", "work", {})
    assert jobs.wait(job.id, 5)
    error = jobs.get(MINE, job.id).error
    assert error is not None and error["code"] == "unexpected"
    assert "张某" not in str(error)


def test_a_job_is_its_owners_alone(make: Make) -> None:
    jobs = make(work=lambda *_: {})
    job = jobs.submit(MINE, "main", "work", {})
    for call in (jobs.get, jobs.cancel):
        with pytest.raises(NotFound):
            call(OTHER, job.id)
    with pytest.raises(NotFound):
        jobs.file(OTHER, job.id, "a.docx")
    assert jobs.list(OTHER) == ()


def test_a_job_in_a_collection_that_was_closed_to_its_owner_is_gone(make: Make) -> None:
    jobs = make(work=lambda *_: {})
    job = jobs.submit(MINE, "c1", "work", {})
    assert jobs.wait(job.id, 5)
    narrower = Caller(MINE.id, MINE.name, {"main": Role.WRITER})
    assert jobs.list(narrower) == ()
    with pytest.raises(NotFound):
        jobs.get(narrower, job.id)


def test_cancel_of_a_waiting_job_is_at_once_and_of_a_running_one_soon(make: Make) -> None:
    held = Held()
    jobs = make(work=(held, {"lane": "one"}))
    first, second = (jobs.submit(MINE, "main", "work", {"n": n}) for n in (1, 2))
    assert held.begun.acquire(timeout=5)
    assert jobs.get(MINE, second.id).ahead == 1
    assert jobs.cancel(MINE, second.id).state == "cancelled"
    jobs.cancel(MINE, first.id)
    assert jobs.wait(first.id, 5)
    assert jobs.get(MINE, first.id).state == "cancelled"
    assert held.runs == 1
    with pytest.raises(Conflict, match="已经结束"):
        jobs.cancel(MINE, first.id)


def test_one_lane_of_a_collection_works_one_after_the_other(make: Make) -> None:
    held = Held()
    jobs = make(work=(held, {"lane": "writing"}))
    here = [jobs.submit(MINE, "main", "work", {"n": n}) for n in (1, 2)]
    there = jobs.submit(MINE, "c1", "work", {"n": 3})
    assert held.begun.acquire(timeout=5) and held.begun.acquire(timeout=5)
    states = [jobs.get(MINE, one.id).state for one in (*here, there)]
    assert states == ["running", "queued", "running"]
    held.go.set()
    assert all(jobs.wait(one.id, 5) for one in (*here, there))


def test_the_same_key_gives_the_same_job_and_another_request_is_refused(make: Make) -> None:
    jobs = make(work=lambda *_: {})
    first = jobs.submit(MINE, "main", "work", {"n": 1}, key="k")
    assert jobs.submit(MINE, "main", "work", {"n": 1}, key="k").id == first.id
    with pytest.raises(Conflict, match="幂等键"):
        jobs.submit(MINE, "main", "work", {"n": 2}, key="k")
    with pytest.raises(Conflict, match="幂等键"):
        jobs.submit(MINE, "c1", "work", {"n": 1}, key="k")
    assert jobs.submit(OTHER, "main", "work", {"n": 1}, key="k").id != first.id


def test_the_files_of_a_repeated_upload_go(make: Make) -> None:
    jobs = make(work=lambda *_: {})
    first = jobs.submit(MINE, "main", "work", {}, key="k", asked=["a"])
    again = jobs.reserve()
    (jobs.folder_of(again) / INPUTS).mkdir(parents=True)
    assert jobs.submit(MINE, "main", "work", {"other": 1}, key="k", asked=["a"], job_id=again).id == first.id
    assert not jobs.folder_of(again).exists()


def test_only_files_that_the_result_names_can_be_fetched(make: Make) -> None:
    def writes(desk: Any, payload: Any, progress: Any, stop: Any) -> dict[str, Any]:
        folder = Path(payload["folder"])
        (folder / INPUTS).mkdir(parents=True)
        (folder / "稿子.docx").write_bytes(b"docx")
        (folder / "secret").write_bytes(b"x")
        return {"files": ["稿子.docx", "../../service.db"]}

    jobs = make(work=writes)
    job = jobs.submit(MINE, "main", "work", {})
    assert jobs.wait(job.id, 5)
    assert jobs.file(MINE, job.id, "稿子.docx").read_bytes() == b"docx"
    for name in ("secret", "../../service.db", "..", "", INPUTS, "/etc/passwd"):
        with pytest.raises(NotFound):
            jobs.file(MINE, job.id, name)
    assert not (jobs.folder_of(job.id) / INPUTS).exists()  # what was handed in goes with the end


def test_lists_are_newest_first_filtered_and_paged(make: Make) -> None:
    jobs = make(work=lambda *_: {}, other=lambda *_: {})
    made = [jobs.submit(MINE, "main", "work" if n % 2 else "other", {}) for n in range(5)]
    assert all(jobs.wait(job.id, 5) for job in made)
    assert [job.id for job in jobs.list(MINE)] == [job.id for job in reversed(made)]
    assert [job.id for job in jobs.list(MINE, kind="work")] == [made[3].id, made[1].id]
    page = jobs.list(MINE, limit=2)
    assert [job.id for job in jobs.list(MINE, before=page[-1].number, limit=2)] == [made[2].id, made[1].id]
    assert jobs.list(MINE, states=["failed"]) == ()
    assert jobs.list(MINE, collection="c1") == ()


# -- restart ---------------------------------------------------------------------------------------


def left_running(make: Make, database: Database, **kinds: Any) -> str:
    """A job that a kill left in the middle: its row says that it is under way."""
    jobs = make(start=False, **kinds)
    job = jobs.submit(MINE, "main", "work", {"n": 1})
    with database.writing() as connection:
        connection.execute("UPDATE jobs SET state = 'running', attempts = 1 WHERE id = ?", (job.id,))
    return job.id


def test_a_resumable_job_goes_on_after_a_kill(make: Make, database: Database) -> None:
    work = (lambda desk, payload, *_: {"n": payload["n"]}, {"resumable": True})
    job = left_running(make, database, work=work)
    jobs = make(work=work)
    assert jobs.wait(job, 5)
    assert jobs.get(MINE, job).result == {"n": 1}


def test_another_job_ends_as_interrupted_with_a_remedy(make: Make, database: Database) -> None:
    job = left_running(make, database, work=lambda *_: {})
    told = make(work=lambda *_: {}).get(MINE, job)
    assert told.state == "interrupted" and told.error is not None
    assert "重新提交" in told.error["remedy"]


def test_a_job_that_ends_the_process_each_time_is_given_up(make: Make, database: Database) -> None:
    work = (lambda *_: {}, {"resumable": True})
    job = left_running(make, database, work=work)
    with database.writing() as connection:
        connection.execute("UPDATE jobs SET attempts = 3")
    assert make(work=work).get(MINE, job).state == "interrupted"


def test_a_waiting_job_survives_and_one_of_a_kind_that_is_no_more_ends(make: Make) -> None:
    before = make(start=False, work=lambda *_: {}, gone=lambda *_: {})
    waiting, gone = (before.submit(MINE, "main", kind, {}) for kind in ("work", "gone"))
    jobs = make(work=lambda *_: {"late": True})
    assert jobs.wait(waiting.id, 5)
    assert jobs.get(MINE, waiting.id).result == {"late": True}
    assert jobs.get(MINE, gone.id).state == "interrupted"


def test_an_orderly_end_puts_what_can_go_on_back_into_the_queue(make: Make) -> None:
    again, once = Held(), Held()
    jobs = make(again=(again, {"resumable": True}), once=once)
    first, second = (jobs.submit(MINE, "main", kind, {"n": 1}) for kind in ("again", "once"))
    assert again.begun.acquire(timeout=5) and once.begun.acquire(timeout=5)
    jobs.close(5)
    assert jobs.get(MINE, first.id).state == "queued"
    assert jobs.get(MINE, second.id).state == "interrupted"


def test_folders_of_no_job_go_at_the_start_and_those_of_uploads_under_way_stay(make: Make) -> None:
    jobs = make(start=False, work=lambda *_: {})
    (jobs.folder / "ffff").mkdir(parents=True)
    coming = jobs.reserve()
    (jobs.folder_of(coming) / INPUTS).mkdir(parents=True)
    jobs.start()
    assert not (jobs.folder / "ffff").exists()
    assert jobs.folder_of(coming).is_dir()


def test_old_jobs_are_swept_with_their_files_and_open_ones_stay(make: Make) -> None:
    held = Held()

    def writes(desk: Any, payload: Any, progress: Any, stop: Any) -> dict[str, Any]:
        Path(payload["folder"]).mkdir(parents=True)
        (Path(payload["folder"]) / "a.txt").write_text("a")
        return {"files": ["a.txt"]}

    jobs = make(work=writes, held=held)
    done = jobs.submit(MINE, "main", "work", {})
    running = jobs.submit(MINE, "main", "held", {"n": 1})
    assert jobs.wait(done.id, 5) and held.begun.acquire(timeout=5)
    assert jobs.sweep("2000-01-01") == 0
    assert jobs.sweep("9999-01-01") == 1
    assert not jobs.folder_of(done.id).exists()
    assert jobs.get(MINE, running.id).state == "running"
    held.go.set()


def test_who_may_no_longer_have_the_desk_gets_an_error(database: Database, tmp_path: Path) -> None:
    def closed(*_: Any) -> Any:
        raise NotFound("没有这个资料库", remedy="请核对")

    jobs = Jobs(database, tmp_path / "jobs", closed, problems.told)
    jobs.register("work", lambda *_: {})
    jobs.start()
    try:
        job = jobs.submit(LOCAL, "main", "work", {})
        assert jobs.wait(job.id, 5)
        error = jobs.get(LOCAL, job.id).error
        assert error is not None and error["code"] == "not_found"
    finally:
        jobs.close(5)
