"""A collection's own Word templates: upload, list, what they would be filled with, file, removing (模板)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from service.accounts.caller import MAIN, Caller, Role
from service.draft.handing import filled_in, official
from service.house import House
from service.http import downloads, drafting, forms
from service.http.app_parts import InHouse, Where, Who
from service.http.shapes import Shape
from service.http.uploads import Upload
from service.opening import called
from service.papers.presenting import masked
from service.papers.template_shelf import SUFFIX, Kept, Shelf

router = APIRouter(prefix="/api/v1/templates", tags=["templates"])

Id = Annotated[str, Path(max_length=60, description="模板的编号", examples=["3f0a5c7e9b2d"])]
WHAT = "template"  # in the log


class TemplateOut(Shape):
    """A template; ``last`` says that the caller's last export used it."""

    id: str = Field(examples=["3f0a5c7e9b2d"])
    name: str = Field(examples=["公文模板"])
    size: int
    placeholders: list[str] = Field(examples=[["标题", "正文"]])
    added_at: str
    removed_at: str
    last: bool

    @classmethod
    def of(cls, one: Kept, *, last: bool = False) -> TemplateOut:
        """A template."""
        return cls(
            id=one.id,
            name=one.name,
            size=one.size,
            placeholders=list(one.names),
            added_at=one.added_at,
            removed_at=one.removed_at,
            last=last,
        )


class SlotOut(Shape):
    """A placeholder, what it means, and what a draft puts there; ``missing`` says that 【待补】 will stand there."""

    name: str
    meaning: str
    text: str
    missing: bool


def _shelf(house: House, who: Caller, collection: str, needed: Role = Role.READER) -> Shelf:
    return Shelf(house.desk(who, collection, needed).library.home)


@router.get("")
def templates(
    who: Who,
    house: InHouse,
    removed: Annotated[bool, Query(description="列出删除的模板")] = False,
    collection: Where = MAIN,
) -> list[TemplateOut]:
    """The templates by name, at most 50; the removed ones, which can be restored, the last removed first."""
    shelf = _shelf(house, who, collection)
    last = shelf.last(who.id)
    return [TemplateOut.of(one, last=one == last) for one in shelf.list(removed=removed)]


@router.post(
    "",
    status_code=201,
    openapi_extra=forms.documented(("file", "Word 模板：docx", True), required=("file",)),
)
async def upload(request: Request, who: Who, house: InHouse, collection: Where = MAIN) -> TemplateOut:
    """Take in a template, under the name of its file; it replaces the one that had this name."""

    def work(_: forms.Form, upload: Upload) -> TemplateOut:
        with called(upload.path, upload.name):
            made = _shelf(house, who, collection, Role.WRITER).add(upload.path, upload.name)
        house.accounts.log.write(who, "upload", collection, made.id, WHAT)
        return TemplateOut.of(made)

    return await forms.one_file(request, house, who, collection, "Word 模板", work)


@router.get("/starter", response_class=Response, responses=downloads.documented(SUFFIX))
def starter(who: Who) -> Response:
    """A template to begin with: the official layout, each placeholder explained in a Word comment."""
    from service.papers import template_starter  # python-docx is slow to load

    return downloads.download(template_starter.starter(), template_starter.NAME)


@router.get("/{template_id}")
def template(template_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> TemplateOut:
    """One template."""
    shelf = _shelf(house, who, collection)
    found = shelf.find(template_id)
    return TemplateOut.of(found, last=found == shelf.last(who.id))


@router.get("/{template_id}/file", response_class=Response, responses=downloads.documented(SUFFIX))
def file(template_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> Response:
    """The template itself."""
    form = _shelf(house, who, collection).form(template_id)
    house.accounts.log.write(who, "export", collection, template_id, WHAT)
    return downloads.download(form.data, form.name)


@router.get("/{template_id}/preview")
def preview(
    template_id: Id,
    who: Who,
    house: InHouse,
    draft: Annotated[str, Query(max_length=60, description="稿子的编号", examples=["0f3a5c7e9b2d"])],
    collection: Where = MAIN,
) -> list[SlotOut]:
    """What a draft would put in the placeholders, with the official parts that its input names."""
    desk, work = drafting.mine(house, who, collection, draft)
    form = Shelf(desk.library.home).form(template_id)
    slots = filled_in(work.draft, form, official(work.draft.given.basic))
    told = ({"name": s.name, "meaning": s.meaning, "text": s.text, "missing": not s.text} for s in slots)
    return [SlotOut.model_validate(masked(one)) for one in told]


@router.delete("/{template_id}", status_code=204, response_class=Response)
def remove(template_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> Response:
    """Remove a template; it can be restored for a while."""
    gone = _shelf(house, who, collection, Role.WRITER).remove(template_id)
    house.accounts.log.write(who, "delete", collection, gone.id, WHAT)
    return Response(status_code=204)


@router.post("/{template_id}/restore")
def restore(template_id: Id, who: Who, house: InHouse, collection: Where = MAIN) -> TemplateOut:
    """Bring a removed template back."""
    back = _shelf(house, who, collection, Role.WRITER).restore(template_id)
    house.accounts.log.write(who, "restore", collection, back.id, WHAT)
    return TemplateOut.of(back)
