"""A model that begins to recite its own instructions is cut off (不复述提示词).

In: the pieces that it writes and the messages that it was given. Out: the pieces, until they repeat a stretch of the
system message; what was written so far is then checked as any text is, and finds no source. A report or a question may
ask for the instructions; the check drops them from the answer, and this keeps them from the screen before that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

STRETCH = 16  # characters, spaces apart; a report does not share so many with an instruction by chance


def until_recited(
    pieces: Iterator[str], messages: Sequence[tuple[str, str]], *, but: str = ""
) -> Iterator[str]:
    """The pieces up to the one with which a stretch of the instructions is complete.

    Args:
        pieces: what the model writes; closed when it is cut off, or when the caller has enough.
        messages: role and text of what it was given.
        but: a passage in them that is no instruction, and that another check looks after.
    """
    system = "\n".join(text for role, text in messages if role == "system")
    parts = system.split(but) if but else [system]
    told = ["".join(part.split()) for part in parts]
    stretches = {part[at : at + STRETCH] for part in told for at in range(len(part) - STRETCH + 1)}
    said = ""
    try:
        for piece in pieces:
            said += "".join(piece.split())
            first = max(0, len(said) - len(piece) - STRETCH + 1)
            if any(said[at : at + STRETCH] in stretches for at in range(first, len(said) - STRETCH + 1)):
                return
            yield piece
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
