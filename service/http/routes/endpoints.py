"""The endpoints for chat and vectors: what is used, another one, back to the model inside (接口设置)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field, SecretStr

from service import choosing
from service.choosing import Changed, Used, Wanted
from service.endpoints import Kind
from service.http.app_parts import InHouse, Who
from service.http.shapes import JobOut, Shape

router = APIRouter(prefix="/api/v1/settings/endpoints", tags=["settings"])

Which = Annotated[Kind, Path(description="chat 为对话接口，embedding 为向量接口")]
Text = Annotated[str, Field(max_length=500)]


class EndpointIn(Shape):
    """An OpenAI-compatible endpoint; it is asked before it is kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"url": "https://llm.example/v1", "model": "qwen3-32b", "key": "sk-…", "consent": True}
            ]
        },
    )
    url: Text
    model: Annotated[str, Field(max_length=200)]
    key: SecretStr | None = Field(
        None, max_length=500, description="null 沿用已保存的（地址不变时），空为不用密钥；不会再显示"
    )
    timeout: float | None = Field(None, gt=0, le=3600, description="秒；null 用默认")
    grammar: Literal["none", "llama.cpp", "vllm"] = Field(
        "none", description="接口支持的数字锁写法，只用于对话"
    )
    query_prompt: Text = Field("", description="问题前缀，只用于向量，如 e5 的 “query: ”")
    passage_prompt: Text = Field("", description="段落前缀，只用于向量")
    consent: bool = Field(
        False, description="同意把 sent 所说的内容发到这台机器以外；接口不在本机时必须为 true"
    )


class EndpointOut(Shape):
    """What is used for one kind; the key is never shown."""

    kind: Kind
    source: Literal["inside", "environment", "chosen"] = Field(
        description="inside 本机模型，environment 由环境变量指定（不能在这里修改），chosen 在设置页或这里选用"
    )
    url: str
    model: str
    has_key: bool
    timeout: float
    grammar: str
    query_prompt: str
    passage_prompt: str
    sent: str = Field(description="哪些内容会离开这台机器；空为没有")
    by: str
    at: str
    state: Literal["ready", "loading", "failed"]
    detail: str

    @classmethod
    def of(cls, used: Used) -> EndpointOut:
        """What is used."""
        return cls(**asdict(used))


class EndpointChanged(Shape):
    """What became of a change: the answer to the trial, and the jobs that make the vectors anew."""

    used: EndpointOut
    told: str = Field(examples=["可用：答“好”，用时 0.4 秒"])
    jobs: list[JobOut]

    @classmethod
    def of(cls, changed: Changed) -> EndpointChanged:
        """A change."""
        jobs = [JobOut.of(job) for job in changed.jobs]
        return cls(used=EndpointOut.of(changed.used), told=changed.told, jobs=jobs)


@router.get("/{kind}", summary="正在使用的接口")
def get(kind: Which, who: Who, house: InHouse) -> EndpointOut:
    """What is used for this kind, for an administrator."""
    return EndpointOut.of(choosing.used(house, who, kind))


@router.put("/{kind}", summary="改用接口")
def put(kind: Which, given: EndpointIn, who: Who, house: InHouse) -> EndpointChanged:
    """Try an endpoint out with two fixed words, keep it and use it from now on, without a restart.

    Another embedding model makes all vectors anew, as a job for each collection; searches go by words meanwhile.
    """
    key = None if given.key is None else given.key.get_secret_value()
    wanted = Wanted(**given.model_dump(exclude={"key"}), key=key)
    return EndpointChanged.of(choosing.save(house, who, kind, wanted))


@router.delete("/{kind}", summary="改回本机模型")
def delete(kind: Which, who: Who, house: InHouse) -> EndpointChanged:
    """Forget the endpoint and its key, and use the model inside again."""
    return EndpointChanged.of(choosing.revert(house, who, kind))
