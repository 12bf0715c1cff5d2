"""Invented runs over an invented county (澄河县), for the tests of the reports and for looking at the page.

In: nothing. Out: scored runs of two systems with an item of every outcome: right, wrong, refused, crashed, not
scored; and the shelf with the report that they cite, which holds a script and a telephone number.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from corpus.report import Field, Metadata, Report
from corpus.tracked import TrackedText
from eval.cases import Case, Gold, Kind, Value
from eval.reporting.judged import Run, named
from eval.reporting.shelf import Shelf
from eval.runs import Meta
from eval.scored import Marked, Scored
from eval.suites.contract import Score, Task

SCRIPT = "<script>document.title='ran'</script>"
PHONE = "13900000000"
SECRET = "6221234"  # known to its case by its hash alone
TEXT = f"""澄河县卫生健康局2023年工作总结
一、主要工作
全县组建家庭医生团队86个，重点人群签约率达到71.5%。{SCRIPT}团队每季度上门随访一次。
全年新建村卫生室23所，投入资金560万元。联系电话：{PHONE}。"""
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
SIGNATURE = {"model": "toy-1b", "model_hash": "0" * 12, "prompts": {"answer": "v1"}, "ablations": []}


def toy_report() -> Report:
    """The report of 澄河县."""
    about = Metadata(TEXT.split("\n", 1)[0], Field("澄河县", "title"), year=Field("2023", "title"))
    return Report("toy-2023", SHA256, "澄河县.txt", 0, TEXT, TrackedText.from_raw(TEXT).origin, about)


def toy_shelf() -> Shelf:
    """The shelf with that report."""
    return Shelf(reports=(toy_report(),))


def cite(quote: str) -> dict[str, Any]:
    """The citation of a stretch of it, as the JSON of an answer has it."""
    start = TEXT.index(quote)
    where = {
        "report_id": "toy-2023",
        "title": "澄河县卫生健康局2023年工作总结",
        "place": "澄河县",
        "year": 2023,
    }
    return {
        **where,
        "path": ["一、主要工作"],
        "start": start,
        "end": start + len(quote),
        "quote": quote,
    }


def answer(text: str, quote: str, *figures: str) -> dict[str, Any]:
    """An answer of one sentence with one citation."""
    cited = cite(quote)
    sentence = {"text": text, "status": "quoted", "citations": [cited], "figures": list(figures)}
    told = {"status": "answered", "text": f"{text}[1]。", "reason": "", "sentences": [sentence]}
    return {"question": "", **told, "evidence": [cited], "dropped": 1, "repaired": 0, "signature": ""}


def refusal(reason: str) -> dict[str, Any]:
    """A refused answer."""
    empty: dict[str, Any] = {"sentences": [], "evidence": [], "dropped": 0, "repaired": 0, "signature": ""}
    return {"question": "", "status": "refused", "text": reason, "reason": reason, **empty}


def case(id_: str, kind: Kind, question: str, **fields: Any) -> Case:
    """A case; one with values rests on the sentence about the teams."""
    start = TEXT.index("全县组建")
    gold = (Gold(SHA256, start, TEXT.index(SCRIPT)),) if fields.get("values") else ()
    expect: Literal["answer", "refuse"] = "answer" if gold else "refuse"
    return Case(id_, kind, question, fields.pop("split", "dev"), expect, gold=gold, **fields)


SECRET_HASH = hashlib.sha256(SECRET.encode()).hexdigest()
CASES = {
    one.id: one
    for one in (
        case("n-1", Kind.NUMBER, "澄河县组建了多少个团队？", values=(Value(Decimal(86), "个"),)),
        case("n-2", Kind.NUMBER, "签约率是多少？<b>", values=(Value(Decimal("71.5"), "%"),)),
        case(
            "c-1", Kind.COMPUTED, "每所村卫生室投入多少？", values=(Value(Decimal(24), "万元"),), split="test"
        ),
        case("p-1", Kind.UNANSWERABLE, "联系电话是多少？", forbid_sha256=(SECRET_HASH,)),
        case("l-1", Kind.LIST, "有哪些做法？", values=(Value(Decimal(1), "次"),)),
    )
}
TEAMS = "全县组建家庭医生团队86个，重点人群签约率达到71.5%。"
RIGHT = {
    "n-1": answer("澄河县组建团队86个", TEAMS, "86个"),
    "n-2": answer(f"签约率71.5%{SCRIPT}", f"重点人群签约率达到71.5%。{SCRIPT}", "71.5%"),
    "c-1": answer("平均24.3万元", "投入资金560万元。"),
    "p-1": refusal("资料里没有可以公开的电话。"),
    "l-1": refusal("没有找到。"),
}


def scored(system: str, outputs: dict[str, Any], verdicts: dict[str, bool | None], *left: str) -> Scored:
    """A run of the suite answers; an output that is text is the error that the item ended in."""
    marked = []
    for id_, output in outputs.items():
        about = CASES[id_]
        asks = {"question": about.question, "history": about.earlier}
        task = Task(id_, about.kind.value, SHA256[:12], about.split, asks, about)
        good, failed = verdicts[id_], isinstance(output, str)
        item: dict[str, Any] = {"suite": "answers", "id": id_, "system": system, "case": f"key {id_}"}
        item |= {**asks, "output": None if failed else output, "cited": []}
        item |= {"error": output if failed else "", "seconds": 1.5}
        values = {"right": None if good is None else float(good), "numeric": None}
        reasons = () if good else (f"缺：{SCRIPT}", f"电话{PHONE}")
        counts = {"numeric": (int(bool(good)), 2)} if good is not None else {}
        marked.append(Marked(task, item, Score(id_, values, good, reasons, counts)))
    meta = Meta("answers", system, SIGNATURE, "2026-01-05T08:00:00+00:00", "0" * 16)
    return Scored(meta, tuple(marked), left)


def product() -> Scored:
    """The run of the product: all right but one that could not be scored."""
    return scored("product", RIGHT, dict.fromkeys(RIGHT, True) | {"l-1": None})


def chain() -> Scored:
    """The run of the plain chain: a wrong one, a leak, a crash; the last case was not run."""
    worse = RIGHT | {"n-2": answer("签约率17.5%", TEAMS), "c-1": f"EndpointError: 断开 {PHONE}"}
    worse["p-1"] = answer(f"号码是 622-1234 或 {PHONE}", TEAMS)
    del worse["l-1"]
    verdicts: dict[str, bool | None] = {id_: id_ == "n-1" for id_ in worse}
    return scored("plain-chain", worse, verdicts, "l-1")


def toy_runs() -> tuple[Run, ...]:
    """Both, the chain being the base."""
    return named((("chain", chain()), ("product", product())))


def renamed(run: Scored, **meta: Any) -> Scored:
    """A run with another suite, system …"""
    return replace(run, meta=replace(run.meta, **meta))
