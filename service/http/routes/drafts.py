"""Drafts: their input, outline, versions, and taking them away (起草)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from corpus.errors import InputError
from service.accounts.caller import MAIN, Caller, Role
from service.desk import Desk
from service.draft import telling, versions
from service.draft.drafting import Asked, offered, outlined, taken_up
from service.draft.outline import outline_text
from service.draft.prefill_sources import Prefilled
from service.draft.session import Work, draft_of, work_of
from service.house import House
from service.http import downloads, drafting, forms
from service.http.app_parts import InHouse, Where, Who
from service.http.draft_shapes import (
    DiffOut,
    DraftIn,
    DraftOut,
    DraftRow,
    OutlineIn,
    OutlineOut,
    PrefillIn,
    PrefillOut,
    VersionOut,
)
from service.http.forms import DRAFT, Key
from service.http.paging import Cursor, Limit, Page, mark, place
from service.http.uploads import Upload
from service.papers.presenting import masked
from service.work import idempotency

router = APIRouter(prefix="/api/v1/drafts", tags=["drafts"])

Id = Annotated[str, Path(max_length=60, description="稿子的编号", examples=["0f3a5c7e9b2d"])]
Number = Annotated[int, Path(ge=1, le=1_000_000)]


# -- the input --------------------------------------------------------------------------------------


@router.post("/prefill")
def prefilled(given: PrefillIn, who: Who, house: InHouse, collection: Where = MAIN) -> PrefillOut:
    """The input that past reports offer, each cell with its source; to be checked and completed."""
    from service.draft import input_text

    made = drafting.offer(house.desk(who, collection, Role.WRITER), given)
    notes = [
        {
            "sheet": one.sheet,
            "row": one.row,
            "column": one.column,
            "note": one.note,
            "citations": [citation.to_json() for citation in one.citations],
        }
        for one in made.filled
    ]
    told = {"input": input_text.sheets(made), "notes": notes, "messages": list(made.messages)}
    return PrefillOut.model_validate(masked(told) | {"reports": list(made.reports)})


@router.post(
    "/prefill/file", response_class=Response, responses=downloads.documented(".xlsx", ".yaml", ".json")
)
def prefilled_file(
    given: PrefillIn,
    who: Who,
    house: InHouse,
    form: Annotated[Literal["xlsx", "yaml", "json"], Query(description="文件的格式")] = "xlsx",
    collection: Where = MAIN,
) -> Response:
    """The same as a workbook with help and drop-down lists, or as text."""
    from service.draft import input_text
    from service.draft.workbook_writing import workbook

    made = drafting.offer(house.desk(who, collection, Role.WRITER), given)
    if form == "xlsx":
        data = workbook(made)
    else:
        data = (input_text.json_text(made) if form == "json" else input_text.yaml_text(made)).encode()
    house.accounts.log.write(who, "export", collection, "input", form)
    return downloads.download(data, f"输入表.{form}")


# -- beginning --------------------------------------------------------------------------------------


@router.post("", status_code=201)
def begin(given: DraftIn, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None) -> DraftOut:
    """A new draft with its outline; nothing is written before it is asked for."""
    desk = house.desk(who, collection, Role.WRITER)

    def make() -> dict[str, Any]:
        made = drafting.begun(house, desk, who, collection, drafting.read(desk, given.input), given.outline)
        return {"draft": made.stored.id}

    asked = [collection, given.model_dump(mode="json")]
    found, _ = idempotency.once(house.database, who.id, idempotency.checked(key), "draft", asked, make)
    desk, work = drafting.mine(house, who, collection, found["draft"])
    return DraftOut.of(work, messages=work.draft.given.warnings)


@router.post(
    "/file",
    status_code=201,
    openapi_extra=forms.documented(("file", "填好的输入表：xlsx、yaml、json", True), required=("file",)),
)
async def begin_file(
    request: Request, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None
) -> DraftOut:
    """The same from a workbook that was filled in."""
    key = idempotency.checked(key)

    def work(form: forms.Form, upload: Upload) -> DraftOut:
        return _begun(house, who, collection, form, upload, key)

    return await forms.one_file(request, house, who, collection, "填好的输入表", work)


def _begun(
    house: House, who: Caller, collection: str, form: forms.Form, upload: Upload, key: str | None
) -> DraftOut:
    desk = house.desk(who, collection, Role.WRITER)

    def make() -> dict[str, Any]:
        given = drafting.read_file(desk, upload.path, upload.name)
        return {"draft": drafting.begun(house, desk, who, collection, given, None).stored.id}

    found, _ = idempotency.once(house.database, who.id, key, "draft", [collection, form.told], make)
    desk, work = drafting.mine(house, who, collection, found["draft"])
    return DraftOut.of(work, messages=work.draft.given.warnings)


# -- looking ----------------------------------------------------------------------------------------


@router.get("")
def drafts(
    who: Who,
    house: InHouse,
    removed: Annotated[bool, Query(description="列出移除的稿子")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
    collection: Where = MAIN,
) -> Page[DraftRow]:
    """The caller's own drafts, the last used first."""
    seen = place(cursor, str)
    desk = house.desk(who, collection, Role.WRITER)
    own = house.accounts.owned.ids(DRAFT, collection, who)
    every = [one for one in desk.library.drafts.list(removed=removed) if one.id in own]
    start = 0
    if seen is not None:
        start = next((n for n, one in enumerate(every, 1) if one.id == seen[0]), -1)
        if start < 0:
            raise InputError("列表有变动，翻页接不上了", where="cursor", remedy="请从头开始")
    shown = every[start : start + limit]
    rows = [telling.row(one, draft_of(one.state, one.id)) for one in shown]
    more = len(every) > start + limit
    return Page(
        items=[DraftRow.model_validate(masked(row)) for row in rows],
        next=mark(shown[-1].id) if more else None,
    )


@router.get("/{draft_id}")
def draft(
    draft_id: Id,
    who: Who,
    house: InHouse,
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="第几版，默认是现在的")] = None,
    collection: Where = MAIN,
) -> DraftOut:
    """One draft with its steps; ``job`` is the job that is writing it."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    if version is not None:
        return DraftOut.of(versions.as_of(desk.library.drafts, work, version))
    job = drafting.writer(house, who, collection, work.stored.id)
    return DraftOut.of(work, job.id if job else None)


@router.get("/{draft_id}/input")
def input_of(draft_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> PrefillOut:
    """The input that a draft was made from."""
    from service.draft import input_text

    _, work = drafting.mine(house, who, collection, draft_id)
    sheets = input_text.sheets(Prefilled(work.draft.given))
    return PrefillOut(input=masked(sheets), notes=[], messages=[], reports=[])


@router.put("/{draft_id}/input")
def change_input(
    draft_id: Id, given: DraftIn, who: Who, house: InHouse, collection: Where = MAIN
) -> DraftOut:
    """Another input for the same draft: the steps that it does not concern stay as they are written."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    work = drafting.free(house, who, collection, work)
    return _taken(house, desk, who, collection, work, drafting.read(desk, given.input), given.outline)


def _taken(
    house: House, desk: Desk, who: Caller, collection: str, work: Work, given: Any, outline: str | None
) -> DraftOut:
    asked = Asked(outline=outline, draft=work.stored.id)
    made = taken_up(desk, given, offered(desk, given), asked, lambda plan: plan.outline)
    assert made is not None, "an outline that is taken as it is cannot be refused"
    house.accounts.log.write(who, "draft", collection, made.stored.id, "change")
    lost = tuple(f"新的提纲里没有手工改写的“{name}”，它留在上一版里" for name in made.lost)
    return DraftOut.of(made, messages=(*given.warnings, *lost))


# -- the outline ------------------------------------------------------------------------------------


@router.get("/{draft_id}/outline")
def outline(
    draft_id: Id,
    who: Who,
    house: InHouse,
    anew: Annotated[bool, Query(description="由输入表重新生成的提纲")] = False,
    collection: Where = MAIN,
) -> OutlineOut:
    """The outline as text that can be edited and sent back."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    found = work.draft.outline
    if anew:
        given = work.draft.given
        found = outlined(desk, given, offered(desk, given), Asked(draft="")).outline
    return OutlineOut(text=masked(outline_text(found)), title=masked(found.title))


@router.put("/{draft_id}/outline")
def change_outline(
    draft_id: Id, given: OutlineIn, who: Who, house: InHouse, collection: Where = MAIN
) -> DraftOut:
    """Take an edited outline; the steps that are in it keep what was written."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    work = drafting.free(house, who, collection, work)
    return _taken(house, desk, who, collection, work, work.draft.given, given.text)


# -- versions ---------------------------------------------------------------------------------------


@router.get("/{draft_id}/versions")
def every_version(draft_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> list[VersionOut]:
    """The versions of a draft, the first one first."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    return [VersionOut.of(one) for one in desk.library.drafts.versions(work.stored.id)]


@router.get("/{draft_id}/diff")
def diff(
    draft_id: Id,
    who: Who,
    house: InHouse,
    old: Annotated[int | None, Query(alias="from", ge=1, le=1_000_000)] = None,
    new: Annotated[int | None, Query(alias="to", ge=1, le=1_000_000)] = None,
    collection: Where = MAIN,
) -> DiffOut:
    """What changed between two versions, by default the last two; what is under way counts as one."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    before, after, found = versions.compared(desk.library.drafts, work.stored.id, old, new)
    return DiffOut.model_validate(masked(telling.difference(work.stored.id, before, after, found)))


@router.post("/{draft_id}/versions/{number}/restore")
def bring_back(draft_id: Id, number: Number, who: Who, house: InHouse, collection: Where = MAIN) -> DraftOut:
    """An old version as the newest one; what is there stays as a version."""
    desk, work = drafting.mine(house, who, collection, draft_id)
    drafting.free(house, who, collection, work)
    made = versions.brought_back(desk.library.drafts, work.stored.id, number)
    house.accounts.log.write(who, "restore", collection, made.stored.id, f"version {number}")
    return DraftOut.of(made)


# -- taking away ------------------------------------------------------------------------------------


@router.delete("/{draft_id}", status_code=204, response_class=Response)
def remove(
    draft_id: Id,
    who: Who,
    house: InHouse,
    forever: Annotated[bool, Query(description="彻底删除已移除的稿子")] = False,
    collection: Where = MAIN,
) -> Response:
    """Take a draft out of the list; ``forever`` deletes one that was taken out before, with all versions."""
    desk = house.desk(who, collection, Role.WRITER)
    full = forms.own_draft(house, desk, who, collection, draft_id, removed=forever)
    drafting.free(house, who, collection, work_of(desk.library.drafts.load(full))) if not forever else None
    drafts_ = desk.library.drafts
    (drafts_.delete if forever else drafts_.remove)([full])
    if forever:
        house.accounts.owned.release(DRAFT, full, collection)
    house.accounts.log.write(who, "delete", collection, full, "draft forever" if forever else "draft")
    return Response(status_code=204)


@router.post("/{draft_id}/restore")
def restore(draft_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> DraftOut:
    """Bring a removed draft back."""
    desk = house.desk(who, collection, Role.WRITER)
    full = forms.own_draft(house, desk, who, collection, draft_id, removed=True)
    desk.library.drafts.restore([full])
    house.accounts.log.write(who, "restore", collection, full, "draft")
    return DraftOut.of(work_of(desk.library.drafts.load(full)))
