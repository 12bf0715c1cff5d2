"""Writing a draft: all of it, a section again, a step by hand; and its Word files (成稿)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path
from sse_starlette import EventSourceResponse, ServerSentEvent

from corpus.errors import NotFound
from service.accounts.caller import MAIN, Caller
from service.desk import Desk
from service.draft import session, telling, versions
from service.draft.checking import Look, look
from service.draft.drafts import Step
from service.draft.editing import years_of
from service.draft.handing import day_of, official
from service.draft.session import Work, keys_of, opener, work_of
from service.house import House
from service.http import drafting, events
from service.http.app_parts import InHouse, Where, Who
from service.http.draft_shapes import DraftOut, FilesIn, LookOut, StepIn, WriteIn
from service.http.events import Emit
from service.http.forms import Key
from service.http.routes.drafts import Id
from service.http.shapes import JobOut
from service.models.cutting import Stop
from service.papers.presenting import masked
from service.papers.template_shelf import Shelf
from service.work import idempotency

router = APIRouter(prefix="/api/v1/drafts", tags=["drafts"])

StepKey = Annotated[str, Path(max_length=60, description="步骤的编号", examples=["2.3"])]
LOOK_SECONDS = 0.25


@router.post("/{draft_id}/write", status_code=202)
def write(
    draft_id: Id, given: WriteIn, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None
) -> JobOut:
    """Write the open steps as a job, or some of them again; every step is saved when it is done."""
    key = idempotency.checked(key)
    _, work = drafting.mine(house, who, collection, draft_id)
    payload = given.model_dump() | {"draft": work.stored.id}
    job = drafting.writer(house, who, collection, work.stored.id)
    if job is None or key is None or job.payload != payload:
        drafting.free(house, who, collection, work)
    keys_of(work.draft.outline, given.sections)  # what is not in the outline is said at once
    made = house.jobs.submit(who, collection, "draft", payload, key=key)
    house.accounts.log.write(who, "draft", collection, work.stored.id, "write")
    return JobOut.of(made)


@router.get("/{draft_id}/events", response_class=EventSourceResponse, responses=events.DOCUMENTED)
async def follow(
    draft_id: Id,
    who: Who,
    house: InHouse,
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)] = None,
    collection: Where = MAIN,
) -> EventSourceResponse:
    """What becomes of a draft while it is written: `progress` (done, total, which step is next, calls that come before),
    `text` (what the model is writing for it, not yet checked), `step` (a step that is saved), then `done` with the draft or
    `error`. With Last-Event-ID (the revision that was seen) only steps that were saved later are told.
    """
    seen = int(last) if last is not None and last.isascii() and last.isdigit() else None
    watch = await events.briefly(lambda: _Watch(house, who, collection, draft_id, seen))
    return events.stream(watch.run, shape=_with_id)


def _with_id(name: str, data: dict[str, object]) -> ServerSentEvent:
    made = events.named(name, data)
    if "revision" in data:
        made.id = str(data["revision"])
    return made


class _Watch:
    """Looks at a draft and its job until the job has ended."""

    def __init__(self, house: House, who: Caller, collection: str, draft_id: str, seen: int | None) -> None:
        self._house, self._who, self._collection = house, who, collection
        self._desk, self._work = drafting.mine(house, who, collection, draft_id)
        self._told: dict[str, object] = {}
        self._progress: tuple[object, ...] = ()
        self._text = ""
        if seen is not None and seen >= self._work.stored.revision:
            self._told = {one.key: one for one in self._work.draft.written}

    def run(self, emit: Emit, stop: Stop) -> None:
        """Tell what happens."""
        ident = self._work.stored.id
        job = drafting.writer(self._house, self._who, self._collection, ident)
        while job is not None and job.open:
            job = self._house.jobs.get(self._who, job.id)
            self._steps(emit)
            self._now(emit, (job.done, job.total, job.note, job.ahead, job.state), job.text)
            if not job.open or stop.wait(LOOK_SECONDS):
                break
        stop.check()
        self._steps(emit)
        if job is not None and job.error is not None:
            emit("error", job.error)
        else:
            work = work_of(self._desk.library.drafts.load(ident))
            emit("done", DraftOut.of(work).model_dump(mode="json"))

    def _steps(self, emit: Emit) -> None:
        """The steps that were saved since the last look."""
        work = work_of(self._desk.library.drafts.load(self._work.stored.id))
        if work.stored.revision == self._work.stored.revision and self._told:
            return
        self._work = work
        steps = {step.key: step for step in work.draft.outline.steps}
        for one in work.draft.written:
            if self._told.get(one.key) != one:
                self._told[one.key] = one
                told = masked(telling.told(work.draft, steps[one.key]))
                emit("step", {"revision": work.stored.revision, "step": told})

    def _now(self, emit: Emit, progress: tuple[int, int, str, int, str], text: str) -> None:
        if progress != self._progress:
            self._progress = progress
            done, total, note, ahead, state = progress
            emit("progress", {"done": done, "total": total, "next": note, "ahead": ahead, "state": state})
        if text != self._text:
            self._text = text
            emit("text", {"text": text})


# -- by hand ----------------------------------------------------------------------------------------


@router.post("/{draft_id}/steps/{step_key}/check")
def check(
    draft_id: Id, step_key: StepKey, given: StepIn, who: Who, house: InHouse, collection: Where = MAIN
) -> LookOut:
    """Whether a text could be saved: numerals without a source, with their places and what may have been meant."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    return LookOut.model_validate(masked(_looked(desk, work, step_key, given.text).to_json()))


def _looked(desk: Desk, work: Work, step_key: str, text: str) -> Look:
    basic = work.draft.given.basic
    report = opener(work.draft.given, desk.report)
    return look(_step(work, step_key), text, report, places=(basic.place,), years=years_of(basic))


def _step(work: Work, step_key: str) -> Step:
    for step in work.draft.outline.steps:
        if step.key == step_key:
            return step
    raise NotFound("提纲里没有这一步", where=step_key, remedy="请用稿子的 parts 查看步骤的编号")


@router.put("/{draft_id}/steps/{step_key}")
def edit(
    draft_id: Id, step_key: StepKey, given: StepIn, who: Who, house: InHouse, collection: Where = MAIN
) -> DraftOut:
    """Text by hand for a step; a numeral without a source is refused, and nothing is changed."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    work = drafting.free(house, who, collection, work)
    _step(work, step_key)
    made = session.edit(desk.library.drafts, work, step_key, given.text, desk.report)
    house.accounts.log.write(who, "edit", collection, made.stored.id, f"step {step_key}")
    return DraftOut.of(made)


# -- the files --------------------------------------------------------------------------------------


@router.post("/{draft_id}/files", status_code=202)
def files(
    draft_id: Id, given: FilesIn, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None
) -> JobOut:
    """Make both Word files (成稿, 核对稿) as a job; its result has the checklist, too."""
    key = idempotency.checked(key)
    desk, work = drafting.mine(house, who, collection, draft_id)
    if given.version is not None:
        work = versions.as_of(desk.library.drafts, work, given.version)
    versions.usable(work)
    shelf = Shelf(desk.library.home)
    template = shelf.find(given.template).id if given.template else None
    parts = given.model_dump(exclude={"version", "template"})
    chosen = parts | {"day": None if given.day is None else day_of(given.day)}
    official(work.draft.given.basic, **chosen)  # a part of a wrong form is said at once
    payload = {"draft": work.stored.id, "version": given.version, "official": parts, "template": template}
    job = house.jobs.submit(who, collection, "draft-files", payload, key=key)
    house.accounts.log.write(who, "export", collection, work.stored.id, job.id)
    if template:
        shelf.use(who.id, template)
    return JobOut.of(job)
