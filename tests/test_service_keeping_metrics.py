"""Numbers for Prometheus, log lines and traces: what was done is told, and nothing of what was asked."""

from __future__ import annotations

import asyncio
import builtins
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from corpus.errors import InputError
from service.answer import Done
from service.keeping import logs, metrics, traces
from service.keeping.logs import ServiceLog, clean, event, hidden, request_id
from service.keeping.recording import Recorded
from service.keeping.watching import WatchedDesk
from service.models.chat import FakeChat, Usage
from service.settings import load
from service.work.turns import Turns

if TYPE_CHECKING:
    from service.desk import Desk


def since(name: str, **labels: str) -> Callable[[], float]:
    """How much a number has grown."""
    before = metrics.value(name, **labels)
    return lambda: metrics.value(name, **labels) - before


# -- numbers ----------------------------------------------------------------------------------------


def test_stages_and_their_failures() -> None:
    count, failed = (
        since("wenheng_stage_seconds_count", stage="t"),
        since("wenheng_stage_failures_total", stage="t"),
    )
    with metrics.observe("t"):
        pass
    with pytest.raises(ValueError), metrics.observe("t"):
        raise ValueError
    assert (count(), failed()) == (2, 1)


def test_a_desk_tells_of_searches_and_answers(bureau: Desk) -> None:
    searches = since("wenheng_stage_seconds_count", stage="search")
    refused = since("wenheng_answers_total", status="refused")
    answers = since("wenheng_stage_seconds_count", stage="answer")
    with WatchedDesk(bureau.settings, embedder=bureau.embedder, chat=FakeChat(["没有模型。"])) as desk:
        assert desk.search("签约率")
        seen = desk.seen_by(lambda: FakeChat(["没有模型。"]))
        assert isinstance(seen, WatchedDesk)  # what a caller is given counts too
        events = list(seen.stream("乌有市1990年的火星任务是什么？"))
        stream = seen.stream("澄河县2022年家庭医生签约率是多少？")
        next(stream)
        stream.close()  # the reader went away
    assert isinstance(events[-1], Done) and events[-1].answer.status == "refused"
    assert (searches(), refused(), answers()) == (1, 1, 1)


def test_the_queue_tells_of_waits_and_tokens() -> None:
    written, prompt = (
        since("wenheng_tokens_total", kind="written"),
        since("wenheng_tokens_total", kind="prompt"),
    )
    waits = since("wenheng_queue_wait_seconds_count")
    Turns().chat(FakeChat(["八个字的一句话。"]), "who").complete([("user", "四个字呢")], max_tokens=9)
    assert (written(), prompt(), waits()) == (8, 4, 1)


def test_cache_hits_of_the_prompt() -> None:
    hits, misses = (since("wenheng_cache_total", cache="prompt", result=r) for r in ("hit", "miss"))
    metrics.wrote(Usage(500, 480, 9, 1.0, 2.0))
    metrics.wrote(Usage(500, 0, 9, 1.0, 2.0))
    metrics.wrote(None)
    assert (hits(), misses()) == (1, 1)


def test_what_is_watched_is_asked_when_somebody_looks() -> None:
    states = {"queued": 2.0}
    metrics.watch("wenheng_test", "t", "state", lambda: states)
    assert 'wenheng_test{state="queued"} 2.0' in metrics.page().decode()
    states["queued"] = 3.0
    assert 'wenheng_test{state="queued"} 3.0' in metrics.page().decode()
    metrics.unwatch("wenheng_test")
    assert "wenheng_test" not in metrics.page().decode()


# -- requests ---------------------------------------------------------------------------------------


async def _ask(app: Any, headers: tuple[tuple[bytes, bytes], ...] = (), **scope: Any) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    given = {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "query_string": b"",
        "headers": list(headers),
    } | scope
    await Recorded(app)(given, None, send)  # type: ignore[arg-type]
    return sent


def answering(status: int, *, route: str = "", whole: bool = True) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if route:
            scope["route"] = type("Route", (), {"path": route})
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"abc", "more_body": not whole})

    return app


def test_requests_are_counted_by_route() -> None:
    route = "/api/v1/reports/{report_id}"
    count = since("wenheng_requests_total", method="GET", route=route, status="200")
    sent = asyncio.run(_ask(answering(200, route=route), path="/api/v1/reports/secret-id"))
    assert count() == 1 and "secret-id" not in metrics.page().decode()
    ((name, value),) = sent[0]["headers"]
    assert name == b"x-request-id" and len(value) == 16


def test_paths_without_a_route_make_one_series() -> None:
    count = since("wenheng_requests_total", method="OTHER", route="(other)", status="404")
    for path in ("/a", "/b"):
        asyncio.run(_ask(answering(404), path=path, method="BREW"))
    assert count() == 2


def test_a_client_that_went_away() -> None:
    count = since("wenheng_requests_total", method="GET", route="(other)", status="499")
    asyncio.run(_ask(answering(200, whole=False)))
    assert count() == 1


def test_an_app_that_breaks_down() -> None:
    count = since("wenheng_requests_total", method="GET", route="(other)", status="500")

    async def app(*_: Any) -> None:
        raise RuntimeError("text of a question")

    with pytest.raises(RuntimeError):
        asyncio.run(_ask(app))
    assert count() == 1


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-123-def", True), ("a\nb", False), ("x" * 65, False), ("短", False)]
)
def test_the_id_of_a_request(given: str, kept: bool) -> None:
    assert (logs.new_request(given) == given) is kept


# -- the log ----------------------------------------------------------------------------------------


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    settings = load({}, home=tmp_path)
    with ServiceLog(settings):

        def read() -> list[dict[str, Any]]:
            path = settings.log_dir / logs.FILE
            return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

        yield read


def test_a_line_is_one_json_object(lines: Callable[[], list[dict[str, Any]]], tmp_path: Path) -> None:
    token = request_id.set("abc12345")
    event("request", route="/x", status=200, ms=7)
    request_id.reset(token)
    logging.getLogger("service.other").warning("两行\n一条")
    first, second = lines()
    assert {"at", "level", "from"} <= first.keys()
    assert (first["event"], first["request"], first["status"]) == ("request", "abc12345", 200)
    assert second["event"] == "两行 一条" and "request" not in second
    assert (tmp_path / "logs" / logs.FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("联系电话13812345678", "13812345678"),
        ("身份证11010519491231002X", "11010519491231002X"),
        ("someone@example.org 来信", "someone@example.org"),
        ("Authorization: Bearer whk_a1b2c3", "whk_a1b2c3"),
        ("key " + "a1B2" * 12, "a1B2" * 12),
    ],
)
def test_personal_data_and_keys_never_reach_the_log(
    lines: Callable[[], list[dict[str, Any]]], tmp_path: Path, said: str, gone: str
) -> None:
    event("seen", note=said)
    logging.getLogger("service.other").error("%s", said)
    text = (tmp_path / "logs" / logs.FILE).read_text("utf-8")
    assert gone not in text and len(lines()) == 2


@pytest.mark.parametrize(
    "name", ["password", "api_key", "chat_key", "Authorization", "cookie", "csrf_token", "session"]
)
def test_fields_that_name_a_secret(name: str) -> None:
    assert hidden(name, "x") == "***" and hidden(name, "") == "" and hidden("route", "x") == "x"


def test_of_an_error_only_kind_and_place(lines: Callable[[], list[dict[str, Any]]], tmp_path: Path) -> None:
    try:
        raise ValueError("正文里的一句话")
    except ValueError:
        logging.getLogger("service.other").exception("failed")
    (row,) = lines()
    assert row["error"] == "ValueError" and "test_of_an_error" in row["places"][-1]
    assert "正文" not in (tmp_path / "logs" / logs.FILE).read_text("utf-8")


def test_addresses_lose_their_query(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logging.getLogger("uvicorn.error").error("GET /api/v1/search?q=某人的病历 failed")
    (row,) = lines()
    assert row["event"] == "GET /api/v1/search?… failed"


def test_long_texts_are_cut() -> None:
    assert len(clean("字" * 5000)) <= logs.LONGEST + 1


def test_the_file_turns_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOG_BYTES", 2000)
    with ServiceLog(load({}, home=tmp_path)):
        for number in range(40):
            event("line", number=number)
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) > 2 and all(path.stat().st_size <= 2200 for path in files)
    event("after")  # nothing is written any more
    assert "after" not in (tmp_path / "logs" / logs.FILE).read_text("utf-8")


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with ServiceLog(load({}, home=tmp_path)):
        event("line")


# -- traces -----------------------------------------------------------------------------------------


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces.use(provider)
    yield exporter
    traces.use(None)


def test_spans_of_stages_hold_no_text(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError), metrics.observe("export"):
        raise ValueError("正文里的一句话")
    with traces.span("search", hits=3):
        pass
    stage = traces.begin("phrase")
    stage.end()
    stage.end()
    found = {span.name: span for span in spans.get_finished_spans()}
    assert list(found) == ["export", "search", "phrase"]
    assert dict(found["export"].attributes or {}) == {"error.type": "ValueError"}
    assert not found["export"].events and dict(found["search"].attributes or {}) == {"hits": 3}


def test_spans_around_an_answer(spans: InMemorySpanExporter, bureau: Desk) -> None:
    with WatchedDesk(bureau.settings, embedder=bureau.embedder, chat=FakeChat(["没有模型。"])) as desk:
        list(desk.stream("澄河县2022年家庭医生签约率是多少？"))
    assert [span.name for span in spans.get_finished_spans()] == ["evidence", "phrase"]


def test_off_unless_asked_for(tmp_path: Path) -> None:
    traces.configure(load({}, home=tmp_path))
    assert traces._tracer is None
    with traces.span("search"):
        pass


def test_traces_stay_on_this_machine_unless_allowed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="不在本机"):
        traces.configure(load({"WENHENG_TRACES": "http://collector.example:4317"}, home=tmp_path))


def test_without_the_packages_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("opentelemetry.sdk"):
            raise ModuleNotFoundError(name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(InputError, match="没有安装") as caught:
        traces.configure(load({"WENHENG_TRACES": "console"}, home=tmp_path))
    assert "opentelemetry-sdk" in caught.value.remedy


@pytest.mark.parametrize("where", ["console", "http://127.0.0.1:9"])
def test_where_traces_go(tmp_path: Path, where: str) -> None:
    traces.configure(load({"WENHENG_TRACES": where}, home=tmp_path))
    assert traces._tracer is not None
    traces.use(None)
    assert traces._tracer is None
