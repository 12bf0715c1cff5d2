"""What the service did, as numbers for Prometheus (运行指标)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from service.accounts.caller import Caller
from service.http import guard
from service.keeping import metrics

router = APIRouter(tags=["operations"])
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus text", "content": {"text/plain": {"example": "wenheng_ready 1.0\n"}}}
}


@router.get("/metrics", response_class=Response, responses=_TEXT)
def read(_who: Annotated[Caller, Depends(guard.monitor)]) -> Response:
    """Counts and times since the start: for an administrator, by a key for them alone, or where nobody signs in."""
    return Response(metrics.page(), media_type=metrics.CONTENT_TYPE)
