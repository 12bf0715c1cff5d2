"""Whether the process lives, and whether it can answer (健康检查)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from service.http.app_parts import InHouse

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    alive: bool = True


class PartState(BaseModel):
    """One thing that is needed."""

    name: str
    state: str
    detail: str = ""


class Ready(BaseModel):
    """Whether questions can be answered."""

    ready: bool
    parts: list[PartState]


@router.get("/healthz")
async def healthz() -> Alive:
    """Whether the process lives."""
    return Alive()


@router.get("/readyz", response_model=Ready, responses={503: {"model": Ready, "description": "Not yet"}})
def readyz(house: InHouse) -> JSONResponse:
    """Whether the models are loaded and the library is open; 503 until then."""
    told = house.ready()
    parts = [{"name": part.name, "state": part.state, "detail": part.detail} for part in told.parts]
    return JSONResponse({"ready": told.ready, "parts": parts}, 200 if told.ready else 503)
