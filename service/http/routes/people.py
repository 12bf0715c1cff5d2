"""People and their roles, for administrators (用户)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from service.accounts.caller import Caller, Role
from service.accounts.passwords import LONGEST
from service.accounts.people import Person
from service.http import guard
from service.http.app_parts import InHouse

router = APIRouter(prefix="/api/v1", tags=["用户"])

RoleNumber = Literal[1, 2, 3]
ROLE_HELP = "1 读者、2 编辑、3 管理员"
Id = Annotated[str, Path(max_length=60, examples=["9f86d081884c7d65"])]


class Granted(BaseModel):
    """A role in one collection."""

    collection: str
    role: RoleNumber = Field(description=ROLE_HELP)


class PersonOut(BaseModel):
    """One who may sign in."""

    id: str
    name: str
    everywhere: RoleNumber | None = Field(description=f"在全部资料库中的角色：{ROLE_HELP}；null 为逐个授权")
    grants: list[Granted]
    created_at: str
    signed_in_at: str
    disabled: bool


class PersonIn(BaseModel):
    """A new person."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "li", "password": "四 个 不 相干 的 词", "everywhere": 1}]},
    )
    name: str = Field(min_length=1, max_length=60)
    password: str = Field(max_length=LONGEST)
    everywhere: RoleNumber | None = Field(None, description=ROLE_HELP)


class PersonChange(BaseModel):
    """What changes of a person; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"disabled": True}]})
    everywhere: RoleNumber | None = Field(None, description=f"{ROLE_HELP}；null 为逐个授权")
    disabled: bool = False
    password: str = Field("", max_length=LONGEST)


Heir = Annotated[str, Query(description="接手其会话和稿子的用户", max_length=60)]


def granted(grants: Iterable[tuple[str, Role]]) -> list[Granted]:
    """Roles as the API tells them."""
    return [Granted.model_validate({"collection": name, "role": int(role)}) for name, role in grants]


def instant(seconds: int) -> str:
    """Seconds since 1970 as the API tells times, "" for 0."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else ""


def told(person: Person) -> PersonOut:
    """A person as the API tells them."""
    return PersonOut.model_validate(
        {
            "id": person.id,
            "name": person.name,
            "everywhere": None if person.everywhere is None else int(person.everywhere),
            "grants": granted(person.grants),
            "created_at": person.created_at,
            "signed_in_at": person.signed_in_at,
            "disabled": bool(person.disabled_at),
        }
    )


Administrator = Annotated[Caller, Depends(guard.administrator)]


@router.get("/people", response_model=list[PersonOut], summary="用户列表")
def people(who: Administrator, house: InHouse) -> list[PersonOut]:
    """Everybody who may sign in."""
    return [told(person) for person in house.accounts.people.list()]


@router.post("/people", response_model=PersonOut, status_code=201, summary="新增用户")
def add(given: PersonIn, who: Administrator, house: InHouse) -> PersonOut:
    """A new person; without ``everywhere`` they see nothing until a collection is granted."""
    guard.person(who)
    role = None if given.everywhere is None else Role(given.everywhere)
    person = house.accounts.people.add(given.name, given.password, role)
    house.accounts.log.write(who, "person", target=person.id, detail=f"add role={int(role or 0)}")
    return told(person)


@router.get("/people/{person_id}", response_model=PersonOut, summary="一个用户")
def one(person_id: Id, who: Administrator, house: InHouse) -> PersonOut:
    """One person."""
    return told(house.accounts.people.get(person_id))


@router.patch("/people/{person_id}", response_model=PersonOut, summary="修改用户")
def change(person_id: Id, given: PersonChange, who: Administrator, house: InHouse) -> PersonOut:
    """Role, password, disabled or not. Each ends or narrows open sessions at once."""
    guard.person(who)
    house.accounts.people.get(person_id)
    if "everywhere" in given.model_fields_set:
        role = None if given.everywhere is None else Role(given.everywhere)
        house.accounts.people.set_role(person_id, role)
        house.accounts.log.write(who, "role", target=person_id, detail=f"role={int(role or 0)}")
    if "disabled" in given.model_fields_set:
        (house.accounts.people.disable if given.disabled else house.accounts.people.enable)(person_id)
        house.accounts.log.write(
            who, "person", target=person_id, detail="disable" if given.disabled else "enable"
        )
    if given.password:
        house.accounts.people.set_password(person_id, given.password)
        house.accounts.log.write(who, "password", target=person_id)
    return told(house.accounts.people.get(person_id))


@router.delete("/people/{person_id}", status_code=204, summary="删除用户")
def remove(person_id: Id, who: Administrator, house: InHouse, heir: Heir = "") -> None:
    """Remove a person with sessions, keys and grants; chats and drafts go to ``heir`` where one is named."""
    guard.person(who)
    house.accounts.people.get(person_id)
    if heir:
        house.accounts.people.get(heir)
    house.accounts.people.remove(person_id)
    moved = house.accounts.owned.hand_over(person_id, heir) if heir else 0
    house.accounts.log.write(who, "person", target=person_id, detail=f"remove moved={moved}")
