"""Jobs: how far they are, cancel, result files (任务)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse

from service.http.app_parts import InHouse, Who
from service.http.paging import Cursor, Limit, Page, mark, place
from service.http.shapes import JobOut

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

Id = Annotated[str, Path(max_length=60, description="任务的编号", examples=["5f2c9d1e0b7a4433"])]
State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}}
}


@router.get("")
def jobs(
    who: Who,
    house: InHouse,
    state: Annotated[list[State], Query(max_length=6)] = [],  # noqa: B006
    kind: Annotated[str | None, Query(max_length=40)] = None,
    collection: Annotated[str | None, Query(max_length=60)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobOut]:
    """The caller's own jobs, newest first."""
    seen = place(cursor, int)
    found = house.jobs.list(
        who,
        collection=collection,
        kind=kind,
        states=state,
        before=int(seen[0]) if seen else None,
        limit=limit + 1,
    )
    shown = found[:limit]
    return Page(
        items=[JobOut.of(job) for job in shown], next=mark(shown[-1].number) if len(found) > limit else None
    )


@router.get("/{job_id}")
def job(job_id: Id, who: Who, house: InHouse) -> JobOut:
    """One job."""
    return JobOut.of(house.jobs.get(who, job_id))


@router.delete("/{job_id}")
def cancel(job_id: Id, who: Who, house: InHouse) -> JobOut:
    """Cancel a job: at once where it waits, soon where it is under way; 409 where it has ended."""
    ended = house.jobs.cancel(who, job_id)
    house.accounts.log.write(who, "cancel", ended.collection, ended.id, ended.kind)
    return JobOut.of(ended)


@router.get("/{job_id}/files/{name}", responses=_FILE, response_class=FileResponse)
def file(
    job_id: Id, name: Annotated[str, Path(max_length=200, examples=["报告.docx"])], who: Who, house: InHouse
) -> FileResponse:
    """A file that the job made, always as a download."""
    path = house.jobs.file(who, job_id, name)
    made = house.jobs.get(who, job_id)
    house.accounts.log.write(who, "export", made.collection, made.id, made.kind)
    return FileResponse(path, media_type="application/octet-stream", filename=name)
