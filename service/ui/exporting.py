"""Files that a page hands to the browser (导出).

In: turns of a conversation. Out: a Word file with the sources, made by the same gate as every document.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.making import Made
from service.papers import answers
from service.ui.answers import Turn
from service.ui.handout import bytes_of, file_name, give
from service.ui.seat import Seat


async def answer(seat: Seat, *turns: Turn) -> None:
    """Download these questions and answers as a Word file."""
    data = await seat.run(_word, seat, turns)
    give(seat, data, file_name(answers.TITLE, "docx"), detail=f"问答{len(turns)}条")


def _word(seat: Seat, turns: Sequence[Turn]) -> bytes:
    desk = seat.desk()
    return bytes_of(Made(answers.document(turns, desk.report), desk.report).checked(), "docx")
