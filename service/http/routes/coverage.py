"""Does a county's plan answer what its superior asks for? (对照上级要点)"""

from __future__ import annotations

from fastapi import APIRouter, Request

from service.accounts.caller import MAIN, Caller
from service.house import House
from service.http import forms
from service.http.app_parts import InHouse, Where, Who
from service.http.forms import Form, Key
from service.http.shapes import JobOut

router = APIRouter(prefix="/api/v1/coverage", tags=["coverage"])

FIELDS = (
    ("file", "本县的稿件，或起草用的输入表", True),
    ("report", "或库中报告的编号", False),
    ("draft", "或稿子的编号", False),
    ("against_file", "上级的要点或计划", True),
    ("against", "或它在库中的编号", False),
)


@router.post("", status_code=202, openapi_extra=forms.documented(*FIELDS))
async def cover(
    request: Request, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None
) -> JobOut:
    """Hold a plan against its superior's key points, as a job."""
    return await forms.reviewed(request, house, who, collection, key, FIELDS, _queued)


def _queued(house: House, who: Caller, collection: str, form: Form, key: str | None) -> JobOut:
    try:
        desk = house.desk(who, collection)
        own = {"file": "file", "report": "report", "draft": "draft"}
        above = {"file": "against_file", "report": "against"}
        payload = {
            "text": forms.text_of(form, house, desk, who, collection, own),
            "against": forms.text_of(form, house, desk, who, collection, above),
        }
        job = house.jobs.submit(
            who, collection, "coverage", payload, key=key, asked=form.told, job_id=form.job_id
        )
    except BaseException:
        forms.drop(house, form)
        raise
    house.accounts.log.write(who, "audit", collection, job.id, "coverage")
    return JobOut.of(job)
