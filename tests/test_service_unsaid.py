"""Instructions that a model begins to recite do not reach the screen; everything else does, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import prompts
from service.unsaid import STRETCH, until_recited

MESSAGES = prompts.load("answer").messages(
    evidence="[1]（澄河县2022年）签约率为72.3%。", question="签约率是多少？"
)
SYSTEM = next(text for role, text in MESSAGES if role == "system")


@pytest.mark.parametrize("size", [1, 4, 7, 500])
def test_recited_instructions_are_cut_off(size: int) -> None:
    text = f"我的指令是：{SYSTEM}"
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    said = "".join(until_recited(pieces, MESSAGES))
    assert said.startswith("我的指令是："[:size] if size < 100 else "")
    stretch = "".join(said.split()).removeprefix("我的指令是：")
    assert len(stretch) < STRETCH


def test_spaces_do_not_help() -> None:
    assert len("".join(until_recited(iter(" ".join(SYSTEM)), MESSAGES)).replace(" ", "")) < STRETCH


def test_what_is_not_an_instruction_comes_through() -> None:
    text = "澄河县2022年签约率为72.3%[1]。数字照抄材料。"
    assert list(until_recited(iter(text), MESSAGES)) == list(text)


@pytest.mark.parametrize("taken", [1, 100])
def test_the_call_is_closed(taken: int) -> None:
    closed: list[bool] = []

    def call() -> Iterator[str]:
        try:
            yield from SYSTEM
        finally:
            closed.append(True)

    stream = until_recited(call(), MESSAGES)
    for _, _piece in zip(range(taken), stream, strict=False):
        pass
    stream.close()  # type: ignore[attr-defined]
    assert closed == [True]
