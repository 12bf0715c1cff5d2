"""Ledger, summaries, memos, reviews, coverage and exports over HTTP: results, files, bad input, other people's ids."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from corpus.errors import EngineFailed
from service.accounts.caller import LOCAL, Role
from service.house import House
from service.models.chat import FakeChat
from tests.houses import bearer, ended, housed, visiting

if TYPE_CHECKING:
    from service.desk import Desk

COMPARED = "澄河县2022年和2021年家庭医生签约率相差多少？"
TEXT = """澄河县卫生健康局2023年工作总结

一、工作完成情况
全县共培训3百人，其中男200人，占50%。家庭医生签约率为66.8%。
"""
FORMULA = """=HYPERLINK("http://evil.example","点这里")县卫生健康局2023年工作总结

一、工作完成情况
=1+1|'cmd 家庭医生签约率为61.2%。
"""


@pytest.fixture(scope="module")
def house(bureau: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    chat = FakeChat([EngineFailed("没有模型")])
    with housed(bureau, tmp_path_factory.mktemp("papers") / "home", chat) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with visiting(house) as opened:
        yield opened


Wait = Callable[[Any], dict[str, Any]]


@pytest.fixture(scope="module")
def wait(client: TestClient, house: House) -> Wait:
    """The result of the job of an answer."""

    def result(answer: Any) -> dict[str, Any]:
        told = ended(client, house, answer)
        assert told["state"] == "done", told["error"]
        return dict(told["result"]) | {"job": told["id"]}

    return result


def word(client: TestClient, result: dict[str, Any]) -> str:
    """The text of the Word file of a result."""
    name = next(name for name in result["files"] if name.endswith(".docx"))
    answer = client.get(f"/api/v1/jobs/{result['job']}/files/{name}")
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(answer.content)).paragraphs)


def ident(client: TestClient, place: str, year: int) -> str:
    cards = client.get("/api/v1/reports", params={"place": place, "year": year}).json()["items"]
    return str(cards[0]["id"])


# -- the ledger -------------------------------------------------------------------------------------


def test_figures_page_by_page(client: TestClient) -> None:
    asked: dict[str, Any] = {"indicator": "签约率", "place": "澄河县"}
    whole = client.get("/api/v1/figures", params=asked).json()
    assert whole["next"] is None and {row["place"] for row in whole["items"]} == {"澄河县"}
    got, cursor = [], None
    for _ in range(50):
        page = client.get(
            "/api/v1/figures", params=asked | {"limit": 1} | ({"cursor": cursor} if cursor else {})
        )
        got += page.json()["items"]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert got == whole["items"] and len(got) > 2
    assert all(row["text"] in row["quote"] for row in got)
    none = client.get("/api/v1/figures", params={"place": "火星县"})
    assert none.status_code == 404 and "澄河县" in none.json()["remedy"]


def test_a_correction_is_kept_told_and_taken_back(client: TestClient) -> None:
    params = {"indicator": "家庭医生签约率", "place": "澄河县", "year": 2022}
    row = client.get("/api/v1/figures", params=params).json()["items"][0]
    change = {"changes": [{"row": row["id"], "field": "数值", "value": "67.1"}]}
    (made,) = client.post("/api/v1/figures/corrections", json=change).json()["items"]
    assert (made["value"], made["original"], made["corrected"]) == ("67.1", row["text"], True)
    assert client.get("/api/v1/figures", params=params).json()["items"][0]["value"] == "67.1"
    for wrong, status in (
        ({"row": "nothing", "field": "数值", "value": "1"}, 404),
        ({"row": row["id"], "field": "颜色", "value": "1"}, 422),
        ({"row": row["id"], "field": "数值", "value": "很多"}, 422),
    ):
        both = {"changes": [{"row": row["id"], "field": "数值", "value": "99"}, wrong]}
        assert client.post("/api/v1/figures/corrections", json=both).status_code == status
    assert client.get("/api/v1/figures", params=params).json()["items"][0]["value"] == "67.1"  # all or none
    (back,) = client.delete("/api/v1/figures/corrections", params={"row": row["id"]}).json()["items"]
    assert back["value"] == row["value"] and not back["corrected"]
    assert client.delete("/api/v1/figures/corrections", params={"row": row["id"]}).status_code == 404
    assert client.get("/api/v1/figures/corrections/adrift").json() == []


def test_the_ledger_as_a_file_and_back(client: TestClient) -> None:
    params = {"place": "澄河县", "indicator": "签约率"}
    book = load_workbook(io.BytesIO(client.get("/api/v1/figures/export", params=params).content))
    sheet = book["指标台账"]
    header = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, header.index("地方") + 1).value == "澄河县"
    text = client.get("/api/v1/figures/export", params=params | {"form": "csv"}).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    lines[1][header.index("数值")] = "70"
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    answer = client.post(
        "/api/v1/figures/corrections/file", files={"file": ("台账.csv", out.getvalue().encode())}
    )
    assert answer.json() == {"changes": 1, "rows": 1}
    client.delete("/api/v1/figures/corrections", params={"row": lines[1][0]})
    for name, data in (("台账.csv", b"a,b"), ("台账.xlsx", b"PK"), ("台账.exe", b"MZ")):
        bad = client.post("/api/v1/figures/corrections/file", files={"file": (name, data)})
        assert bad.status_code == 422 and "0001" not in bad.text, bad.text


def test_nothing_in_an_exported_cell_runs(bureau: Desk, tmp_path: Path) -> None:
    with housed(bureau, tmp_path / "home", FakeChat(["好。"])) as house:
        page = tmp_path / "报告.txt"
        page.write_text(FORMULA, encoding="utf-8")
        assert not house.desk(LOCAL, needed=Role.WRITER).ingest([page]).failures
        with visiting(house) as client:
            params = {"indicator": "签约率"}
            book = client.get("/api/v1/figures/export", params=params).content
            table = client.get("/api/v1/figures/export", params=params | {"form": "csv"}).content
    cells = [cell for line in load_workbook(io.BytesIO(book))["指标台账"].iter_rows() for cell in line]
    assert any(str(cell.value).startswith("=") for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)
    assert not any(
        cell.startswith(("=", "+", "@"))
        for line in csv.reader(io.StringIO(table.decode("utf-8-sig")))
        for cell in line
    )


def test_names_of_indicators(client: TestClient) -> None:
    made = client.post(
        "/api/v1/figures/aliases", json={"name": "家庭医生签约率", "alias": "家医签约比例"}
    ).json()
    assert {"家医签约比例"} <= {one["alias"] for one in made}
    for name, alias in (("甲率", "乙率\n丙率 = 丁率"), (" ", "甲率"), ("甲率", "甲#率"), ("甲=乙", "丙")):
        answer = client.post("/api/v1/figures/aliases", json={"name": name, "alias": alias})
        assert answer.status_code == 422, (name, alias)
    left = client.delete("/api/v1/figures/aliases/家医签约比例").json()
    assert "家医签约比例" not in {one["alias"] for one in left}
    assert client.delete("/api/v1/figures/aliases/家医签约比例").status_code == 404
    assert isinstance(client.get("/api/v1/figures/proposals").json(), list)


# -- summaries and memos ----------------------------------------------------------------------------


def test_a_summary_as_a_job_and_as_a_stream(client: TestClient, wait: Wait) -> None:
    asked = {"places": ["澄河县"], "years": [2022], "length": "short"}
    result = wait(client.post("/api/v1/summaries", json=asked))
    assert result["document"]["title"] == "澄河县卫生健康局2022年工作总结摘要" and "存在问题" in word(
        client, result
    )
    assert "没有作答" in result["document"]["gaps"][0]  # the model is away, and that is said
    with client.stream("POST", "/api/v1/summaries/stream", json=asked | {"model": False}) as answer:
        got = [line for line in answer.iter_lines() if line.startswith(("event:", "data:"))]
    names = [line[7:] for line in got[::2]]
    assert names[-1] == "done" and names.count("part") >= 4
    last = json.loads(got[-1][6:])
    assert last["title"] == result["document"]["title"] and last["sources"] and not last["gaps"]


def test_what_reports_have_in_common(client: TestClient, wait: Wait) -> None:
    result = wait(client.post("/api/v1/summaries", json={"reports": ["2022年各县存在的共性问题"]}))
    assert result["document"]["kind"] == "synthesis" and len(result["document"]["sources"]) > 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"reports": ["没有的标题"]}, 404),
        ({"places": ["火星县"]}, 404),
        ({"length": "endless"}, 422),
        ({"strange": 1}, 422),
    ],
)
@pytest.mark.parametrize("path", ["", "/stream"])
def test_a_summary_that_cannot_be(client: TestClient, path: str, body: dict[str, Any], status: int) -> None:
    answer = client.post(f"/api/v1/summaries{path}", json=body)
    assert answer.status_code == status and answer.json()["remedy"]


def test_a_memo(client: TestClient, wait: Wait) -> None:
    asked = {"places": ["澄河县"], "years": [2022, 2021], "indicators": ["家庭医生签约率"]}
    key = {"Idempotency-Key": "memo-1"}
    first = client.post("/api/v1/memos", json=asked, headers=key)
    result = wait(first)
    assert "66.8" in word(client, result) or "66.8" in json.dumps(result["document"], ensure_ascii=False)
    assert {block["type"] for block in result["document"]["blocks"]} >= {"table", "paragraph", "heading"}
    assert client.post("/api/v1/memos", json=asked, headers=key).json()["id"] == first.json()["id"]
    assert client.post("/api/v1/memos", json={"places": ["栗坪县"]}, headers=key).status_code in (409, 422)
    for body, status in (
        ({"places": ["火星县"]}, 404),
        ({"places": ["澄河县"], "years": [2022]}, 422),
        ({"places": ["澄河县"], "reports": ["aa"]}, 422),
        ({"reports": ["0000"]}, 404),
    ):
        assert client.post("/api/v1/memos", json=body).status_code == status


# -- reviews and coverage ---------------------------------------------------------------------------


def test_a_review_of_an_uploaded_text(client: TestClient, wait: Wait) -> None:
    sent = {"file": ("../../稿件.txt", TEXT.encode()), "skip": (None, "recycled")}
    result = wait(client.post("/api/v1/audits", files=sent))
    (text,) = result["texts"]
    assert {one["origin"] for one in result["remarks"]} == {"check", "audit"}
    for one in result["remarks"]:
        assert one["report_id"] == text["report_id"]
        assert text["text"][one["start"] : one["end"]] == one["quote"]
    assert "占比与所列数不符" in {one["name"] for one in result["remarks"]}
    assert set(result["documents"]) == {"check", "audit"} and len(result["files"]) == 4
    assert "数字与汉字混写" in json.dumps(result["documents"]["check"], ensure_ascii=False)
    assert "原文对照" in word(client, result)


def test_a_review_of_a_report_with_an_input_and_one_check(client: TestClient, wait: Wait) -> None:
    table = "基本信息: {文种: 工作总结, 单位: 澄河县卫生健康局, 地区: 澄河县, 年度: 2022}\n指标: []\n问题: [{问题: 急救半径偏大}]\n任务: []\n"
    report = ident(client, "澄河县", 2022)
    sent = {
        "report": (None, report),
        "input": ("输入.yaml", table.encode()),
        "checks": (None, "check"),
        "only": (None, "sources,linkage"),
        "against": (None, ident(client, "澄河县", 2021)),
    }
    result = wait(client.post("/api/v1/audits", files=sent))
    assert {one["origin"] for one in result["remarks"]} <= {"check"} and list(result["documents"]) == [
        "check"
    ]
    rules = client.get("/api/v1/audits/rules").json()
    chosen = {one["id"] for one in rules if one["group"] in ("sources", "linkage")}
    assert {one["code"] for one in result["remarks"]} <= chosen


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"report": (None, "ffff")}, 404),
        ({"report": (None, "a"), "draft": (None, "b")}, 422),
        ({"draft": (None, "ffff")}, 404),
        ({"file": ("a.txt", b"x"), "only": (None, "no-such-rule")}, 404),
        ({"file": ("a.txt", b"x"), "checks": (None, "magic")}, 422),
        ({"file": ("a.txt", b"x"), "more": (None, "x")}, 422),
        ({"file": ("a.txt", b"x"), "against": (None, "ffff")}, 404),
    ],
)
def test_a_review_that_cannot_be(
    client: TestClient, house: House, fields: dict[str, Any], status: int
) -> None:
    before = {path.name for path in house.jobs.folder.iterdir()}
    answer = client.post("/api/v1/audits", files=fields or {"none": (None, "")})
    assert answer.status_code == status and answer.json()["remedy"], answer.text
    assert {path.name for path in house.jobs.folder.iterdir()} == before  # nothing of it is left
    assert client.post("/api/v1/audits", json={}).status_code == 422


def test_a_file_that_cannot_be_read_fails_its_job(client: TestClient, house: House) -> None:
    answer = client.post("/api/v1/audits", files={"file": ("稿件.docx", b"no docx")})
    assert house.jobs.wait(answer.json()["id"], 20)
    told = client.get(f"/api/v1/jobs/{answer.json()['id']}").json()
    assert (
        told["state"] == "failed" and told["error"]["code"] == "unreadable_file" and told["error"]["remedy"]
    )


def test_coverage_of_a_superiors_points(client: TestClient, wait: Wait) -> None:
    plan = "澄河县2022年卫生健康工作计划\n\n一、重点任务\n做好家庭医生签约服务，签约率达到70%以上。\n"
    above = ident(client, "苍麓市", 2022)
    result = wait(
        client.post("/api/v1/coverage", files={"file": ("计划.txt", plan.encode()), "against": (None, above)})
    )
    assert "没有提及的要点" in word(client, result) and len(result["texts"]) == 2
    for fields, status in (
        ({"file": ("计划.txt", plan.encode())}, 422),
        ({"against": (None, above)}, 422),
        ({"report": (None, "ffff"), "against": (None, above)}, 404),
    ):
        assert client.post("/api/v1/coverage", files=fields).status_code == status


# -- exports ----------------------------------------------------------------------------------------


def test_an_answer_and_a_conversation_as_word(client: TestClient, house: House, wait: Wait) -> None:
    answer = house.desk(LOCAL).ask(COMPARED)
    result = wait(client.post("/api/v1/exports", json={"answer": answer.to_json()}))
    text = word(client, result)
    assert "5.5个百分点" in text and "问：澄河县2022年和2021年" in text and "资料来源" in text
    session = house.desk(LOCAL).session()
    session.add(COMPARED, answer)
    session.add("澄河县2022年存在哪些问题？", house.desk(LOCAL).ask("澄河县2022年存在哪些问题？"))
    both = word(client, wait(client.post("/api/v1/exports", json={"conversation": session.id})))
    assert "列出3项" in both and "5.5个百分点" in both
    one = word(client, wait(client.post("/api/v1/exports", json={"conversation": session.id, "turns": [2]})))
    assert "列出3项" in one and "5.5个百分点" not in one
    for body, status in (
        ({}, 422),
        ({"conversation": session.id, "turns": [3]}, 404),
        ({"conversation": "ffff"}, 404),
        ({"conversation": session.id, "answer": answer.to_json()}, 422),
    ):
        assert client.post("/api/v1/exports", json=body).status_code == status


def test_a_forged_answer_is_left_out(client: TestClient, house: House, wait: Wait) -> None:
    """What the file says must stand in the reports, whoever sends it."""
    answer = house.desk(LOCAL).ask(COMPARED).to_json()
    answer["sentences"][0]["text"] = "澄河县2022年家庭医生签约率为99.9%"
    result = wait(client.post("/api/v1/exports", json={"answer": answer}))
    assert "99.9" not in word(client, result) and result["document"]["gaps"]
    answer = house.desk(LOCAL).ask(COMPARED).to_json()
    for sentence in answer["sentences"]:
        for citation in sentence["citations"]:
            citation["quote"] = citation["quote"].replace("66.8", "98.7")
        sentence["text"] = sentence["text"].replace("66.8", "98.7")
    assert "98.7" not in word(client, wait(client.post("/api/v1/exports", json={"answer": answer})))


def test_what_is_somebody_elses_does_not_exist(bureau: Desk, tmp_path: Path) -> None:
    with housed(bureau, tmp_path / "home", FakeChat(["好。"]), users=True) as house:
        li, wang = (bearer(house, name, Role.READER) for name in ("li", "wang"))
        with visiting(house) as client:
            talk = client.post("/api/v1/conversations", json={}, headers=li)
            if talk.status_code in (200, 201):
                body = {"conversation": talk.json()["id"]}
                assert client.post("/api/v1/exports", json=body, headers=wang).status_code == 404
            job = client.post(
                "/api/v1/memos", json={"places": ["澄河县"], "narrative": False}, headers=li
            ).json()
            assert house.jobs.wait(job["id"], 20)
            name = client.get(f"/api/v1/jobs/{job['id']}", headers=li).json()["result"]["files"][0]
            for path in (f"/api/v1/jobs/{job['id']}", f"/api/v1/jobs/{job['id']}/files/{name}"):
                assert client.get(path, headers=li).status_code == 200
                assert client.get(path, headers=wang).status_code == 404
            for path, body in (
                ("/api/v1/figures/corrections", {"changes": [{"row": "a:1", "field": "数值", "value": "1"}]}),
                ("/api/v1/figures/aliases", {"name": "甲率", "alias": "乙率"}),
            ):
                assert client.post(path, json=body, headers=li).status_code == 403
