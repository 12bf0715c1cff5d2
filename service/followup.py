"""A follow-up takes from the question before what it leaves out.

In: a question as understood by itself and the one before. Out: the question with places, years and
topic filled in, marked as following. A new place with nothing else asks the same of that place.
"""

from __future__ import annotations

import re
from dataclasses import replace

from service.question import Ask, Question, QuestionKind
from service.terms import grams

FOLLOWS = re.compile(
    r"^(?:那么?|它|其|该|这个|这些|上述|还有|另外|同期|前一年|后一年|上一年|去年|再|换成|如果是)|(?:它的|该县|该市|该区|该地|这个县|上面|刚才)|呢[？?]?$"
)
CATEGORY = re.compile(r"(?:级|医院|中心|卫生院|院|局|站|所|率|癌|病|人群|人口|镇|乡)$")


def follow_up(question: Question, before: Question) -> Question:
    """Fill what a follow-up leaves out from the question before."""
    lean = bool(FOLLOWS.search(question.text)) or not grams(question.topic)
    # A new place with nothing else asks the same thing of another place.
    if (question.places or question.strangers) and (grams(question.topic) or not lean):
        return question
    changes: dict[str, object] = {}
    if not question.places and not question.strangers and question.kind is not QuestionKind.GATHER:
        changes["places"] = before.places
    fragment = _is_fragment(question, lean)
    if not question.years and (lean or fragment) and before.years:
        changes["years"] = before.years
    if fragment:
        topic = _exchanged(before.topic, question.topic)
        asks = question.asks if any(a.quantity for a in question.asks) else before.asks
        changes |= {
            "topic": topic,
            "asks": tuple(
                replace(
                    ask, topic=_exchanged(before.topic, ask.topic if ask in question.asks else question.topic)
                )
                for ask in asks
            )
            or (Ask(topic),),
            "kind": before.kind if question.kind is QuestionKind.FACT else question.kind,
        }
    if not grams(question.topic) and not question.sections:
        changes |= {
            "topic": before.topic,
            "asks": before.asks,
            "sections": before.sections,
            "kind": before.kind if question.kind is QuestionKind.FACT else question.kind,
            "operation": before.operation,
        }
    return replace(question, **changes, follows=bool(changes)) if changes else question  # type: ignore[arg-type]


def _is_fragment(question: Question, lean: bool) -> bool:
    """A few words (那县级呢？) that stand in for a part of the question before."""
    count = len(question.topic.replace("｜", " ").split())
    asks = any(ask.quantity for ask in question.asks)
    return 0 < count <= 3 and not question.sections and (lean or asks) and question.kind is QuestionKind.FACT


def _exchanged(before: str, now: str) -> str:
    """The earlier topic with the words of the new one in place of their like (市级 → 县级)."""
    fresh = now.split()
    ends = {m[0] for word in fresh if (m := CATEGORY.search(word))}
    if ends & {"医院", "中心", "卫生院", "院", "局", "站", "所"}:
        ends |= {"医院", "中心", "卫生院", "院", "局", "站", "所"}
    if ends & {"人群", "人口"}:
        ends |= {"人群", "人口"}
    kept = [w for w in before.split() if w not in fresh and not ((m := CATEGORY.search(w)) and m[0] in ends)]
    return " ".join((*fresh, *kept))
