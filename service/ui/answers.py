"""An answer as HTML that holds nothing but escaped text and marks (回答的网页样式).

In: a turn of a conversation, as JSON (:meth:`service.cited.Answer.to_json`), new or from years ago. Out: its sentences
with marks [n], its sources, the evidence cards, and the plain text for the clipboard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from service.papers.presenting import clean

Citation = Mapping[str, Any]
Turn = Mapping[str, Any]
STATUS_NAMES = {"computed": "由所引数字算出", "quoted": "报告原句"}


def sources(turn: Turn) -> list[Citation]:
    """Distinct citations in order of first use; the place in this list + 1 is the mark [n]."""
    found: list[Citation] = []
    for sentence in turn.get("sentences", ()):
        found += [one for one in sentence["citations"] if one not in found]
    return found


def answer_html(turn: Turn) -> str:
    """The sentences with their marks; the reason of a refusal."""
    if turn["status"] == "refused":
        return f'<p class="wh-refused">{escape(clean(str(turn["reason"])))}</p>'
    cited = sources(turn)
    parts = [_sentence(sentence, cited) for sentence in turn["sentences"]]
    if len(parts) > 3:
        return "".join(f"<p>{part}</p>" for part in parts)
    return f"<p>{''.join(parts)}</p>"


def _sentence(sentence: Mapping[str, Any], cited: Sequence[Citation]) -> str:
    marks = [
        f'<button type="button" class="wh-cite" data-n="{n}" aria-label="打开出处{n}">{n}</button>'
        for n in dict.fromkeys(cited.index(one) + 1 for one in sentence["citations"])
    ]
    # The full stop stays on the line of the last mark.
    end = f'{"".join(marks[:-1])}<span class="wh-tail">{"".join(marks[-1:])}。</span>'
    told = STATUS_NAMES.get(str(sentence["status"]), "")
    title = f' title="{told}"' if told else ""
    return f"<span{title}>{escape(clean(str(sentence['text'])).rstrip('。'))}</span>{end}"


def about(one: Citation) -> str:
    """栗坪县 2022年 › 一、… › （二）…"""
    year = f"{one['year']}年" if one.get("year") else ""
    place = " ".join(filter(None, (str(one.get("place") or ""), year)))
    return clean(" › ".join(filter(None, (place, *one.get("path", ())))))


def sources_html(cited: Sequence[Citation]) -> str:
    """The list of sources; each opens at its sentence."""
    rows = "".join(
        f'<li><button type="button" class="wh-source" data-n="{n}"><b>[{n}]</b> '
        f"《{escape(clean(str(one['title'])))}》 <span>{escape(about(one))}</span></button>"
        f'<div class="wh-quote wh-clamp">{escape(clean(str(one["quote"])))}</div></li>'
        for n, one in enumerate(cited, 1)
    )
    return f'<ol class="wh-sources">{rows}</ol>'


def evidence_html(found: Sequence[Citation]) -> str:
    """Cards of what was found, before anything is written."""
    cards = "".join(
        f'<li><button type="button" class="wh-evidence" data-n="{n}"><span>{escape(about(one))}</span>'
        f'<div class="wh-clamp">{escape(clean(str(one["quote"])))}</div></button></li>'
        for n, one in enumerate(found, 1)
    )
    return f'<ol class="wh-cards">{cards}</ol>'


def plain(turn: Turn) -> str:
    """The answer with its sources, for the clipboard."""
    lines = [f"问：{turn['question']}", f"答：{turn['text']}"]
    if turn["status"] != "refused" and turn.get("reason"):
        lines.append(f"（{turn['reason']}）")
    for n, one in enumerate(sources(turn), 1):
        lines.append(f"[{n}]《{clean(str(one['title']))}》{about(one)}：“{clean(str(one['quote']))}”")
    return "\n".join(lines)


def closing(turn: Turn) -> str:
    """One line under the answer: seconds, and who wrote it."""
    seconds = turn.get("timings", {}).get("total_ms", 0) / 1000
    who = "由模型行文，数字与出处由程序核对" if turn.get("signature") else "由程序从报告中摘出"
    dropped = f"，去掉没有依据的句子{turn['dropped']}句" if turn.get("dropped") else ""
    return f"{who}{dropped}，用时{seconds:.1f}秒"
