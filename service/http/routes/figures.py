"""The ledger: every figure with its sentence, corrections, names, files (指标台账)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from corpus import aliases as tables
from corpus.aliases import Aliases
from corpus.corrections import keep
from corpus.errors import InputError, NotFound
from corpus.ledger import Row
from corpus.report import FigureKind
from service.accounts.caller import MAIN, Caller, Role
from service.desk import Desk
from service.house import House
from service.http import downloads, forms
from service.http.app_parts import InHouse, Where, Who
from service.http.paging import Cursor, Limit, Page, mark, place
from service.http.shapes import Shape
from service.http.uploads import Upload
from service.ledger import changes, proposals
from service.ledger.query import Query as Asked
from service.ledger.query import find
from service.ledger.screen import row_json
from service.opening import called
from service.papers.presenting import masked

router = APIRouter(prefix="/api/v1/figures", tags=["figures"])

RowId = Annotated[str, Field(max_length=60, examples=["1f3a5c7e9b2d:1234"])]
_Word = Annotated[str, Query(max_length=60)]
_Most = 50


class FigureOut(Shape):
    """One figure; numbers are text, so that no digit is lost. ``value`` counts in ``unit``."""

    id: str = Field(examples=["1f3a5c7e9b2d:1234"])
    report_id: str
    title: str
    place: str | None
    report_place: str | None
    issuer: str | None
    year: int | None
    indicator: str
    name: str = Field(examples=["家庭医生签约率"])
    value: str | None = Field(examples=["66.8"])
    upper: str | None
    unit: str = Field(examples=["%"])
    factor: str
    text: str = Field(examples=["66.8%"])
    qualifier: str
    when: str | None
    when_label: str | None
    as_of: str | None
    kind: FigureKind
    section: str
    path: list[str]
    masked: bool
    suspect: bool
    former: bool
    corrected: bool
    original: str
    start: int
    end: int
    sentence: list[int]
    quote: str

    @classmethod
    def of(cls, row: Row) -> FigureOut:
        """A row."""
        return cls.model_validate(masked(row_json(row)))


class CorrectionIn(Shape):
    """One field of one row; null takes the correction of this field back."""

    row: RowId
    field: str = Field(
        max_length=20, description="地方、时段、指标、数值、单位、限定、性质", examples=["数值"]
    )
    value: str | None = Field(max_length=200, examples=["12.5"])


class CorrectionsIn(Shape):
    """Corrections, kept all together or not at all."""

    changes: list[CorrectionIn] = Field(min_length=1, max_length=500)


class Corrected(Shape):
    """The rows as they are now."""

    items: list[FigureOut]


class Imported(Shape):
    """What an edited table changed."""

    changes: int
    rows: int


class DriftedOut(Shape):
    """A correction whose figure is in no report any more."""

    original: str
    field: str
    quote: str


class AliasIn(Shape):
    """Another name of an indicator."""

    name: str = Field(min_length=1, max_length=100, description="标准名", examples=["家庭医生签约率"])
    alias: str = Field(min_length=1, max_length=100, description="别名", examples=["家医签约率"])


class AliasOut(Shape):
    """A name in the table in force, and where it is written."""

    alias: str
    name: str
    unit: str
    near: str
    where: str


class ProposalOut(Shape):
    """Two names that might be one; a person decides."""

    one: str
    other: str
    unit: str
    score: float
    reports: list[int]


def asked(
    place: Annotated[list[_Word], Query(max_length=_Most, description="地方，可重复")] = [],  # noqa: B006
    year: Annotated[
        list[Annotated[int, Query(ge=1900, le=2200)]], Query(max_length=_Most, description="报告年份，可重复")
    ] = [],  # noqa: B006
    indicator: Annotated[list[_Word], Query(max_length=_Most, description="指标名，可重复")] = [],  # noqa: B006
    report: Annotated[list[_Word], Query(max_length=_Most, description="报告编号，可重复")] = [],  # noqa: B006
    kind: Annotated[list[FigureKind], Query(max_length=_Most, description="性质，可重复")] = [],  # noqa: B006
) -> Asked:
    """The filter of the ledger as query parameters."""
    return Asked(tuple(place), tuple(year), tuple(indicator), tuple(report), tuple(kind))


Filtered = Annotated[Asked, Depends(asked)]


def _found(desk: Desk, wanted: Asked) -> tuple[Row, ...]:
    return find(desk.library, wanted, Aliases.load(desk.library.home))


@router.get("")
def figures(
    who: Who,
    house: InHouse,
    wanted: Filtered,
    limit: Limit = 50,
    cursor: Cursor = None,
    collection: Where = MAIN,
) -> Page[FigureOut]:
    """Figures in reading order; 404 says what there is instead."""
    seen = place(cursor, str)
    rows = _found(house.desk(who, collection), wanted)
    start = 0
    if seen is not None:
        at = next((n for n, row in enumerate(rows) if row.id == seen[0]), None)
        if at is None:
            raise InputError("台账有变动，翻页接不上了", where="cursor", remedy="请从头开始")
        start = at + 1
    shown = rows[start : start + limit]
    more = len(rows) > start + limit
    return Page(items=[FigureOut.of(row) for row in shown], next=mark(shown[-1].id) if more else None)


@router.get("/export", response_class=Response, responses=downloads.documented(".xlsx", ".csv"))
def export(
    who: Who,
    house: InHouse,
    wanted: Filtered,
    form: Annotated[Literal["xlsx", "csv"], Query(description="文件的格式")] = "xlsx",
    collection: Where = MAIN,
) -> Response:
    """The same as a file in which no cell can run as a formula."""
    from service.ledger import files  # openpyxl is slow to load

    rows = _found(house.desk(who, collection), wanted)
    house.accounts.log.write(who, "export", collection, "figures", f"{form} {len(rows)}")
    data = files.workbook(rows) if form == "xlsx" else files.table(rows)
    return downloads.download(data, f"指标台账.{form}")


# -- corrections ------------------------------------------------------------------------------------


@router.post("/corrections")
def correct(given: CorrectionsIn, who: Who, house: InHouse, collection: Where = MAIN) -> Corrected:
    """Correct rows by hand; they keep it when the report is taken in again."""
    desk = house.desk(who, collection, Role.WRITER)
    aliases = Aliases.load(desk.library.home)
    book = changes.Book(desk.library, aliases)
    rows = [book.row(one.row, "row") for one in given.changes]
    keep(
        desk.library.database,
        [
            book.change(row, one.field, one.value, one.row)
            for row, one in zip(rows, given.changes, strict=True)
        ],
    )
    house.accounts.log.write(who, "edit", collection, "figures", f"{len(given.changes)}")
    after = changes.Book(desk.library, aliases)
    return Corrected(items=[FigureOut.of(after.row(one)) for one in dict.fromkeys(row.id for row in rows)])


@router.delete("/corrections")
def undo(
    who: Who,
    house: InHouse,
    row: Annotated[list[Annotated[str, Query(max_length=60)]], Query(min_length=1, max_length=500)],
    collection: Where = MAIN,
) -> Corrected:
    """Take back every correction of these rows."""
    desk = house.desk(who, collection, Role.WRITER)
    rows = changes.unset(desk.library, row, Aliases.load(desk.library.home))
    house.accounts.log.write(who, "edit", collection, "figures", f"undo {len(rows)}")
    return Corrected(items=[FigureOut.of(one) for one in rows])


@router.get("/corrections/adrift")
def adrift(who: Who, house: InHouse, collection: Where = MAIN) -> list[DriftedOut]:
    """Corrections that fit no figure of the reports as they are now; they wait."""
    found = changes.adrift(house.desk(who, collection).library)
    return [
        DriftedOut.model_validate(masked({"original": one.original, "field": one.field, "quote": one.quote}))
        for one in found
    ]


@router.post(
    "/corrections/file",
    openapi_extra=forms.documented(("file", "改过的导出表：.xlsx 或 .csv", True), required=("file",)),
)
async def import_file(request: Request, who: Who, house: InHouse, collection: Where = MAIN) -> Imported:
    """Corrections from an exported table that was edited; all or none."""

    def work(_: forms.Form, upload: Upload) -> Imported:
        return _import(house, who, collection, upload)

    return await forms.one_file(request, house, who, collection, "改过的导出表", work)


def _import(house: House, who: Caller, collection: str, upload: Upload) -> Imported:
    from service.ledger import files

    desk = house.desk(who, collection, Role.WRITER)
    book = changes.Book(desk.library, Aliases.load(desk.library.home))
    with called(upload.path, upload.name):
        found = files.changes_in(upload.path, book)
    keep(desk.library.database, found)
    rows = len({(one.sha256, one.position) for one in found})
    house.accounts.log.write(who, "edit", collection, "figures", f"import {rows}")
    return Imported(changes=len(found), rows=rows)


# -- names ------------------------------------------------------------------------------------------


@router.get("/aliases")
def aliases(who: Who, house: InHouse, collection: Where = MAIN) -> list[AliasOut]:
    """The table of names in force."""
    return _told(Aliases.load(house.desk(who, collection).library.home))


def _told(table: Aliases) -> list[AliasOut]:
    links = (link for found in table.links.values() for link in found)
    made = [
        AliasOut(alias=link.name, name=link.meant, unit=link.unit, near=link.near, where=link.where)
        for link in links
    ]
    return sorted(made, key=lambda one: (one.name, one.alias))


@router.post("/aliases")
def add_alias(given: AliasIn, who: Who, house: InHouse, collection: Where = MAIN) -> list[AliasOut]:
    """Note another name of an indicator."""
    desk = house.desk(who, collection, Role.WRITER)
    table = changes.add_alias(desk.library.home, given.name, given.alias, "alias")
    house.accounts.log.write(who, "edit", collection, "aliases")
    return _told(table)


@router.delete("/aliases/{alias}")
def drop_alias(
    alias: Annotated[str, Path(max_length=100, examples=["家医签约率"])],
    who: Who,
    house: InHouse,
    collection: Where = MAIN,
) -> list[AliasOut]:
    """Take one's own alias back."""
    desk = house.desk(who, collection, Role.WRITER)
    try:
        table = tables.drop(desk.library.home, alias)
    except InputError as error:
        raise NotFound(error.message, where=alias, remedy="随附的别名不能撤销") from error
    house.accounts.log.write(who, "edit", collection, "aliases")
    return _told(table)


@router.get("/proposals")
def propose(who: Who, house: InHouse, wanted: Filtered, collection: Where = MAIN) -> list[ProposalOut]:
    """Names that might mean the same; nothing is merged by itself."""
    desk = house.desk(who, collection)
    table = Aliases.load(desk.library.home)
    found = proposals.propose(find(desk.library, wanted, table), desk.likeness, table)
    return [
        ProposalOut(
            one=p.one, other=p.other, unit=p.unit, score=round(float(p.score), 4), reports=list(p.reports)
        )
        for p in found
    ]
