"""Drafts over HTTP: input, outline, writing with its events, steps by hand, versions, files, and whose they are."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from service.accounts.caller import LOCAL, Role
from service.draft import input_text
from service.draft.prefill_sources import Prefilled
from service.draft.toy_draft import toy_input
from service.draft.workbook_writing import workbook
from service.house import House
from tests.houses import bearer, ended, housed, visiting

if TYPE_CHECKING:
    from service.desk import Desk

DRAFTS = "/api/v1/drafts"
SHEETS = input_text.sheets(Prefilled(toy_input()))
SIX = ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"]
GOOD = "11家卫生院中有4家缺药师。"


class Echo:
    """A model that joins the facts; while ``hold`` is set it waits with its last piece."""

    last_usage = None

    def __init__(self) -> None:
        self.calls = 0
        self.hold = threading.Event()
        self.go = threading.Event()

    def stream(self, messages: Any, **options: object) -> Iterator[str]:
        self.calls += 1
        lines = [line[2:] for line in messages[-1][1].splitlines() if line.startswith("- ")]
        yield "".join(lines[:1])
        if self.hold.is_set():
            self.go.wait(10)
        yield "".join(lines[1:])


@pytest.fixture(scope="module")
def chat() -> Echo:
    return Echo()


@pytest.fixture(scope="module")
def house(bureau: Desk, chat: Echo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with housed(bureau, tmp_path_factory.mktemp("drafts") / "home", chat) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with visiting(house) as opened:
        yield opened


Wait = Callable[[Any], dict[str, Any]]


@pytest.fixture(scope="module")
def wait(client: TestClient, house: House) -> Wait:
    """The job of an answer, when it has ended."""

    return partial(ended, client, house)


@pytest.fixture
def draft(client: TestClient) -> str:
    """A new draft, nothing of it written."""
    made = client.post(DRAFTS, json={"input": SHEETS})
    assert made.status_code == 201, made.text
    return str(made.json()["draft"])


@pytest.fixture
def written(draft: str, client: TestClient, wait: Wait) -> str:
    job = wait(client.post(f"{DRAFTS}/{draft}/write", json={}))
    assert job["state"] == "done", job["error"]
    return draft


def steps(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["key"]: step for part in told["parts"] for step in part["steps"]}


def text_of(step: dict[str, Any]) -> str:
    return "".join(sentence["text"] for sentence in step["sentences"])


def lines(client: TestClient, path: str, **options: Any) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream."""
    with client.stream("GET", path, **options) as answer:
        assert answer.status_code == 200
        got = [line for line in answer.iter_lines() if line.startswith(("event:", "data:"))]
    return [(a[7:], json.loads(b[6:])) for a, b in zip(got[::2], got[1::2], strict=True)]


# -- the input --------------------------------------------------------------------------------------


def test_an_input_is_offered_and_makes_a_draft(client: TestClient) -> None:
    asked = {"kind": "plan", "place": "澄河县", "year": 2023}
    made = client.post(f"{DRAFTS}/prefill", json=asked).json()
    row = next(row for row in made["input"]["指标"] if row["名称"] == "家庭医生签约率")
    assert (row["上年值"], row["本年值"]) == ("61.3", "66.8") and made["reports"]
    assert any("66.8" in c["quote"] for note in made["notes"] for c in note["citations"])
    begun = client.post(DRAFTS, json={"input": made["input"]})
    assert begun.status_code == 201 and begun.json()["kind"] == "plan" and begun.json()["open"] > 3


def test_an_input_as_a_file_there_and_back(client: TestClient) -> None:
    asked = {"kind": "summary", "place": "澄河县", "year": 2022}
    book = client.post(f"{DRAFTS}/prefill/file", json=asked)
    assert (
        "attachment" in book.headers["content-disposition"]
        and "UTF-8''" in book.headers["content-disposition"]
    )
    assert "指标" in load_workbook(io.BytesIO(book.content)).sheetnames
    for name, data in (
        ("输入.xlsx", workbook(Prefilled(toy_input()))),
        ("输入.yaml", input_text.yaml_text(Prefilled(toy_input())).encode()),
        ("输入.json", input_text.json_text(Prefilled(toy_input())).encode()),
    ):
        made = client.post(f"{DRAFTS}/file", files={"file": (name, data)})
        assert made.status_code == 201 and made.json()["open"] == 6, made.text
        told = client.get(f"{DRAFTS}/{made.json()['draft']}/input").json()["input"]
        assert told["问题"][0]["问题"] == "乡镇卫生院药师不足"


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        ({}, "基本信息"),
        (SHEETS | {"多余": []}, "多余"),
        (SHEETS | {"问题": [{"问题": "好", "颜色": "红"}]}, "颜色"),
        (SHEETS | {"基本信息": {"文种": "诗", "地区": "澄河县", "年度": "2022", "单位": "局"}}, "文种"),
        (SHEETS | {"指标": [{"名称": "签约率", "本年值": "3O"}]}, "3O"),
    ],
)
def test_a_bad_input_is_told_cell_by_cell(client: TestClient, sheets: dict[str, Any], told: str) -> None:
    answer = client.post(DRAFTS, json={"input": sheets})
    assert answer.status_code == 422 and answer.json()["code"] == "bad_table", answer.text
    assert told in answer.json()["detail"] + answer.json()["where"]


def test_bad_files_are_told_under_their_own_names(client: TestClient) -> None:
    for name, data in (("输入.xlsx", b"no workbook"), ("输入.exe", b"MZ"), ("输入.json", b"{")):
        answer = client.post(f"{DRAFTS}/file", files={"file": (name, data)})
        assert answer.status_code == 422 and "0001" not in answer.text, answer.text
    none = client.post(f"{DRAFTS}/file", data={"file": "输入"}, files={"other": ("a.json", b"{}")})
    assert none.status_code == 422 and "other" in none.json()["detail"]


def test_the_same_key_begins_once(client: TestClient) -> None:
    key = {"Idempotency-Key": "one-draft"}
    first = client.post(DRAFTS, json={"input": SHEETS}, headers=key).json()
    again = client.post(DRAFTS, json={"input": SHEETS}, headers=key).json()
    assert first["draft"] == again["draft"]
    other = client.post(DRAFTS, json={"input": SHEETS | {"指标": []}, "outline": "x"}, headers=key)
    assert other.status_code == 409


# -- the outline ------------------------------------------------------------------------------------


def test_an_outline_is_changed(client: TestClient, draft: str) -> None:
    text = client.get(f"{DRAFTS}/{draft}/outline").json()["text"]
    kept = "\n".join(line for line in text.splitlines() if "[2.3]" not in line)
    changed = client.put(f"{DRAFTS}/{draft}/outline", json={"text": kept.replace("存在的主要问题", "问题")})
    assert changed.json()["parts"][0]["title"] == "问题" and list(steps(changed.json())) == SIX[:5]
    anew = client.get(f"{DRAFTS}/{draft}/outline", params={"anew": True}).json()["text"]
    assert "[2.3]" in anew
    wrong = client.put(f"{DRAFTS}/{draft}/outline", json={"text": kept + "\n  [9.9] 没有"})
    assert wrong.status_code == 422 and "9.9" in wrong.json()["detail"] + wrong.json()["where"]


def test_another_input_keeps_what_it_does_not_concern(client: TestClient, written: str, wait: Wait) -> None:
    rows = [dict(row) for row in SHEETS["问题"]]
    rows[0]["表现"] = "11家卫生院中有5家没有药师"
    changed = client.put(f"{DRAFTS}/{written}/input", json={"input": SHEETS | {"问题": rows}})
    assert changed.status_code == 200, changed.text
    assert [key for key, step in steps(changed.json()).items() if step["how"] == "open"] == ["1.1"]
    wait(client.post(f"{DRAFTS}/{written}/write", json={}))
    found = client.get(f"{DRAFTS}/{written}/diff").json()
    assert (found["from"], found["to"]) == (1, 2) and [step["after"] for step in found["steps"]] == ["1.1"]
    (change,) = [c for step in found["steps"] for c in step["changes"]]
    assert (change["figures_gone"], change["figures_come"]) == (["4家"], ["5家"])


# -- writing ----------------------------------------------------------------------------------------


def test_a_job_writes_it_and_its_events_tell_how(client: TestClient, draft: str, chat: Echo) -> None:
    chat.hold.set()
    job = client.post(f"{DRAFTS}/{draft}/write", json={}).json()
    busy = client.post(f"{DRAFTS}/{draft}/write", json={})
    assert busy.status_code == 409 and busy.json()["where"] == job["id"]
    assert client.get(f"{DRAFTS}/{draft}").json()["job"] == job["id"]
    assert client.delete(f"{DRAFTS}/{draft}").status_code == 409
    threading.Timer(0.6, lambda: (chat.hold.clear(), chat.go.set())).start()
    told = lines(client, f"{DRAFTS}/{draft}/events")
    chat.go.clear()
    names = [name for name, _ in told]
    assert names[-1] == "done" and {"progress", "text", "step"} <= set(names)
    assert [data["step"]["key"] for name, data in told if name == "step"] == SIX
    assert any("11家卫生院" in data["text"] for name, data in told if name == "text")
    assert told[-1][1]["open"] == 0 and told[-1][1]["version"] == 1
    last = [data["revision"] for name, data in told if name == "step"][-1]
    after = lines(client, f"{DRAFTS}/{draft}/events", headers={"Last-Event-ID": str(last)})
    assert [name for name, _ in after] == ["done"]


def test_a_cancelled_job_keeps_what_was_written(
    client: TestClient, draft: str, chat: Echo, house: House
) -> None:
    chat.hold.set()
    before = chat.calls
    job = client.post(f"{DRAFTS}/{draft}/write", json={}).json()
    while chat.calls == before:
        house.jobs.wait(job["id"], 0.02)
    assert client.delete(f"/api/v1/jobs/{job['id']}").status_code == 200
    chat.hold.clear()
    chat.go.set()
    assert house.jobs.wait(job["id"], 20)
    chat.go.clear()
    assert client.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "cancelled"
    left = client.get(f"{DRAFTS}/{draft}").json()
    assert left["open"] > 0 and left["under_way"] and left["job"] is None


def test_one_section_is_written_again(client: TestClient, written: str, wait: Wait, chat: Echo) -> None:
    before = chat.calls
    job = wait(client.post(f"{DRAFTS}/{written}/write", json={"sections": ["1.2"]}))
    assert job["state"] == "done" and chat.calls == before + 1 and job["result"]["draft"] == written
    unknown = client.post(f"{DRAFTS}/{written}/write", json={"sections": ["7.7"]})
    assert unknown.status_code == 404 and "7.7" in unknown.json()["detail"]


def test_without_the_model(client: TestClient, draft: str, wait: Wait, chat: Echo) -> None:
    before = chat.calls
    wait(client.post(f"{DRAFTS}/{draft}/write", json={"no_model": True}))
    told = client.get(f"{DRAFTS}/{draft}").json()
    assert {step["how"] for key, step in steps(told).items() if key in SIX} == {
        "composed"
    } and chat.calls == before


# -- by hand ----------------------------------------------------------------------------------------


def test_a_text_is_checked_while_it_is_written_and_kept_when_it_is_sound(
    client: TestClient, written: str
) -> None:
    typed = "卫生院有7家缺药师。\n全县共有11家。"
    look = client.post(f"{DRAFTS}/{written}/steps/1.1/check", json={"text": typed}).json()
    (wrong,) = look["unheld"]
    assert not look["sound"] and typed[wrong["start"] : wrong["end"]] == wrong["numeral"] == "7家"
    offered = [one["text"] for one in wrong["candidates"]]
    assert sorted(offered) == ["11家", "4家"] and "11家卫生院" in wrong["candidates"][0]["citation"]["quote"]
    refused = client.put(f"{DRAFTS}/{written}/steps/1.1", json={"text": typed})
    assert refused.status_code == 422 and "7家" in refused.json()["detail"]
    assert client.post(f"{DRAFTS}/{written}/steps/1.1/check", json={"text": GOOD}).json()["sound"]
    kept = client.put(f"{DRAFTS}/{written}/steps/1.1", json={"text": GOOD}).json()
    assert (
        steps(kept)["1.1"]["how"] == "by_hand"
        and text_of(steps(kept)["1.1"]) == GOOD
        and kept["version"] == 2
    )
    empty = client.post(f"{DRAFTS}/{written}/steps/1.1/check", json={"text": " "}).json()
    assert not empty["sound"] and empty["notes"] and not empty["unheld"]
    for method in (client.put, client.post):
        path = f"{DRAFTS}/{written}/steps/9.9" + ("/check" if method == client.post else "")
        assert method(path, json={"text": GOOD}).status_code == 404


def test_an_old_version_comes_back(client: TestClient, written: str) -> None:
    first = text_of(steps(client.get(f"{DRAFTS}/{written}").json())["1.1"])
    client.put(f"{DRAFTS}/{written}/steps/1.1", json={"text": GOOD})
    back = client.post(f"{DRAFTS}/{written}/versions/1/restore").json()
    assert text_of(steps(back)["1.1"]) == first and back["version"] == 3
    every = client.get(f"{DRAFTS}/{written}/versions").json()
    assert [one["number"] for one in every] == [1, 2, 3] and every[-1]["note"] == "恢复第1版"
    second = client.get(f"{DRAFTS}/{written}", params={"version": 2}).json()
    assert text_of(steps(second)["1.1"]) == GOOD
    for path in ("versions/9/restore", "diff?from=9"):
        answer = (
            client.post(f"{DRAFTS}/{written}/{path}")
            if "restore" in path
            else client.get(f"{DRAFTS}/{written}/{path}")
        )
        assert answer.status_code == 404 and "有第1—3版" in answer.json()["detail"]


# -- files, list, removal ---------------------------------------------------------------------------


def test_both_word_files(client: TestClient, written: str, wait: Wait) -> None:
    job = wait(
        client.post(f"{DRAFTS}/{written}/files", json={"number": "栗卫发〔2023〕3号", "day": "2023-01-15"})
    )
    assert (
        job["result"]["files"] == ["成稿.docx", "成稿.核对.docx", "成稿.md"]
        and job["result"]["checklist"]["tasks"]
    )
    clean, review = (
        client.get(f"/api/v1/jobs/{job['id']}/files/{name}").content for name in job["result"]["files"][:2]
    )
    text = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(clean)).paragraphs)
    assert "公开招聘药师6名" in text and "栗卫发〔2023〕3号" in text and "2023年1月15日" in text
    assert len(review) > len(clean)
    for wrong in ({"number": "3号"}, {"day": "没有这天"}, {"version": 9}):
        assert client.post(f"{DRAFTS}/{written}/files", json=wrong).status_code in (404, 422)


def test_the_list_goes_on_page_by_page_and_removal_can_be_undone(client: TestClient, draft: str) -> None:
    first = client.get(DRAFTS, params={"limit": 1}).json()
    assert first["items"][0]["draft"] == draft and first["next"]
    more = client.get(DRAFTS, params={"limit": 1, "cursor": first["next"]}).json()
    assert more["items"] and more["items"][0]["draft"] != draft
    assert client.get(DRAFTS, params={"cursor": "x"}).status_code == 422
    assert client.delete(f"{DRAFTS}/{draft}").status_code == 204
    assert client.get(f"{DRAFTS}/{draft}").status_code == 404
    assert draft in [one["draft"] for one in client.get(DRAFTS, params={"removed": True}).json()["items"]]
    assert client.post(f"{DRAFTS}/{draft}/restore").json()["draft"] == draft
    assert client.delete(f"{DRAFTS}/{draft}", params={"forever": True}).status_code == 404
    client.delete(f"{DRAFTS}/{draft}")
    assert client.delete(f"{DRAFTS}/{draft}", params={"forever": True}).status_code == 204
    assert client.post(f"{DRAFTS}/{draft}/restore").status_code == 404


# -- whose they are ---------------------------------------------------------------------------------


def test_drafts_of_others_do_not_exist(bureau: Desk, tmp_path: Path) -> None:
    with housed(bureau, tmp_path / "home", Echo(), users=True) as house:
        roles = (("li", Role.WRITER), ("wang", Role.WRITER), ("zhao", Role.READER))
        li, wang, zhao = (bearer(house, name, role) for name, role in roles)
        with visiting(house) as client:
            mine = client.post(DRAFTS, json={"input": SHEETS}, headers=li).json()["draft"]
            theirs = client.post(DRAFTS, json={"input": SHEETS}, headers=wang).json()["draft"]
            assert mine != theirs  # the same subject, and not the same draft
            assert [one["draft"] for one in client.get(DRAFTS, headers=wang).json()["items"]] == [theirs]
            for method, path, body in (
                ("GET", "", None),
                ("GET", "/outline", None),
                ("GET", "/input", None),
                ("GET", "/versions", None),
                ("GET", "/diff", None),
                ("GET", "/events", None),
                ("PUT", "/input", {"input": SHEETS}),
                ("PUT", "/outline", {"text": "x"}),
                ("POST", "/write", {}),
                ("POST", "/files", {}),
                ("PUT", "/steps/1.1", {"text": GOOD}),
                ("POST", "/steps/1.1/check", {"text": GOOD}),
                ("POST", "/versions/1/restore", None),
                ("POST", "/restore", None),
                ("DELETE", "", None),
            ):
                for ident in (mine, mine[:6]):
                    answer = client.request(method, f"{DRAFTS}/{ident}{path}", json=body, headers=wang)
                    assert answer.status_code == 404, (method, path, answer.text)
            cover = {"draft": (None, mine), "against": (None, bureau.cards()[0].id)}
            assert client.post("/api/v1/coverage", files=cover, headers=wang).status_code == 404
            assert (
                client.post("/api/v1/audits", files={"draft": (None, mine)}, headers=wang).status_code == 404
            )
            assert client.post(DRAFTS, json={"input": SHEETS}, headers=zhao).status_code == 403
            assert client.get(f"{DRAFTS}/{mine}", headers=li).status_code == 200
        assert LOCAL.id not in {entry.person_id for entry in house.accounts.log.page(LOCAL)}
