"""Backups of the whole data folder (备份)."""

from __future__ import annotations

from fastapi import APIRouter

from service.http.app_parts import InHouse, Who
from service.http.forms import Key
from service.http.shapes import JobOut
from service.keeping import backup_job
from service.work import idempotency

router = APIRouter(prefix="/api/v1/backups", tags=["operations"])


@router.post("", status_code=202)
def back_up(who: Who, house: InHouse, key: Key = None) -> JobOut:
    """Back up every collection and all accounts as a job, for an administrator of the house; its file is a zip."""
    return JobOut.of(backup_job.submit(house, who, key=idempotency.checked(key)))
