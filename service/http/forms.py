"""Requests that bring a text to look at: a file, a report of the library, or a draft (带稿件的请求).

In: a multipart form whose fields are named. Out: the files in the folder of a job to come, and which text is meant. An id
is checked against what the caller may open before anything is queued.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request

from corpus.errors import InputError
from service.accounts.caller import Caller, Role
from service.desk import Desk
from service.house import House
from service.http import events, uploads
from service.http.uploads import Bounds, Received, Upload
from service.work import idempotency
from service.work.job import INPUTS

T = TypeVar("T")

DRAFT = "draft"  # the kind of ownership
MOST_NAMES = 50

Key = Annotated[
    str | None,
    Header(alias=idempotency.HEADER, description="同一个键和请求只做一次", examples=[None], max_length=500),
]


@dataclass(frozen=True, slots=True)
class Form:
    """What came in; ``job_id`` is the job in whose folder the files lie."""

    job_id: str
    received: Received

    @property
    def told(self) -> dict[str, Any]:
        """What the request is told by: names and hashes of files, and the fields."""
        files = [[one.field, one.name, one.sha256] for one in self.received.files]
        return {"files": files, "fields": dict(self.received.fields)}

    def file(self, field: str) -> dict[str, str] | None:
        """The file of a field: where it is stored, and how the sender calls it."""
        for one in self.received.files:
            if one.field == field:
                return {"file": one.path.name, "name": one.name}
        return None

    def field(self, name: str) -> str:
        """A field of text, "" where there is none."""
        return self.received.fields.get(name, "").strip()

    def names(self, name: str) -> list[str]:
        """A field that holds several names, with commas between them.

        Raises:
            InputError: there are too many.
        """
        text = self.field(name).replace("，", ",").replace("、", ",")
        found = [one.strip() for one in text.split(",") if one.strip()]
        if len(found) > MOST_NAMES:
            raise InputError(f"{name} 最多{MOST_NAMES}个", where=name, remedy="请减少后重试")
        return found


async def take(request: Request, house: House, *, files: int, known: tuple[str, ...]) -> Form:
    """Take in a form.

    Args:
        request: multipart.
        house: its job folders and bounds.
        files: how many files it may bring.
        known: the names of its fields; others are refused.

    Raises:
        InputError, TooLarge: it is no such form.
    """
    job_id = house.jobs.reserve()
    folder = house.jobs.folder_of(job_id) / INPUTS
    bounds = Bounds(files, house.settings.upload_mb << 20)
    try:
        form = Form(job_id, await uploads.receive(request, folder, bounds))
        strange = {*form.received.fields, *(one.field for one in form.received.files)} - {*known}
        if strange:
            named = "、".join(sorted(name[:40] for name in strange))
            raise InputError(f"没有这些字段：{named}", remedy=f"可用的字段：{'、'.join(known)}")
    except BaseException:
        house.jobs.release(job_id)
        raise
    return form


async def one_file(
    request: Request,
    house: House,
    caller: Caller,
    collection: str,
    wanted: str,
    work: Callable[[Form, Upload], T],
) -> T:
    """Take in one file and do something short with it, off the event loop; of the request nothing is kept.

    Args:
        request: multipart, with the file in its field ``file``.
        house: its job folders and bounds.
        caller: must be a writer, which is checked before the body is read.
        collection: where.
        wanted: what the file is, for who forgot it.
        work: is given what came in, and the file of it.

    Raises:
        InputError, TooLarge: it is no such form, or there is no file in it.
    """
    await events.briefly(lambda: house.desk(caller, collection, Role.WRITER))
    form = await take(request, house, files=1, known=("file",))

    def work_on_it() -> T:
        if not form.received.files:
            raise InputError("没有文件", where="file", remedy=f"请在 file 字段放上{wanted}")
        return work(form, form.received.files[0])

    try:
        return await events.briefly(work_on_it)
    finally:
        await events.briefly(lambda: drop(house, form))


async def reviewed(
    request: Request,
    house: House,
    caller: Caller,
    collection: str,
    key: str | None,
    fields: Sequence[tuple[str, str, bool]],
    queue: Callable[[House, Caller, str, Form, str | None], T],
) -> T:
    """Take in a text and what it is held against, and queue the job, off the event loop.

    Rights are checked before the body is read: who may not is told so at once.
    """
    key = idempotency.checked(key)
    await events.briefly(lambda: house.desk(caller, collection))
    form = await take(request, house, files=2, known=tuple(name for name, _, _ in fields))
    return await events.briefly(lambda: queue(house, caller, collection, form, key))


def drop(house: House, form: Form) -> None:
    """Forget what a request brought that led to no job."""
    house.jobs.release(form.job_id)


def text_of(
    form: Form, house: House, desk: Desk, caller: Caller, collection: str, names: Mapping[str, str]
) -> dict[str, Any]:
    """Which text is meant; ``names`` says which fields hold a "file", a "report" and a "draft".

    Raises:
        InputError: none or several are given.
        NotFound: it does not exist for this caller.
    """
    found: dict[str, Any] = {}
    if "file" in names and (stored := form.file(names["file"])):
        found["file"] = stored
    for kind in ("report", "draft"):
        if kind in names and (given := form.field(names[kind])):
            found[kind] = given
    if len(found) != 1:
        some = "、".join(names.values())
        raise InputError(f"要在 {some} 中给出一项，且只给一项", where=some, remedy="请改正表单后重试")
    if "report" in found:
        return {"report": desk.library.full_id(found["report"])}
    if "draft" in found:
        return {"draft": own_draft(house, desk, caller, collection, found["draft"])}
    return dict(found["file"])


def own_draft(
    house: House, desk: Desk, caller: Caller, collection: str, draft_id: str, *, removed: bool = False
) -> str:
    """The whole id of a draft that is the caller's.

    Raises:
        NotFound: it does not exist, or is somebody else's.
    """
    drafts = desk.library.drafts
    known = [one.id for one in drafts.list(removed=removed) if one.id == draft_id]
    full = known[0] if known else draft_id
    house.accounts.owned.check(DRAFT, full, collection, caller)
    return drafts.full_id(full, removed=removed)


def documented(*fields: tuple[str, str, bool], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the OpenAPI document says of a form: (name, description, whether it is a file)."""
    properties = {
        name: {"type": "string", "description": said} | ({"format": "binary"} if is_file else {})
        for name, said, is_file in fields
    }
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
