"""API keys: how programs come in (接口密钥)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from corpus.errors import Conflict, Forbidden
from service.accounts.caller import Role
from service.accounts.keys import Key
from service.http import guard
from service.http.app_parts import InHouse
from service.http.guard import Known
from service.http.routes.people import ROLE_HELP, Id, RoleNumber, instant

router = APIRouter(prefix="/api/v1", tags=["密钥"])

ONLY_HELP = "metrics 只能读运行指标 /metrics，别的都打不开，只有管理员能建；空为按角色和资料库"


class KeyIn(BaseModel):
    """A new key. It allows at most what its maker may do."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "报表程序", "role": 1, "days": 90}]}
    )
    name: str = Field(min_length=1, max_length=60)
    role: RoleNumber = Field(1, description=ROLE_HELP)
    collections: list[str] | None = Field(None, max_length=100, description="null 为本人可用的全部资料库")
    days: int | None = Field(365, ge=1, le=3650, description="有效天数；null 为不限")
    only: Literal["", "metrics"] = Field("", description=ONLY_HELP)


class KeyOut(BaseModel):
    """A key as it is listed; the key itself is not kept."""

    id: str
    person_id: str
    name: str
    prefix: str
    role: RoleNumber
    collections: list[str] | None
    created: str
    used: str
    ends: str
    revoked: bool
    only: str = Field(description=ONLY_HELP)


class KeyMade(KeyOut):
    """A key that was just made; ``key`` is shown this once."""

    key: str = Field(examples=["whk_…"])


def _told(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "person_id": key.person_id,
        "name": key.name,
        "prefix": key.prefix,
        "role": int(key.role),
        "collections": None if key.collections is None else list(key.collections),
        "created": instant(key.created),
        "used": instant(key.used),
        "ends": instant(key.ends),
        "revoked": bool(key.revoked),
        "only": key.only,
    }


Everybody = Annotated[bool, Query(description="管理员可列出所有人的密钥")]


@router.get("/keys", response_model=list[KeyOut], summary="密钥列表")
def keys(who: Known, house: InHouse, everybody: Everybody = False) -> list[KeyOut]:
    """One's own keys, or everybody's for an administrator."""
    if everybody and not who.administers:
        raise Forbidden("只有管理员可以看别人的密钥", remedy="请去掉 everybody")
    return [
        KeyOut.model_validate(_told(key)) for key in house.accounts.keys.list(None if everybody else who.id)
    ]


@router.post("/keys", response_model=KeyMade, status_code=201, summary="新建密钥")
def make(given: KeyIn, who: Known, house: InHouse) -> KeyMade:
    """A new key for oneself, shown this once."""
    guard.person(who)
    if who.via == "local":
        raise Conflict("这里不需要密钥", remedy="要给用户建密钥，请由管理员在运行服务的机器上用命令建立")
    scope = None if given.collections is None else tuple(given.collections)
    token, key = house.accounts.keys.make(
        who.id, given.name, Role(given.role), scope, given.days, only=given.only
    )
    house.accounts.log.write(who, "key", target=key.id, detail=key.only or f"role={given.role}")
    return KeyMade.model_validate(_told(key) | {"key": token})


@router.delete("/keys/{key_id}", status_code=204, summary="停用密钥")
def revoke(key_id: Id, who: Known, house: InHouse) -> None:
    """The key opens nothing any more; an administrator may revoke anybody's."""
    guard.person(who)
    house.accounts.keys.revoke(key_id, None if who.administers else who.id)
    house.accounts.log.write(who, "key-revoked", target=key_id)
