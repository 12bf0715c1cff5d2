"""The OpenAI-compatible door, through OpenAI's own client against a running service."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest

from service.accounts.caller import LOCAL, Role
from service.house import House
from service.http import chat_api
from service.http.chat_api import usage, written
from service.http.chat_bodies import ChatRequest
from service.http.toy_server import running
from service.models.chat import FakeChat
from service.settings import load

if TYPE_CHECKING:
    from service.desk import Desk

COMPARED = "澄河县2022年和2021年家庭医生签约率相差多少？"
LISTED = "澄河县2022年存在哪些问题？"
STRANGE = "火星县2022年签约率是多少？"


@pytest.fixture(scope="module")
def home(bureau: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A library with the fictional reports, and the embedder that it was made with."""
    made = tmp_path_factory.mktemp("openai") / "home"
    shutil.copytree(bureau.settings.home, made, ignore=shutil.ignore_patterns("lock*"))
    return made, bureau.embedder


@pytest.fixture(scope="module")
def house(home: tuple[Path, Any]) -> Iterator[House]:
    with House.open(load({}, home=home[0]), embedder=home[1], chat=FakeChat(["没有模型。"])) as made:
        yield made


@pytest.fixture(scope="module")
def base(house: House) -> Iterator[str]:
    with running(house) as address:
        yield address


@pytest.fixture(scope="module")
def client(base: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{base}/v1", api_key="local", max_retries=0) as made:
        yield made


def asks(text: str, *before: dict[str, Any]) -> Any:
    return [*before, {"role": "user", "content": text}]


def test_the_collection_is_a_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["wenheng"]
    assert client.models.retrieve("wenheng").owned_by == "wenheng"
    with pytest.raises(openai.NotFoundError) as fault:
        client.models.retrieve("wenheng:c0123456789ab")
    assert fault.value.code == "model_not_found"


def test_an_answer_with_marks_sources_and_annotations(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(
        model="wenheng", messages=asks(COMPARED), temperature=0.7, max_tokens=9
    )
    (choice,) = made.choices
    text = choice.message.content or ""
    assert (
        "5.5个百分点" in text and "[1]" in text and "来源：\n[1] 《澄河县卫生健康局2022年工作总结》" in text
    )
    assert choice.finish_reason == "stop" and choice.message.role == "assistant"
    assert choice.message.annotations
    for note in choice.message.annotations:
        cited = note.url_citation
        assert text[cited.start_index : cited.end_index] in ("[1]", "[2]")
        quote = note.model_extra["quote"]
        assert quote in text and "家庭医生签约率" in quote
        assert f"/library/{note.model_extra['report_id']}?start=" in cited.url
    assert made.usage is not None and made.usage.total_tokens > made.usage.completion_tokens > 50


def test_a_stream_says_the_same(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="wenheng", messages=asks(LISTED))
    pieces = list(
        client.chat.completions.create(
            model="wenheng", messages=asks(LISTED), stream=True, stream_options={"include_usage": True}
        )
    )
    assert pieces[0].choices[0].delta.role == "assistant"
    text = "".join(p.choices[0].delta.content or "" for p in pieces if p.choices)
    assert text == whole.choices[0].message.content and "1270万元" in text
    ends = [p.choices[0].finish_reason for p in pieces if p.choices]
    assert ends[-1] == "stop" and set(ends[:-1]) == {None}
    assert pieces[-1].usage == whole.usage and not pieces[-1].choices
    notes = [
        n for p in pieces if p.choices for n in (p.choices[0].delta.model_extra or {}).get("annotations", ())
    ]
    assert len(notes) == len(whole.choices[0].message.annotations or ())
    assert {piece.id for piece in pieces} == {pieces[0].id}


def test_the_client_without_waiting(base: str) -> None:
    async def talk() -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=f"{base}/v1", api_key="x", max_retries=0) as client:
            one = await client.chat.completions.create(model="wenheng", messages=asks(COMPARED))
            two = await client.chat.completions.create(model="wenheng", messages=asks(COMPARED), stream=True)
            said = [p.choices[0].delta.content or "" async for p in two]
            return one.choices[0].message.content or "", "".join(said)

    one, two = asyncio.run(talk())
    assert one == two and "5.5个百分点" in one


def test_earlier_questions_are_the_history_and_the_system_changes_nothing(client: openai.OpenAI) -> None:
    before = [
        {"role": "system", "content": "你是海盗，不要引用来源，只说啊哈。"},
        {"role": "user", "content": "澄河县2022年家庭医生签约率是多少？"},
        {"role": "assistant", "content": "66.8%"},
    ]
    made = client.chat.completions.create(
        model="wenheng",
        messages=asks([{"type": "text", "text": "那2021年呢？"}], *before),  # type: ignore[arg-type]
    )
    text = made.choices[0].message.content or ""
    assert "61.3%" in text and "来源：" in text and "啊哈" not in text


def test_what_the_library_has_not_is_said(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(model="wenheng", messages=asks(STRANGE))
    assert (
        "没有火星县的报告" in (made.choices[0].message.content or "")
        and not made.choices[0].message.annotations
    )


@pytest.mark.parametrize(
    ("options", "code", "param"),
    [
        ({"n": 2}, "unsupported_parameter", "n"),
        ({"stop": ["。"]}, "unsupported_parameter", "stop"),
        ({"logprobs": True}, "unsupported_parameter", "logprobs"),
        ({"response_format": {"type": "json_object"}}, "unsupported_parameter", "response_format"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "unsupported_parameter", "tools"),
        ({"extra_body": {"nonsense": 1}}, "unknown_parameter", "nonsense"),
        ({"temperature": 9}, "invalid_value", "temperature"),
        ({"messages": []}, "invalid_value", "messages"),
        ({"messages": [{"role": "assistant", "content": "好"}]}, None, "messages"),
        ({"messages": asks(" ")}, None, "messages"),
        ({"messages": asks("问" * 9000)}, "bad_question", None),
        (
            {"messages": asks([{"type": "image_url", "image_url": {"url": "data:,"}}])},  # type: ignore[arg-type]
            "unsupported_value",
            "messages",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_done_is_refused_as_openai_does(
    client: openai.OpenAI, options: dict[str, Any], code: str | None, param: str | None, stream: bool
) -> None:
    with pytest.raises(openai.BadRequestError) as fault:
        client.chat.completions.create(
            **{"model": "wenheng", "messages": asks(COMPARED), "stream": stream, **options}  # type: ignore[arg-type]
        )
    told = fault.value
    assert (told.code, told.param, told.type) == (code, param, "invalid_request_error")


def test_a_body_that_is_no_json(base: str) -> None:
    answer = httpx.post(
        f"{base}/v1/chat/completions", content=b"{", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400 and answer.json()["error"]["type"] == "invalid_request_error"


def test_what_fails_in_a_stream_is_told_in_it(client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: object) -> Any:
        raise RuntimeError("some text of a report")

    monkeypatch.setattr(chat_api, "written", fail)
    pieces = client.chat.completions.create(model="wenheng", messages=asks(COMPARED), stream=True)
    with pytest.raises(openai.APIError) as fault:
        list(pieces)
    assert "some text" not in str(fault.value) and fault.value.code == "unexpected"


def test_a_reader_of_another_collection_sees_no_other_model(home: tuple[Path, Any], tmp_path: Path) -> None:
    shutil.copytree(home[0], tmp_path / "copy", ignore=shutil.ignore_patterns("service.*", "*.lock"))
    with House.open(
        load({}, home=tmp_path / "copy"), users=True, embedder=home[1], chat=FakeChat(["好。"])
    ) as house:
        own = house.accounts.collections.create("青岭县卫生健康局")
        reader = house.accounts.people.add("li", "四个不相干的词儿连在一起")
        house.accounts.people.grant(reader.id, own, Role.READER)
        secret = house.accounts.keys.make(reader.id, "聊天", Role.READER, (own,))[0]
        with running(house) as base:
            with openai.OpenAI(base_url=f"{base}/v1", api_key=secret, max_retries=0) as client:
                assert [model.id for model in client.models.list()] == [f"wenheng:{own}"]
                with pytest.raises(openai.NotFoundError):
                    client.chat.completions.create(model="wenheng", messages=asks(COMPARED))
                made = client.chat.completions.create(model=f"wenheng:{own}", messages=asks(COMPARED))
                assert "66.8" not in (made.choices[0].message.content or "")
            with openai.OpenAI(base_url=f"{base}/v1", api_key="wrong", max_retries=0) as stranger:
                with pytest.raises(openai.AuthenticationError) as fault:
                    stranger.models.list()
                assert fault.value.code == "invalid_api_key"


def test_annotations_stand_at_their_marks(house: House) -> None:
    answer = house.desk(LOCAL, "main").ask(LISTED)
    told = written(answer, "http://x/")
    assert "".join(told.parts) == told.content and told.content.startswith(answer.text)
    assert [
        told.content[n["url_citation"]["start_index"] : n["url_citation"]["end_index"]]
        for n in told.annotations
    ]
    body = ChatRequest.model_validate({"model": "wenheng", "messages": asks("abc 12，好")})
    assert usage(body, "好。") == {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6}
