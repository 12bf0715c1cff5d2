"""Word templates over HTTP: taken in with every check, looked at, used by name, removed and brought back; whose they are."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pytest
from starlette.testclient import TestClient

from service.accounts.caller import LOCAL, Role
from service.draft import input_text
from service.draft.prefill_sources import Prefilled
from service.draft.toy_draft import toy_input
from service.house import House
from service.keeping.archive import opened
from service.keeping.backup import back_up
from service.keeping.retention import sweep
from service.models.chat import FakeChat
from service.papers import template_shelf
from tests.houses import bearer, ended, housed, visiting

if TYPE_CHECKING:
    from service.desk import Desk

TEMPLATES = "/api/v1/templates"
DRAFTS = "/api/v1/drafts"
SHEETS = input_text.sheets(Prefilled(toy_input()))


@pytest.fixture(scope="module")
def house(bureau: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("templates") / "home"
    with housed(bureau, home, FakeChat(["没有模型。"])) as made:
        yield made


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[TestClient]:
    with visiting(house) as made:
        yield made


@pytest.fixture(autouse=True)
def bare(house: House) -> None:
    """No templates at the start of a test."""
    for path in (house.settings.home / "templates").glob("*"):
        path.unlink()


def word(*lines: str) -> bytes:
    made, stream = docx.Document(), BytesIO()
    for line in lines:
        made.add_paragraph(line)
    made.save(stream)
    return stream.getvalue()


def packed(parts: dict[str, bytes]) -> bytes:
    """A package with further parts."""
    stream = BytesIO(word("{{标题}}"))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return stream.getvalue()


def sent(client: TestClient, name: str, data: bytes, **more: Any) -> Any:
    return client.post(TEMPLATES, files={"file": (name, data)}, **more)


def kept(client: TestClient, name: str = "公文", *lines: str) -> str:
    """The id of a new template."""
    answer = sent(client, f"{name}.docx", word(*(lines or ("{{标题}}", "{{正文}}"))))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def actions(house: House) -> list[tuple[str, str, str]]:
    return [(one.action, one.target, one.detail) for one in house.accounts.log.page(LOCAL)]


# -- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("模板.docx", word("没有"), "没有占位符"),
        ("模板.docx", word("{{标题}}{{领导}}"), "{{领导}}"),
        ("模板.docx", word("{% for a in b %}{{标题}}{% endfor %}"), "不支持的写法"),
        ("模板.docx", word("{{标题.__class__}}"), "不认识"),
        ("模板.docx", word("全文：{{正文}}"), "单独成段"),
        ("模板.docm", word("{{标题}}"), "带宏"),
        ("模板.docx", packed({"word/vbaProject.bin": b"x"}), "带宏"),
        ("模板.docx", packed({"word/bomb.xml": b"0" * (10 << 20)}), "压缩炸弹"),
        ("模板.docx", packed({"word/x.xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'}), "DOCTYPE"),
        ("模板.docx", b"PK\x03\x04 broken", "损坏"),
        ("模板.docx", b"", "空的"),
        ("模板.pdf", b"%PDF-1.4", "另存为 docx"),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused_under_its_own_name(
    client: TestClient, house: House, name: str, data: bytes, says: str
) -> None:
    answer = sent(client, name, data)
    told = answer.json()
    assert answer.status_code == 422, answer.text
    assert says in told["detail"] + told["remedy"] and told["where"].startswith(name) and told["remedy"]
    assert "0001" not in answer.text and str(house.settings.home) not in answer.text
    assert client.get(TEMPLATES).json() == []


def test_unknown_placeholders_are_told_with_those_that_there_are(client: TestClient) -> None:
    told = sent(client, "模板.docx", word("{{领导}}")).json()
    assert "{{领导}}" in told["detail"] and "{{签发人}}" in told["remedy"] and "{{正文}}" in told["remedy"]


def test_what_is_too_large_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus.readers.guard import Limits
    from service.papers import template_form

    monkeypatch.setattr(template_form, "LIMITS", Limits(size=2000))
    answer = sent(client, "模板.docx", word("{{标题}}"))
    assert answer.status_code == 422 and "超过上限" in answer.json()["detail"]
    none = client.post(TEMPLATES, files={"other": ("a.docx", word("{{标题}}"))})
    assert none.status_code == 422 and "other" in none.json()["detail"]
    assert client.post(TEMPLATES, json={}).status_code == 422


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.docx", "..\\..\\x.docx", "/root/.ssh/甲.docx", "a\0b.docx"]
)
def test_a_name_is_never_a_path(client: TestClient, house: House, name: str) -> None:
    made = sent(client, name, word("{{标题}}"))
    assert made.status_code == 201 and "/" not in made.json()["name"] and "\\" not in made.json()["name"]
    files = {path.name for path in (house.settings.home / "templates").iterdir()}
    assert files == {f"{made.json()['id']}.docx", f"{made.json()['id']}.json"}
    given = client.get(f"{TEMPLATES}/{made.json()['id']}/file")
    assert given.status_code == 200 and ".." not in given.headers["content-disposition"]


@pytest.mark.parametrize("called", ["..%2F..%2Flibrary.db", "last", "0123456789ab", "%2e%2e", "甲"])
def test_an_id_is_never_a_path(client: TestClient, house: House, called: str) -> None:
    (house.settings.home / "templates").mkdir(exist_ok=True)
    for path in (f"{TEMPLATES}/{called}", f"{TEMPLATES}/{called}/file"):
        assert client.get(path).status_code == 404
    assert client.delete(f"{TEMPLATES}/{called}").status_code == 404
    assert client.post(f"{TEMPLATES}/{called}/restore").status_code == 404
    assert (house.settings.home / "library.db").is_file()


def test_there_is_a_bound_on_templates(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_shelf, "MOST", 2)
    kept(client, "甲"), kept(client, "乙")
    answer = sent(client, "丙.docx", word("{{标题}}"))
    assert answer.status_code == 422 and "模板已有2个" in answer.json()["detail"]
    assert sent(client, "乙.docx", word("{{单位}}")).status_code == 201  # in place of the one of this name
    monkeypatch.setattr(template_shelf, "MOST_BYTES", 1000)
    answer = sent(client, "乙.docx", word("{{年度}}"))
    assert answer.status_code == 422 and "合计" in answer.json()["detail"]


# -- a life -----------------------------------------------------------------------------------------


def test_a_template_is_kept_replaced_removed_and_brought_back(client: TestClient, house: House) -> None:
    data = word("{{标题}}", "{{正文}}")
    made = sent(client, "公文.docx", data).json()
    assert (made["name"], made["placeholders"], made["last"]) == ("公文", ["标题", "正文"], False)
    assert sent(client, "公文.docx", data).json()["id"] == made["id"]  # the same again is the same
    assert [one["id"] for one in client.get(TEMPLATES).json()] == [made["id"]]
    given = client.get(f"{TEMPLATES}/{made['id']}/file")
    assert given.content == data and "attachment" in given.headers["content-disposition"]
    other = sent(client, "公文.docx", word("{{单位}}")).json()
    assert [one["id"] for one in client.get(TEMPLATES).json()] == [other["id"]]
    gone = client.get(TEMPLATES, params={"removed": True}).json()
    assert [one["id"] for one in gone] == [made["id"]] and gone[0]["removed_at"]
    taken = client.post(f"{TEMPLATES}/{made['id']}/restore")
    assert taken.status_code == 409 and "同名" in taken.json()["detail"]
    assert client.delete(f"{TEMPLATES}/{other['id']}").status_code == 204
    assert client.get(f"{TEMPLATES}/{other['id']}").status_code == 404
    assert client.post(f"{TEMPLATES}/{made['id']}/restore").json()["id"] == made["id"]
    assert client.get(f"{TEMPLATES}/{made['id']}").json()["placeholders"] == ["标题", "正文"]
    done = actions(house)
    for action, one in (("upload", made), ("delete", other), ("restore", made), ("export", made)):
        assert (action, one["id"], "template") in done


def test_what_was_removed_long_ago_goes(client: TestClient, house: House) -> None:
    from datetime import UTC, datetime, timedelta

    ident = kept(client)
    client.delete(f"{TEMPLATES}/{ident}")
    sweep(house)
    assert client.get(TEMPLATES, params={"removed": True}).json()
    later = datetime.now(UTC) + timedelta(days=house.settings.keep_removed + 1)
    path = house.settings.log_dir / "sweep.json"  # so that the clock does not look wrong
    path.write_text(json.dumps({"at": (later - timedelta(days=1)).isoformat()}), "utf-8")
    sweep(house, later)
    assert client.get(TEMPLATES, params={"removed": True}).json() == []
    assert not list((house.settings.home / "templates").glob(f"{ident}*"))


def test_half_a_template_is_none(client: TestClient, house: House) -> None:
    """Killed between the bytes and the note, or a note that is damaged."""
    ident, other = kept(client, "甲"), kept(client, "乙")
    folder = house.settings.home / "templates"
    (folder / f"{ident}.json").unlink()
    (folder / f"{other}.json").write_text("{", "utf-8")
    assert client.get(TEMPLATES).json() == []
    assert kept(client, "甲") == ident
    (folder / f"{ident}.docx").write_bytes(b"PK\x03\x04 broken")
    answer = client.get(f"{TEMPLATES}/{ident}/file")
    assert answer.status_code == 422 and "损坏" in answer.json()["detail"]


def test_templates_are_in_a_backup(client: TestClient, house: House, tmp_path: Path) -> None:
    ident = kept(client)
    made = back_up(house.settings.home, tmp_path / "备份.zip")
    assert {f"templates/{ident}.docx", f"templates/{ident}.json"} <= set(made.manifest.members)
    with opened(made.path) as (archive, _):
        assert archive.read(f"templates/{ident}.docx") == client.get(f"{TEMPLATES}/{ident}/file").content


def test_the_starter_can_be_taken_in(client: TestClient) -> None:
    answer = client.get(f"{TEMPLATES}/starter")
    assert answer.status_code == 200 and answer.content.startswith(b"PK")
    made = sent(client, "示例模板.docx", answer.content)
    assert made.status_code == 201 and "签发人" in made.json()["placeholders"]


# -- in use -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def draft(client: TestClient, house: House) -> str:
    made = client.post(DRAFTS, json={"input": SHEETS})
    assert made.status_code == 201, made.text
    job = ended(client, house, client.post(f"{DRAFTS}/{made.json()['draft']}/write", json={"no_model": True}))
    assert job["state"] == "done", job["error"]
    return str(made.json()["draft"])


def clean_copy(client: TestClient, house: House, draft: str, **given: Any) -> list[str]:
    job = ended(client, house, client.post(f"{DRAFTS}/{draft}/files", json=given))
    assert job["state"] == "done", job["error"]
    file = client.get(f"/api/v1/jobs/{job['id']}/files/成稿.docx")
    return [p.text for p in docx.Document(BytesIO(file.content)).paragraphs]


def test_a_draft_is_handed_out_in_a_template(client: TestClient, house: House, draft: str) -> None:
    ident = kept(client, "公文", "给{{主送机关}}的{{标题}}", "{{签发人}}", "{{抄送}}", "{{正文}}")
    parts = {"addressee": "市卫生健康委", "number": "雾卫发〔2023〕1号", "signer": "甲某、乙某"}
    for called in ("公文", "公文.docx", ident):
        told = clean_copy(client, house, draft, template=called, **parts)
        assert told[0].startswith("给市卫生健康委的") and told[1:3] == ["甲某、乙某", "【待补：抄送】"]
        assert len(told) > 5
    assert client.get(f"{TEMPLATES}/{ident}").json()["last"] is True
    assert not clean_copy(client, house, draft, **parts)[0].startswith("给")
    assert client.get(f"{TEMPLATES}/{ident}").json()["last"] is True  # a file without one forgets none
    missing = client.post(f"{DRAFTS}/{draft}/files", json={"template": "没有的"})
    assert missing.status_code == 404 and missing.json()["where"] == "没有的"


def test_a_preview_tells_what_is_missing(client: TestClient, draft: str) -> None:
    ident = kept(client, "公文", "{{标题}}", "{{签发人}}", "{{分工表}}", "{{正文}}")
    answer = client.get(f"{TEMPLATES}/{ident}/preview", params={"draft": draft})
    slots = {one["name"]: one for one in answer.json()}
    assert list(slots) == ["标题", "签发人", "正文", "分工表"]
    assert slots["标题"]["text"] and not slots["标题"]["missing"] and "标题" in slots["正文"]["text"]
    assert slots["签发人"]["missing"] and slots["签发人"]["meaning"]
    assert client.get(f"{TEMPLATES}/{ident}/preview", params={"draft": "没有"}).status_code == 404


# -- whose they are ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def users(bureau: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, TestClient]]:
    home = tmp_path_factory.mktemp("people") / "home"
    with housed(bureau, home, FakeChat(["没有模型。"]), users=True) as house, visiting(house) as client:
        yield house, client


def test_a_reader_looks_and_changes_nothing(users: tuple[House, TestClient]) -> None:
    house, client = users
    writer, reader = bearer(house, "编辑", Role.WRITER), bearer(house, "读者", Role.READER)
    ident = sent(client, "公文.docx", word("{{标题}}"), headers=writer).json()["id"]
    assert sent(client, "公文.docx", word("{{单位}}"), headers=reader).status_code == 403
    assert client.post(TEMPLATES, json={}, headers=reader).status_code == 403  # before the body is looked at
    assert client.delete(f"{TEMPLATES}/{ident}", headers=reader).status_code == 403
    assert client.post(f"{TEMPLATES}/{ident}/restore", headers=reader).status_code == 403
    assert [one["id"] for one in client.get(TEMPLATES, headers=reader).json()] == [ident]
    assert client.get(TEMPLATES).status_code == 401
    assert client.get(f"{TEMPLATES}/starter").status_code == 401


def test_a_template_of_another_collection_is_not_found(users: tuple[House, TestClient]) -> None:
    house, client = users
    writer = bearer(house, "甲编辑", Role.WRITER)
    other = house.accounts.collections.create("乙局")
    boss = bearer(house, "主任", Role.ADMINISTRATOR)
    person = house.accounts.people.named("主任")
    house.accounts.people.grant(person.id, other, Role.ADMINISTRATOR)
    there = {"params": {"collection": other}, "headers": boss}
    ident = sent(client, "秘密.docx", word("{{标题}}乙局机密"), **there).json()["id"]
    assert client.get(f"{TEMPLATES}/{ident}", **there).status_code == 200
    draft = client.post(DRAFTS, json={"input": SHEETS}, headers=writer).json()["draft"]
    for called in (ident, "秘密"):
        assert client.get(f"{TEMPLATES}/{called}", headers=writer).status_code == 404
        asked = client.post(f"{DRAFTS}/{draft}/files", json={"template": called}, headers=writer)
        assert asked.status_code == 404 and "没有这个模板" in asked.json()["detail"]
    assert client.get(f"{TEMPLATES}/{ident}", params={"collection": other}, headers=writer).status_code == 404
    assert ident not in client.get(TEMPLATES, headers=writer).text
    assert client.delete(f"{TEMPLATES}/{ident}", headers=writer).status_code == 404
