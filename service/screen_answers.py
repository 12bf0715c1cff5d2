"""What the terminal shows of an answer: evidence at once, then the text as it is written, then the sources.

In: the events of an answer. Out: the same on the terminal; the checked answer replaces what streamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.live import Live
from rich.text import Text

from corpus.errors import WenhengError
from service.answer import Delta, Done, Event, Found, Restart
from service.cited import Answer, Citation
from service.screen import err, fallback, out


def answer(events: Iterable[Event]) -> Answer:
    """Show an answer as it is made: evidence at once, then the text, then the sources."""
    live: Live | None = None
    text = ""
    done: Answer | None = None
    fault: WenhengError | None = None
    try:
        for event in events:
            if isinstance(event, Found):
                evidence_list(event.citations)
            elif isinstance(event, Delta):
                text += event.text
                if out.is_terminal:
                    live = live or _started(Live(console=out, transient=True))
                    live.update(Text(text))
            elif isinstance(event, Restart):
                text, fault = "", event.fault or fault
                if live:
                    live.update(Text(f"（{event.why}…）", style="dim"))
            elif isinstance(event, Done):
                done = event.answer
    finally:
        if live:
            live.stop()
    assert done is not None
    final(done)
    if fault:
        fallback(fault)
    return done


def _started(live: Live) -> Live:
    live.start()
    return live


def evidence_list(citations: Sequence[Citation]) -> None:
    """The sentences that were found, one line each, before the answer is there."""
    if not citations:
        return
    out.print(Text("找到的依据：", style="dim"))
    for citation in citations[:4]:
        year = f"{citation.year}年" if citation.year else ""
        quote = " ".join(citation.quote.split())
        out.print(
            Text(f"  · {citation.place}{year} {quote[:70]}{'…' if len(quote) > 70 else ''}", style="dim"),
            soft_wrap=True,
        )
    out.print()


def final(done: Answer) -> None:
    """The checked answer and its sources."""
    style = "yellow" if done.status == "refused" else ""
    out.print(Text(done.text, style=style), soft_wrap=True)
    if done.status == "partial" and done.reason:
        out.print(Text(f"（{done.reason}）", style="yellow"), soft_wrap=True)
    sources(done)
    seconds = done.timings.total_ms / 1000
    dropped = f"，去掉没有依据的句子{done.dropped}句" if done.dropped else ""
    err.print(Text(f"用时{seconds:.1f}秒{dropped}", style="dim"))


def sources(done: Answer) -> None:
    """Sources with report title, place, year, heading path and the exact sentence."""
    if not done.sources:
        return
    out.print(Text("\n来源：", style="bold"))
    for n, citation in enumerate(done.sources, 1):
        where = "，".join(
            filter(None, (citation.place, f"{citation.year}年" if citation.year else "年份未注明"))
        )
        out.print(
            Text(
                f"[{n}] 《{citation.title}》（{where}）[{citation.report_id} {citation.start}-{citation.end}]"
            ),
            soft_wrap=True,
        )
        if citation.path:
            out.print(Text("    " + " › ".join(citation.path), style="cyan"), soft_wrap=True)
        out.print(Text("    “" + " ".join(citation.quote.split()) + "”"), soft_wrap=True)
