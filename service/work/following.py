"""How far a job is, told while it works: steps, what the model writes, parts that are ready (进度).

In: pieces of text, checked parts. Out: :class:`~service.work.job.Progress`, which whoever follows the job sees; and the end
of the job where it is to end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from service.models.cutting import Stopped
from service.papers.presenting import masked
from service.papers.provenance import Checked
from service.work.job import Progress

Tell = Callable[[Progress], None]
Stop = Callable[[], bool]


def go_on(stop: Stop) -> None:
    """Raise ``Stopped`` where the job is to end."""
    if stop():
        raise Stopped


class Words:
    """Shows what the model writes while it writes, and what is ready; ends where the job is to end.

    Args:
        tell: is told of it.
        stop: whether to end.
        progress: how far the job is when the model begins.
        writing: the note while it writes, where it is another one.
    """

    def __init__(self, tell: Tell, stop: Stop, progress: Progress, *, writing: str = "") -> None:
        self._tell, self._stop, self._text, self._progress = tell, stop, "", progress
        self._writing = writing
        tell(progress)

    def piece(self, piece: str) -> None:
        """A piece of text; "" says that it begins anew."""
        go_on(self._stop)
        self._text = self._text + piece if piece else ""
        note = self._writing or self._progress.note
        self._tell(replace(self._progress, note=note, text=str(masked(self._text))))

    def ready(self, part: Checked, note: str) -> None:
        """A part is ready, and what comes next."""
        go_on(self._stop)
        self._text = ""
        self._progress = replace(self._progress, note=note, made=(*self._progress.made, part))
        self._tell(self._progress)
