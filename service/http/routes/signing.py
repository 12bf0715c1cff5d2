"""Signing in and out, and what is one's own: password, sessions (登录)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from corpus.errors import Conflict, Forbidden, InputError, NotFound, SignInNeeded
from service.accounts import Accounts
from service.accounts.caller import Caller
from service.accounts.passwords import LONGEST
from service.accounts.sessions import Session
from service.http import guard
from service.http.app_parts import InHouse
from service.http.guard import Known
from service.http.routes.people import Granted, granted, instant

router = APIRouter(prefix="/api/v1", tags=["登录"])


class SignIn(BaseModel):
    """Name and password."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "zhang", "password": "四 个 不 相干 的 词"}]}
    )
    name: str = Field(min_length=1, max_length=60)
    password: str = Field(min_length=1, max_length=LONGEST)


class NewPassword(BaseModel):
    """The password as it is and as it shall be."""

    model_config = ConfigDict(extra="forbid")
    old: str = Field(max_length=LONGEST)
    new: str = Field(max_length=LONGEST)


class Me(BaseModel):
    """Who asks and what they may do. ``csrf`` must come back in X-CSRF-Token with what changes things."""

    id: str
    name: str
    via: str = Field(description="local、session 或 key", examples=["session"])
    administers: bool
    everywhere: int | None = Field(description="在全部资料库中的角色：1 读者、2 编辑、3 管理员")
    grants: list[Granted]
    csrf: str


class SignedIn(BaseModel):
    """One of one's own sessions."""

    id: str
    device: str
    created: str
    seen: str
    current: bool


def _me(caller: Caller, session: Session | None) -> Me:
    return Me(
        id=caller.id,
        name=caller.name,
        via=caller.via,
        administers=caller.administers,
        everywhere=caller.everywhere,
        grants=granted(caller.grants.items()),
        csrf=session.guard if session else "",
    )


@router.post("/sign-in", response_model=Me, summary="登录")
def sign_in(request: Request, response: Response, given: SignIn, house: InHouse) -> Me:
    """Check name and password, begin a session; the one that this browser had before ends."""
    state = request.scope["state"]
    if not state["users"]:
        raise Conflict("这里不需要登录", remedy="可以直接使用")
    where, pace = guard.address(request), house.accounts.pace
    pace.try_sign_in(given.name, where)
    try:
        person = house.accounts.people.known(given.name, given.password)
    except SignInNeeded:
        house.accounts.log.write(None, "sign-in-failed", target=_whose(house.accounts, given.name))
        raise
    pace.signed_in(given.name, where)
    caller = house.accounts.people.caller(person.id, "session")
    if caller is None:
        raise Forbidden("用户已停用", remedy="请联系管理员")
    token, session = house.accounts.sessions.start(person.id, device(request), guard.token_of(request))
    guard.remember(response, token, secure=request.scope["scheme"] == "https")
    house.accounts.log.write(caller, "sign-in")
    return _me(caller, session)


def _whose(accounts: Accounts, name: str) -> str:
    """Whose name it was; what was typed there may be a password and is not kept."""
    try:
        return accounts.people.named(name).id
    except NotFound:
        return ""


@router.post("/sign-out", status_code=204, summary="退出")
def sign_out(request: Request, response: Response, who: Known, house: InHouse) -> None:
    """End the session; a key stays as it is."""
    house.accounts.sessions.end(guard.token_of(request))
    guard.forget(response, secure=request.scope["scheme"] == "https")
    house.accounts.log.write(who, "sign-out")


@router.get("/me", response_model=Me, summary="我是谁")
def me(request: Request, who: Known) -> Me:
    """Who asks, and what they may do where."""
    return _me(who, request.scope["state"]["session"])


@router.put("/me/password", response_model=Me, summary="改口令")
def change_password(
    request: Request, response: Response, given: NewPassword, who: Known, house: InHouse
) -> Me:
    """Another password; all other sessions end, this one goes on under a new token and a new ``csrf``."""
    guard.person(who)
    if who.via == "local":
        raise Conflict(
            "这里不需要登录，没有口令", remedy="要改用户的口令，请由管理员在运行服务的机器上用命令更改"
        )
    where, pace = guard.address(request), house.accounts.pace
    pace.try_sign_in(who.name, where)
    if not house.accounts.people.check_password(who.id, given.old):
        raise InputError("原口令不对", where="old", remedy="请核对后重试")
    pace.signed_in(who.name, where)
    house.accounts.people.set_password(who.id, given.new)
    token, session = house.accounts.sessions.start(who.id, device(request))
    guard.remember(response, token, secure=request.scope["scheme"] == "https")
    house.accounts.log.write(who, "password", target=who.id)
    return _me(who, session)


@router.get("/me/sessions", response_model=list[SignedIn], summary="我的登录")
def sessions(request: Request, who: Known, house: InHouse) -> list[SignedIn]:
    """Where one is signed in."""
    current: Session | None = request.scope["state"]["session"]
    return [
        SignedIn(
            id=one.id,
            device=one.device,
            created=instant(one.created),
            seen=instant(one.seen),
            current=current is not None and one.id == current.id,
        )
        for one in house.accounts.sessions.list(who.id)
    ]


@router.delete("/me/sessions/{session_id}", status_code=204, summary="结束一次登录")
def end_session(session_id: Annotated[str, Path(max_length=60)], who: Known, house: InHouse) -> None:
    """Sign out elsewhere."""
    guard.person(who)
    house.accounts.sessions.revoke(who.id, session_id)
    house.accounts.log.write(who, "sign-out", target=session_id)


def device(request: Request) -> str:
    """The browser in two words; no version, nothing by which a machine is known."""
    told = request.headers.get("user-agent", "")
    browsers = ("Edg", "Firefox", "Chrome", "Safari", "curl", "python")
    systems = ("Windows", "Android", "iPhone", "Mac OS", "Linux")
    found = [next((name for name in names if name in told), "") for names in (browsers, systems)]
    return " · ".join(name.replace("Edg", "Edge") for name in found if name) or "未知"
