"""The tools: search, ask, figures, compare, summarise, draft, check (工具).

In: typed arguments of a client's model. Out: typed results with sources. Every tool asks the desk that every other door
asks; what is wrong is said in words that tell what to do.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import Field

from corpus.aliases import Aliases
from corpus.errors import EndpointError, ModelError
from corpus.report import FigureKind, Filter, Genre, SectionKind
from service import making
from service.accounts.caller import MAIN, Role
from service.answer import Delta, Done, Found
from service.desk import Desk
from service.draft import telling, versions
from service.draft.drafting import Asked, offered, prefilled, taken_up, written
from service.draft.handing import Target, hand_out, official
from service.draft.inputs import DraftInput, Kind
from service.draft.session import Done as StepDone
from service.draft.session import Work
from service.ledger.query import Query, find
from service.making import Made
from service.mcp import results
from service.mcp.calling import Tell, call
from service.mcp.seats import Seat
from service.memo.columns import Request
from service.models.cutting import Stop
from service.opening import of_text
from service.papers.presenting import clean, masked
from service.phrase import Chat
from service.proof.rules import chosen
from service.remedies import sentence
from service.summary.summary import Length

Ctx = Context[Any, Any]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[Name], Field(max_length=60)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Years = Annotated[list[Year], Field(max_length=50)]
Collection = Annotated[str, Field(max_length=60, description="资料库编号，默认 main")]
DRAFT = "draft"  # the kind of ownership


class Tools:
    """The tools on a seat."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    async def search(
        self,
        context: Ctx,
        query: Annotated[
            str, Field(min_length=1, max_length=500, description="要查的内容，如：家庭医生签约率")
        ],
        places: Names = [],  # noqa: B006
        years: Years = [],  # noqa: B006
        genres: Annotated[list[Genre], Field(description="文种")] = [],  # noqa: B006
        sections: Annotated[list[SectionKind], Field(description="栏目")] = [],  # noqa: B006
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
        collection: Collection = MAIN,
    ) -> results.Passages:
        """按意思和字词查找往年报告中的段落，可按地方、年份、文种、栏目筛选。"""
        request = _request(context)

        def work(stop: Stop, tell: Tell) -> results.Passages:
            desk = self._seat.desk(request, collection, Role.READER, stop)
            wanted = Filter(
                places=tuple(places), years=tuple(years), genres=tuple(genres), kinds=tuple(sections)
            )
            hits = desk.search(query, wanted, limit)
            self._seat.asked(request, "search", collection, query)
            return results.Passages.of(hits, desk.card_table(), desk.describe())

        return await call(context, work)

    async def ask(
        self,
        context: Ctx,
        question: Annotated[
            str, Field(min_length=1, max_length=2000, description="如：澄河县2022年家庭医生签约率是多少？")
        ],
        history: Annotated[
            list[Annotated[str, Field(max_length=2000)]],
            Field(max_length=20, description="同一次对话中先前的问题，先问的在前"),
        ] = [],  # noqa: B006
        collection: Collection = MAIN,
    ) -> results.Answered:
        """向往年报告提问；每句话都注明来源，库中没有的会说明有什么。"""
        request = _request(context)

        def work(stop: Stop, tell: Tell) -> results.Answered:
            self._seat.asks(request)
            desk = self._seat.desk(
                request, collection, Role.READER, stop, lambda ahead: tell(0, 3, f"前面还有{ahead}个")
            )
            self._seat.asked(request, "ask", collection, question)
            writing = False
            for event in desk.stream(question, history):
                stop.check()
                if isinstance(event, Found):
                    tell(1, 3, f"找到{len(event.citations)}处依据")
                elif isinstance(event, Delta) and not writing:
                    writing = True
                    tell(2, 3, "正在成文并核对")
                elif isinstance(event, Done):
                    return results.Answered.of(event.answer)
            raise AssertionError("an answer ends with Done")

        return await call(context, work)

    async def figures(
        self,
        context: Ctx,
        places: Names = [],  # noqa: B006
        years: Annotated[Years, Field(description="报告的年份")] = [],  # noqa: B006
        indicators: Annotated[Names, Field(description="指标名，含这些字的都算")] = [],  # noqa: B006
        reports: Annotated[Names, Field(description="报告编号")] = [],  # noqa: B006
        kinds: Annotated[list[FigureKind], Field(description="性质：实际、目标、要求等")] = [],  # noqa: B006
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
        offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0,
        collection: Collection = MAIN,
    ) -> results.Figures:
        """指标台账：报告中的每一个数字及其原句，可按地方、年份、指标、报告、性质筛选。"""
        request = _request(context)

        def work(stop: Stop, tell: Tell) -> results.Figures:
            desk = self._seat.desk(request, collection, Role.READER, stop)
            query = Query(tuple(places), tuple(years), tuple(indicators), tuple(reports), tuple(kinds))
            rows = find(desk.library, query, Aliases.load(desk.library.home))
            shown = [results.Figure.of(row) for row in rows[offset : offset + limit]]
            return results.Figures(rows=shown, total=len(rows), offset=offset)

        return await call(context, work)

    async def compare(
        self,
        context: Ctx,
        places: Annotated[Names, Field(description="地方；与 reports 不能同时给出")] = [],  # noqa: B006
        years: Years = [],  # noqa: B006
        reports: Annotated[Names, Field(description="两份或几份报告的编号")] = [],  # noqa: B006
        indicators: Annotated[Names, Field(description="只比较这些指标")] = [],  # noqa: B006
        narrative: Annotated[bool, Field(description="主要发现是否由语言模型成文")] = True,
        collection: Collection = MAIN,
    ) -> results.Paper:
        """对比各年、各地或几份报告：指标、排名、问题与打算的变化，写成备忘录。"""
        request = _request(context)

        def work(stop: Stop, tell: Tell) -> results.Paper:
            if narrative:
                self._seat.asks(request)
            desk = self._seat.desk(request, collection, Role.READER, stop)
            tell(0, 1, "正在对齐指标")
            chat, why = _chat(desk) if narrative else (None, ())
            asked = Request(tuple(places), tuple(sorted(set(years))), tuple(reports), tuple(indicators))
            made = making.memo(desk, asked, chat, on_text=_watch(stop))
            self._seat.note(request, "memo", collection)
            return results.Paper.of(made, why)

        return await call(context, work)

    async def summarise(
        self,
        context: Ctx,
        reports: Annotated[
            Names, Field(description="报告的编号或标题，或一句话，如：2022年各县卫健局存在的共性问题")
        ] = [],  # noqa: B006
        places: Names = [],  # noqa: B006
        years: Years = [],  # noqa: B006
        genres: list[Genre] = [],  # noqa: B006
        length: Literal["short", "standard", "long"] = "standard",
        phrased: Annotated[bool, Field(description="概述是否由语言模型成文")] = True,
        collection: Collection = MAIN,
    ) -> results.Paper:
        """摘要一份报告，或归纳多份报告的共性；每句话都注明来源。"""
        request = _request(context)

        def work(stop: Stop, tell: Tell) -> results.Paper:
            if phrased:
                self._seat.asks(request)
            desk = self._seat.desk(request, collection, Role.READER, stop)
            wanted = Filter(places=tuple(places), years=tuple(years), genres=tuple(genres))
            scope = making.scope(desk, reports, wanted)
            tell(0, 1, f"正在读{len(scope.cards)}份报告")
            made = making.summary(desk, scope, Length(length), phrased=phrased, on_text=_watch(stop))
            self._seat.note(request, "summary", collection)
            return results.Paper.of(made)

        return await call(context, work)

    async def draft(
        self,
        context: Ctx,
        kind: Annotated[Kind, Field(description="problems 问题和打算、plan 工作计划、summary 工作总结")],
        place: Name,
        year: Annotated[int, Field(ge=1990, le=2100, description="计划写要计划的那一年")],
        office: Annotated[str, Field(max_length=200, description="单位，默认取自以往报告")] = "",
        sheets: Annotated[
            dict[str, Any] | None,
            Field(description="输入表：基本信息、指标、问题、任务；不给则用库中以往的报告预先填写"),
        ] = None,
        no_model: Annotated[bool, Field(description="不用语言模型，由程序组句")] = False,
        collection: Collection = MAIN,
    ) -> results.Drafted:
        """起草问题和打算、工作计划或工作总结，每个数字都有出处；存为一份新的稿子，缺的写成【待补】。"""
        request = _request(context)

        def work(stop: Stop, tell: Tell) -> results.Drafted:
            if not no_model:
                self._seat.asks(request)
            desk = self._seat.desk(request, collection, Role.WRITER, stop)
            given = _input(desk, kind, place, year, office, sheets)
            offer = offered(desk, given)
            begun = taken_up(desk, given, offer, Asked(draft=""), lambda plan: plan.outline)
            assert begun is not None, "an outline that is taken as it is cannot be refused"
            self._seat.own(request, DRAFT, begun.stored.id, collection)
            self._seat.note(request, "draft", collection, begun.stored.id)
            done = written(desk, begun, offer, _Steps(begun, stop, tell), no_model=no_model)
            return _drafted(desk, versions.usable(done))

        return await call(context, work)

    async def check(
        self,
        context: Ctx,
        text: Annotated[str, Field(min_length=1, max_length=200_000, description="稿件的文字，标题在第一行")],
        against: Annotated[Names, Field(description="只与这些报告对照：编号")] = [],  # noqa: B006
        only: Annotated[Names, Field(description="只用这些规则")] = [],  # noqa: B006
        skip: Annotated[Names, Field(description="不用这些规则")] = [],  # noqa: B006
        collection: Collection = MAIN,
    ) -> results.Review:
        """校对一篇稿件并重算其中的数：数字和标点、层次、用词、数字的出处、占比合计增减、沿用旧文、遗留。"""
        request = _request(context)

        def work(stop: Stop, tell: Tell) -> results.Review:
            desk = self._seat.desk(request, collection, Role.READER, stop)
            rules = chosen(only, skip)
            found = of_text(text, "稿件.txt")
            named = [desk.report(name) for name in against]
            tell(0, 2, "正在校对")
            proofs = making.check(desk, found, rules, named=named)
            tell(1, 2, "正在核对数值")
            audits = making.audit(desk, found)
            self._seat.note(request, "audit", collection)
            remarks = sorted((*proofs.remarks, *audits.remarks), key=lambda one: (one.start, one.end))
            return results.Review(
                findings=[results.Finding.of(one) for one in remarks],
                notes=[*proofs.told, *audits.told],
                text="\n\n".join(report.text for report in found),
            )

        return await call(context, work)


def _request(context: Ctx) -> Any:
    """The HTTP request of this very message; None over stdio."""
    return context.request_context.request


def _watch(stop: Stop) -> Any:
    def piece(text: str) -> None:
        stop.check()

    return piece


def _chat(desk: Desk) -> tuple[Chat | None, tuple[str, ...]]:
    try:
        return desk.model(), ()
    except (ModelError, EndpointError) as error:
        return None, (f"语言模型没有参加，主要发现按原样写出。{sentence(error)}",)


def _input(
    desk: Desk, kind: Kind, place: str, year: int, office: str, sheets: dict[str, Any] | None
) -> DraftInput:
    from service.draft import input_text
    from service.draft.input_rows import build

    if sheets is None:
        sheets = input_text.sheets(prefilled(desk, kind, place, year, office)[0])
    return build(input_text.sheets_of(sheets, "输入表"), "输入表", desk.report)


def _drafted(desk: Desk, work: Work) -> results.Drafted:
    handed = hand_out(work.draft, Target(), official(work.draft.given.basic), desk.report)
    told = masked(telling.handed_out(work, handed))
    from service.draft.session import opener

    made = Made(handed.checked.document, opener(work.draft.given, desk.report))
    return results.Drafted.model_validate(
        results.paper(made)
        | {"notes": list(work.draft.given.warnings), "draft": work.stored.id, "version": work.stored.versions}
        | {"steps": told["steps"], "checklist": told["checklist"]}
    )


class _Steps:
    """Tells each step of a draft as it is saved."""

    def __init__(self, work: Work, stop: Stop, tell: Tell) -> None:
        self._stop, self._tell, self._total = stop, tell, work.total

    def __call__(self, piece: str) -> None:
        """A piece of what the model writes."""
        self._stop.check()

    def done(self, done: StepDone) -> None:
        """A step is saved."""
        self._tell(done.number, self._total, f"{done.step.key} {clean(done.step.heading)}".strip())
