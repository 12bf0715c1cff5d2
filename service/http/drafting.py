"""What the routes of drafts share: whose a draft is, its input, who is writing it (起草接口).

In: a house, a caller and an id. Out: the draft, if it is theirs and nobody is writing it where that matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.errors import Conflict
from service.accounts.caller import Caller, Role
from service.desk import Desk
from service.draft import versions
from service.draft.drafting import Asked, offered, prefilled, taken_up
from service.draft.input_rows import build
from service.draft.inputs import DraftInput, Kind
from service.draft.prefill_sources import Prefilled
from service.draft.session import Work, work_of
from service.house import House
from service.http.draft_shapes import PrefillIn
from service.http.forms import DRAFT, own_draft
from service.opening import called
from service.remedies import sentence
from service.work.job import OPEN, Job

NAME = "输入表"


def mine(
    house: House, who: Caller, collection: str, draft_id: str, *, needed: Role = Role.WRITER
) -> tuple[Desk, Work]:
    """A desk and the draft on it.

    Raises:
        NotFound: it does not exist, or is somebody else's.
    """
    desk = house.desk(who, collection, needed)
    full = own_draft(house, desk, who, collection, draft_id)
    return desk, work_of(desk.library.drafts.load(full))


def writer(house: House, who: Caller, collection: str, draft_id: str) -> Job | None:
    """The job that writes a draft now, or will."""
    found = house.jobs.list(who, collection=collection, kind="draft", states=OPEN, limit=200)
    return next((job for job in found if job.payload.get("draft") == draft_id), None)


def free(house: House, who: Caller, collection: str, work: Work) -> Work:
    """The draft, if no job is writing it.

    Raises:
        Conflict: one is.
        InputError: an older program wrote the draft.
    """
    job = writer(house, who, collection, work.stored.id)
    if job is not None:
        raise Conflict("这份稿子正在写", where=job.id, remedy="请等任务结束，或先取消它")
    return versions.usable(work)


def offer(desk: Desk, wanted: PrefillIn) -> Prefilled:
    """The input that past reports offer."""
    made, fault = prefilled(desk, Kind(wanted.kind), wanted.place, wanted.year, wanted.office)
    note = () if fault is None else (f"没有为任务推定所针对的问题。{sentence(fault)}",)
    return replace(made, messages=(*made.messages, *note))


def read(desk: Desk, sheets: Mapping[str, Any]) -> DraftInput:
    """The input of the four sheets.

    Raises:
        BadTable: what stands in them cannot be, all of it in one message.
    """
    from service.draft import input_text  # PyYAML takes its time

    return build(input_text.sheets_of(sheets, NAME), NAME, desk.report)


def read_file(desk: Desk, path: Path, name: str) -> DraftInput:
    """The input of an uploaded file, under the name that its sender gave it.

    Raises:
        UnreadableFile, BadTable: it cannot be read, or what stands in it cannot be.
    """
    from service.draft.input_files import read_input

    with called(path, name):
        return replace(read_input(path, desk.report), name=name)


def begun(
    house: House, desk: Desk, who: Caller, collection: str, given: DraftInput, outline: str | None
) -> Work:
    """A new draft of the caller, with its outline and nothing written."""
    asked = Asked(outline=outline, draft="")
    work = taken_up(desk, given, offered(desk, given), asked, lambda plan: plan.outline)
    assert work is not None, "an outline that is taken as it is cannot be refused"
    house.accounts.owned.claim(DRAFT, work.stored.id, collection, who)
    house.accounts.log.write(who, "draft", collection, work.stored.id, given.basic.kind.value)
    return work
