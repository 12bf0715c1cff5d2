"""The suites (评测套件): what is run and scored, by name."""

from __future__ import annotations

from corpus.errors import NotFound
from eval.suites.asking import ANSWERS, INJECTION, REFUSALS
from eval.suites.comparing import MEMOS
from eval.suites.contract import Output, Score, Suite, Task, Where
from eval.suites.drafting import DRAFTS
from eval.suites.extraction import FIGURES
from eval.suites.retrieving import RETRIEVAL
from eval.suites.summarising import SUMMARIES

SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (RETRIEVAL, ANSWERS, REFUSALS, INJECTION, SUMMARIES, DRAFTS, MEMOS, FIGURES)
}


def suite_named(name: str) -> Suite:
    """The suite of a name, a public one among them.

    Raises:
        NotFound: there is none.
    """
    if name in SUITES:
        return SUITES[name]
    from eval import public  # it rests on the suites' contract

    try:
        return public.suite_named(name)
    except NotFound as error:
        raise NotFound(f"没有评测套件 {name!r}", remedy=f"可用：{'、'.join(SUITES)}") from error


__all__ = ["SUITES", "Output", "Score", "Suite", "Task", "Where", "suite_named"]
