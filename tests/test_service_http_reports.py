"""Reports over HTTP: upload as a job, lists, texts, edits, removal with undo; bounds, names, keys; every error a problem."""

from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from corpus.samples import SAMPLES
from service.accounts.caller import LOCAL
from service.house import House
from service.http.app import create_app, protect
from service.http.uploads import safe_name
from service.models.chat import FakeChat
from service.settings import load

if TYPE_CHECKING:
    from service.desk import Desk

TEXT = """溪口县卫生健康局2023年工作总结

一、工作完成情况
全县组建家庭医生团队52个，签约居民18.6万人，签约率达到67.2%。
新建村卫生室{rooms}所，改造乡镇卫生院3所。

二、存在问题
乡镇卫生院药师不足，有4家没有药师。
"""


@pytest.fixture
def house(bureau: Desk, tmp_path: Path) -> Iterator[House]:
    home = tmp_path / "home"
    shutil.copytree(bureau.settings.home, home, ignore=shutil.ignore_patterns("lock*"))
    settings = load({"WENHENG_UPLOAD_FILES": "3", "WENHENG_UPLOAD_MB": "1"}, home=home)
    with House.open(settings, embedder=bureau.embedder, chat=FakeChat(["没有模型。"])) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(protect(create_app(house)), base_url="http://127.0.0.1") as opened:
        yield opened


Upload = Callable[..., dict[str, Any]]


@pytest.fixture
def upload(client: TestClient, house: House) -> Upload:
    """upload((name, bytes), …): the finished job."""

    def run(*files: tuple[str, bytes], key: str | None = None) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        sent = client.post("/api/v1/reports", files=[("files", file) for file in files], headers=headers)
        assert sent.status_code == 202, sent.text
        assert house.jobs.wait(sent.json()["id"], 30)
        told: dict[str, Any] = client.get(f"/api/v1/jobs/{sent.json()['id']}").json()
        return told

    return run


def text(rooms: int = 8) -> bytes:
    return TEXT.format(rooms=rooms).encode()


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer is: complete, in Chinese and English."""
    told: dict[str, Any] = response.json()
    assert (response.status_code, told["code"], told["status"]) == (status, code, status), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "title_en", "detail", "detail_en", "where", "remedy"} <= set(told)
    return told


# -- taking in --------------------------------------------------------------------------------------


def test_an_upload_is_a_job_that_names_what_failed(client: TestClient, upload: Upload) -> None:
    told = upload(("溪口县2023.txt", text()), ("空的.txt", b""), ("图.png", b"\x89PNG\r\n\x1a\n0000"))
    assert told["state"] == "done"
    assert told["result"]["ingested"] == 1
    failed = {one["name"]: one["reason"] for one in told["result"]["failures"]}
    assert set(failed) == {"空的.txt", "图.png"}
    assert "PNG" in failed["图.png"]
    (report,) = client.get("/api/v1/reports", params={"place": "溪口县"}).json()["items"]
    assert (report["year"], report["source_name"]) == (2023, "溪口县2023.txt")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\win.txt", "win.txt"),
        ("/abs/olute.txt", "olute.txt"),
        ("a\x00b\n.txt", "ab.txt"),
        ("\u202egnp.txt", "gnp.txt"),
        ("..", "文件1"),
        (".hidden.txt", "hidden.txt"),
        ("~$锁.docx", "锁.docx"),
        ("长" * 300 + ".txt", "长" * 72 + ".txt"),
        ("<script>alert(1)</script>.txt", "script>.txt"),
    ],
)
def test_names_are_text_and_never_paths(name: str, kept: str) -> None:
    assert safe_name(name, 1) == kept


def test_a_hostile_name_writes_nowhere_else(client: TestClient, house: House, upload: Upload) -> None:
    before = {path for path in house.settings.home.parent.rglob("*") if "home" not in path.parts[-1:]}
    told = upload(("../../../../溪口.txt", text()))
    assert told["state"] == "done"
    fresh = set(house.settings.home.parent.rglob("*")) - before
    assert not [path for path in fresh if "溪口" in path.name]
    (report,) = client.get("/api/v1/reports", params={"place": "溪口县"}).json()["items"]
    assert report["source_name"] == "溪口.txt"


def test_what_was_uploaded_leaves_no_copy_but_the_original(upload: Upload, house: House) -> None:
    told = upload(("溪口.txt", text()))
    assert not (house.jobs.folder_of(told["id"])).exists()


def test_bounds_hold_while_the_request_comes_in(client: TestClient, house: House) -> None:
    large = client.post("/api/v1/reports", files=[("files", ("大.txt", b"x" * (1 << 20) + b"y"))])
    assert problem(large, 413, "too_large")["where"] == "大.txt"
    many = client.post("/api/v1/reports", files=[("files", (f"{n}.txt", b"x")) for n in range(4)])
    assert "3" in problem(many, 413, "too_large")["detail"]
    none = client.post("/api/v1/reports", data={"a": "b"}, files=[])
    problem(none, 422, "bad_input")
    assert not any(house.jobs.folder.glob("*")) if house.jobs.folder.exists() else True


def test_a_request_that_breaks_off_leaves_nothing(client: TestClient, house: House) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nabc'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    problem(client.post("/api/v1/reports", content=head, headers=headers), 422, "bad_input")
    problem(client.post("/api/v1/reports", content=b"no form at all", headers=headers), 422, "bad_input")
    assert not house.jobs.folder.exists() or not any(house.jobs.folder.iterdir())


def test_the_same_key_takes_the_same_files_in_once(client: TestClient, upload: Upload) -> None:
    first = upload(("溪口.txt", text()), key="k-1")
    assert upload(("溪口.txt", text()), key="k-1")["id"] == first["id"]
    other = client.post(
        "/api/v1/reports",
        files=[("files", ("溪口.txt", text(9)))],
        headers={"Idempotency-Key": "k-1"},
    )
    problem(other, 409, "conflict")
    bad = client.post(
        "/api/v1/reports", files=[("files", ("a.txt", b"x"))], headers={"Idempotency-Key": "x" * 300}
    )
    problem(bad, 422, "bad_input")


def test_an_upload_waits_for_the_one_before(client: TestClient, house: House, upload: Upload) -> None:
    with house.desk(LOCAL).library.writer():
        sent = client.post("/api/v1/reports", files=[("files", ("溪口.txt", text()))]).json()
        assert house.jobs.wait(sent["id"], 30)
    told = client.get(f"/api/v1/jobs/{sent['id']}").json()
    assert (told["state"], told["error"]["code"]) == ("failed", "library_busy")


# -- reading ----------------------------------------------------------------------------------------


def test_lists_are_paged_to_the_end_without_a_gap(client: TestClient) -> None:
    every = [one["id"] for one in client.get("/api/v1/reports").json()["items"]]
    found: list[str] = []
    cursor = None
    while True:
        page = client.get(
            "/api/v1/reports", params={"limit": 2} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(every) > 2 and found == every


def test_filters_of_the_list(client: TestClient) -> None:
    every = client.get("/api/v1/reports").json()["items"]
    one = every[0]
    params = {"place": one["place"], "year": one["year"], "genre": one["genre"]}
    assert one["id"] in [r["id"] for r in client.get("/api/v1/reports", params=params).json()["items"]]
    assert client.get("/api/v1/reports", params={"place": "没有这个县"}).json()["items"] == []
    problem(client.get("/api/v1/reports", params={"genre": "poem"}), 422, "invalid")


@pytest.mark.parametrize("cursor", ["x", "eyJ9", "W10", "WyJub3QgdGhlcmUiXQ", "é"])
def test_a_cursor_of_somebody_elses_making_is_refused(client: TestClient, cursor: str) -> None:
    problem(client.get("/api/v1/reports", params={"cursor": cursor}), 422, "bad_input")


def test_a_report_with_its_outline_text_raw_and_repairs(client: TestClient) -> None:
    card = client.get("/api/v1/reports").json()["items"][0]
    told = client.get(f"/api/v1/reports/{card['id']}").json()
    assert told["card"]["id"] == card["id"] and told["outline"]
    assert told["metadata"]["place"]["value"] == card["place"]
    heading = told["outline"][0]
    window = client.get(
        f"/api/v1/reports/{card['id']}/text",
        params={"start": heading["heading"]["start"], "end": heading["heading"]["end"]},
    ).json()
    assert heading["title"] in window["text"] and window["total"] == card["characters"]
    span = {"start": window["start"], "end": window["end"], "around": 0}
    raw = client.get(f"/api/v1/reports/{card['id']}/raw", params=span).json()
    assert heading["title"] in raw["text"].replace(" ", "")
    repairs = client.get(f"/api/v1/reports/{card['id']}/repairs").json()
    assert len(repairs["items"]) == min(50, card["repairs"])
    backwards = client.get(f"/api/v1/reports/{card['id']}/text", params={"start": 9, "end": 3})
    problem(backwards, 422, "bad_input")


def test_a_report_that_is_not_there(client: TestClient) -> None:
    for path in ("ffffffffffff", "ffffffffffff/text", "ffffffffffff/raw", "ffffffffffff/repairs"):
        told = problem(client.get(f"/api/v1/reports/{path}"), 404, "not_found")
        assert told["where"] == "ffffffffffff" and told["remedy"]


# -- changing ---------------------------------------------------------------------------------------


def test_metadata_is_edited_whole_or_not_at_all_and_taken_back(client: TestClient) -> None:
    card = client.get("/api/v1/reports").json()["items"][0]
    path = f"/api/v1/reports/{card['id']}"
    wrong = client.patch(path, json={"title": "新的标题", "year": "二零二二"})
    problem(wrong, 422, "bad_input")
    assert client.get(path).json()["card"]["title"] == card["title"]
    told = client.patch(path, json={"title": "新的标题", "issuer": ""}).json()
    assert (told["card"]["title"], told["card"]["edited"]) == ("新的标题", ["issuer", "title"])
    told = client.patch(path, json={"reset": ["title", "issuer"]}).json()
    assert (told["card"]["title"], told["card"]["edited"]) == (card["title"], [])
    problem(client.patch(path, json={"colour": "red"}), 422, "invalid")


def test_a_removed_report_is_neither_found_nor_lost(client: TestClient, upload: Upload) -> None:
    told = upload(("溪口.txt", text()))
    (report_id,) = told["result"]["report_ids"]
    client.patch(f"/api/v1/reports/{report_id}", json={"title": "我的标题"})
    assert client.delete(f"/api/v1/reports/{report_id}").status_code == 204
    problem(client.get(f"/api/v1/reports/{report_id}"), 404, "not_found")
    assert (
        client.get("/api/v1/search", params={"q": "溪口县药师不足", "place": "溪口县"}).json()["items"] == []
    )
    (kept,) = client.get("/api/v1/reports/removed").json()
    assert (kept["id"], kept["title"]) == (report_id, "我的标题")
    back = client.post(f"/api/v1/reports/{report_id}/restore")
    assert back.status_code == 200, back.text
    assert back.json()["card"]["title"] == "我的标题"
    found = client.get("/api/v1/search", params={"q": "药师不足", "place": "溪口县"}).json()["items"]
    assert found[0]["report_id"] == report_id
    assert client.get("/api/v1/reports/removed").json() == []
    problem(client.post(f"/api/v1/reports/{report_id}/restore"), 404, "not_found")


def test_one_of_the_removed_reports_of_a_file_comes_back_alone(client: TestClient, upload: Upload) -> None:
    file = next(path for path in SAMPLES.iterdir() if "合集" in path.name)
    ids = upload((file.name, file.read_bytes()))["result"]["report_ids"]
    assert len(ids) == 3
    for one in ids[:2]:
        assert client.delete(f"/api/v1/reports/{one}").status_code == 204
    assert client.post(f"/api/v1/reports/{ids[0]}/restore").status_code == 200
    assert [client.get(f"/api/v1/reports/{one}").status_code for one in ids] == [200, 404, 200]
    assert [one["id"] for one in client.get("/api/v1/reports/removed").json()] == [ids[1]]


def test_removed_for_ever_leaves_nothing(client: TestClient, upload: Upload, house: House) -> None:
    (report_id,) = upload(("溪口.txt", text()))["result"]["report_ids"]
    assert client.delete(f"/api/v1/reports/{report_id}").status_code == 204
    assert client.delete(f"/api/v1/reports/{report_id}", params={"forever": True}).status_code == 204
    assert client.get("/api/v1/reports/removed").json() == []
    left = [path for path in house.settings.home.rglob("*") if path.is_file()]
    assert not [
        path for path in left if "药师不足".encode() in path.read_bytes() and path.suffix != ".db-wal"
    ]


def test_duplicates_are_listed_taken_apart_and_merged(client: TestClient, upload: Upload) -> None:
    first = upload(("甲.txt", text()))["result"]["report_ids"][0]
    second = upload(("乙.txt", text() + b"\n"))["result"]["report_ids"][0]
    (pair,) = [
        one
        for one in client.get("/api/v1/duplicates").json()
        if {one["report_id"], one["kept_id"]} == {first, second}
    ]
    apart = client.delete(f"/api/v1/duplicates/{pair['report_id']}").json()
    assert pair["report_id"] not in [one["report_id"] for one in apart]
    merged = client.post("/api/v1/duplicates", json={"copy_id": first, "kept_id": second}).json()
    assert {"report_id": first, "kept_id": second}.items() <= next(
        one for one in merged if one["report_id"] == first
    ).items()
    problem(client.post("/api/v1/duplicates", json={"copy_id": first, "kept_id": first}), 422, "bad_input")
    problem(client.delete("/api/v1/duplicates/ffffffffffff"), 404, "not_found")


# -- the rest ---------------------------------------------------------------------------------------


def test_errors_of_the_framework_are_problems_too(client: TestClient) -> None:
    problem(client.get("/api/v1/nothing"), 404, "no_such_path")
    told = client.post("/api/v1/search")
    problem(told, 405, "method_not_allowed")
    assert told.headers["allow"] == "GET"
    problem(
        client.post("/api/v1/ask", content=b"{", headers={"content-type": "application/json"}),
        400,
        "bad_request",
    )
    assert problem(client.post("/api/v1/ask", json={}), 422, "invalid")["where"] == "body.question"
    half = client.post("/api/v1/conversations", content=b'{"question": "\\ud800", "stream": false}',
                       headers={"content-type": "application/json"})  # fmt: skip
    assert half.status_code in (200, 422), half.text
    problem(client.get("/api/v1/reports", params={"collection": "c0ffee"}), 404, "not_found")
    problem(client.get("/api/v1/reports", params={"collection": "../main"}), 404, "not_found")


def test_an_unexpected_error_tells_nothing_of_its_message(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("某人的电话")

    monkeypatch.setattr("corpus.library.Library.cards", broken)
    with TestClient(
        protect(create_app(house)), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        told = client.get("/api/v1/reports")
    assert "某人" not in str(problem(told, 500, "unexpected"))


def test_healthz_and_readyz(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"alive": True}
    told = client.get("/readyz")
    assert told.status_code == 200
    assert {part["name"]: part["state"] for part in told.json()["parts"]} == {
        "library": "ready",
        "embedding": "ready",
        "chat": "ready",
    }


def test_not_ready_while_a_model_loads_or_cannot(house: House) -> None:
    from service.work.models import Loaded

    loading: Loaded[Any] = Loaded(lambda: threading.Event().wait(5))
    loading.begin()
    house.models.chatting = loading
    with TestClient(protect(create_app(house)), base_url="http://127.0.0.1") as client:
        told = client.get("/readyz")
    assert told.status_code == 503 and not told.json()["ready"]


def test_the_document_names_one_shape_for_all_errors(client: TestClient) -> None:
    told = client.get("/api/v1/openapi.json").json()
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            if path.startswith("/api/v1"):
                said = one["responses"]["422"]["content"]
                assert list(said) == ["application/problem+json"], (method, path)
    assert io.StringIO(str(told["components"]["schemas"]["Problem"])).getvalue()
