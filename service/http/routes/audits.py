"""Reviews of a text before it is handed in: proofreading and recomputing (审核)."""

from __future__ import annotations

from fastapi import APIRouter, Request

from corpus.errors import InputError
from service.accounts.caller import MAIN, Caller
from service.house import House
from service.http import forms
from service.http.app_parts import InHouse, Where, Who
from service.http.forms import Form, Key
from service.http.shapes import JobOut, Shape
from service.proof.rules import ABOUT, chosen

router = APIRouter(prefix="/api/v1/audits", tags=["audits"])

CHECKS = ("check", "audit")
FIELDS = (
    ("file", "稿件：docx、pdf、html、txt、md", True),
    ("report", "或库中报告的编号", False),
    ("draft", "或稿子的编号", False),
    ("input", "起草用的输入表：xlsx、yaml、json", True),
    ("against", "只与这些报告对照：编号，几个之间用逗号", False),
    ("only", "只用这些规则：名称或组，几个之间用逗号", False),
    ("skip", "不用这些规则", False),
    ("checks", "check（校对）、audit（核对数值），默认两样都做", False),
)


class RuleOut(Shape):
    """A rule of the proofreading."""

    id: str
    group: str
    name: str
    tells: str


@router.get("/rules")
def rules(who: Who) -> list[RuleOut]:
    """The rules of the proofreading; each, or its group, can be chosen or left out."""
    return [
        RuleOut(id=rule.value, group=about.group.value, name=about.name, tells=about.tells)
        for rule, about in ABOUT.items()
    ]


@router.post("", status_code=202, openapi_extra=forms.documented(*FIELDS))
async def review(
    request: Request, who: Who, house: InHouse, collection: Where = MAIN, key: Key = None
) -> JobOut:
    """Review a text as a job; its result has the findings with their places in the text, and both documents."""
    return await forms.reviewed(request, house, who, collection, key, FIELDS, _queued)


def _queued(house: House, who: Caller, collection: str, form: Form, key: str | None) -> JobOut:
    try:
        desk = house.desk(who, collection)
        names = {"file": "file", "report": "report", "draft": "draft"}
        text = forms.text_of(form, house, desk, who, collection, names)
        checks = form.names("checks") or list(CHECKS)
        if strange := set(checks) - set(CHECKS):
            raise InputError(
                f"没有“{strange.pop()[:20]}”这种审核", where="checks", remedy="可用：check、audit"
            )
        only, skip = form.names("only"), form.names("skip")
        chosen(only, skip)
        payload = {
            "text": text,
            "input": form.file("input"),
            "against": [desk.library.full_id(name) for name in form.names("against")],
            "only": only,
            "skip": skip,
            "checks": checks,
        }
        job = house.jobs.submit(
            who, collection, "audit", payload, key=key, asked=form.told, job_id=form.job_id
        )
    except BaseException:
        forms.drop(house, form)
        raise
    house.accounts.log.write(who, "audit", collection, job.id)
    return JobOut.of(job)
