"""Collections and who may use them (资料库与授权)."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from corpus.errors import Forbidden
from service.accounts.caller import Caller, Role
from service.accounts.collections import LONGEST, Collection
from service.house import House
from service.http import guard
from service.http.app_parts import InHouse
from service.http.guard import Known
from service.http.routes.people import ROLE_HELP, Administrator, Id, RoleNumber

router = APIRouter(prefix="/api/v1", tags=["资料库"])


class CollectionOut(BaseModel):
    """A collection as the caller sees it."""

    id: str = Field(examples=["main"])
    name: str = Field(examples=["主资料库"])
    role: RoleNumber = Field(description=ROLE_HELP)
    removed_at: str


class Named(BaseModel):
    """A name."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "澄河县卫生健康局"}]})
    name: str = Field(min_length=1, max_length=LONGEST)


class Member(BaseModel):
    """One to whom a collection was granted."""

    person_id: str
    name: str
    role: RoleNumber


class RoleIn(BaseModel):
    """A role."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": 1}]})
    role: RoleNumber = Field(description=ROLE_HELP)


def _told(one: Collection) -> CollectionOut:
    return CollectionOut.model_validate(
        {"id": one.id, "name": one.name, "role": int(one.role), "removed_at": one.removed_at}
    )


def _seen(house: House, who: Caller, collection: str) -> CollectionOut:
    return _told(house.accounts.collections.open(who, collection))


@router.get("/collections", response_model=list[CollectionOut], summary="资料库列表")
def collections(who: Known, house: InHouse, removed: bool = False) -> list[CollectionOut]:
    """What exists for the caller; with ``removed``, what an administrator can restore."""
    return [_told(one) for one in house.accounts.collections.list(who, removed=removed)]


@router.post(
    "/collections",
    response_model=CollectionOut,
    status_code=201,
    summary="新建资料库",
)
def create(given: Named, who: Administrator, house: InHouse) -> CollectionOut:
    """A new, empty collection."""
    made = house.accounts.collections.create(given.name)
    house.accounts.log.write(who, "collection", made, made, "create")
    return _seen(house, who, made)


@router.patch(
    "/collections/{collection}",
    response_model=CollectionOut,
    summary="改名",
)
def rename(collection: Id, given: Named, who: Known, house: InHouse) -> CollectionOut:
    """Another name; the id stays."""
    house.accounts.collections.open(who, collection, Role.ADMINISTRATOR)
    house.accounts.collections.rename(collection, given.name)
    house.accounts.log.write(who, "collection", collection, collection, "rename")
    return _seen(house, who, collection)


@router.delete("/collections/{collection}", status_code=204, summary="移除资料库")
def remove(collection: Id, who: Administrator, house: InHouse) -> None:
    """It no longer exists for anybody, until it is restored."""
    house.accounts.collections.remove(collection)
    house.let_go(collection)
    house.accounts.log.write(who, "delete", collection, collection, "collection")


@router.post(
    "/collections/{collection}/restore",
    response_model=CollectionOut,
    summary="恢复资料库",
)
def restore(collection: Id, who: Administrator, house: InHouse) -> CollectionOut:
    """Take a removal back."""
    house.accounts.collections.restore(collection)
    house.accounts.log.write(who, "restore", collection, collection, "collection")
    return _seen(house, who, collection)


# -- grants -----------------------------------------------------------------------------------------


@router.get(
    "/collections/{collection}/grants",
    response_model=list[Member],
    summary="授权列表",
)
def members(collection: Id, who: Known, house: InHouse) -> list[Member]:
    """Who was granted this collection, for its administrators."""
    house.accounts.collections.open(who, collection, Role.ADMINISTRATOR)
    return [
        Member.model_validate({"person_id": one, "name": name, "role": int(role)})
        for one, name, role in house.accounts.collections.members(collection)
    ]


@router.put(
    "/collections/{collection}/grants/{person_id}",
    status_code=204,
    summary="授权",
)
def grant(collection: Id, person_id: Id, given: RoleIn, who: Known, house: InHouse) -> None:
    """A person may do this much here from now on."""
    _may_grant(house, who, collection, person_id)
    house.accounts.people.grant(person_id, collection, Role(given.role))
    house.accounts.log.write(who, "grant", collection, person_id, f"role={given.role}")


@router.delete(
    "/collections/{collection}/grants/{person_id}",
    status_code=204,
    summary="取消授权",
)
def withdraw(collection: Id, person_id: Id, who: Known, house: InHouse) -> None:
    """A person may do nothing here from now on, unless they may everywhere."""
    _may_grant(house, who, collection, person_id)
    house.accounts.people.grant(person_id, collection, None)
    house.accounts.log.write(who, "grant", collection, person_id, "role=0")


def _may_grant(house: House, who: Caller, collection: str, person_id: str) -> None:
    guard.person(who)
    house.accounts.collections.open(who, collection, Role.ADMINISTRATOR)
    if person_id == who.id and not who.administers:
        raise Forbidden("不能改自己的授权", remedy="请由另一个管理员来改")
