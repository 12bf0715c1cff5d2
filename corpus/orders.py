"""Sentences of a document that give orders to whatever program reads it (写给程序的指令).

In: the text of one report. Out: the same without them, each logged as a repair. A report is data: what it tells a
reader to say is nothing that it reports, and could only come back as an answer, a problem or a figure. The raw text
keeps them. The patterns are narrow: an order to offices (请各单位认真落实) is content.
"""

from __future__ import annotations

import re

from corpus.repair_kinds import RepairKind
from corpus.tracked import Edit, TrackedText

_GAP = r"[^。！？!?\n]"
_ORDER = re.compile(
    r"(?:忽略|无视|忘记|忘掉|不要理会|抛开)(?:你的|以上|上述|此前|之前|前面|先前|一切|所有|全部)"
    rf"{_GAP}{{0,8}}(?:指令|指示|规则|提示词?|设定|要求|限制)"
    rf"|\b(?:ignore|disregard|forget)\b[^。\n]{{0,40}}\b(?:instructions?|prompts?|rules?)\b"
    r"|系统提示词|【系统(?:指令|提示)】|\bsystem prompt\b|(?:^|\n)\s*SYSTEM\s*[:：]"
    r"|(?:请|必须|一律|只能?)(?:回答|输出|回复|答复)\s*(?:[“\"「『：:]|\d)"
    rf"|问[到及起]?{_GAP}{{0,16}}(?:一律|都要?|只)(?:回答|答|说|回复)"
    rf"|请把?(?:以上|上述|本文|全文){_GAP}{{0,12}}(?:改写|翻译|输出)[成为]"
    rf"|阅读本文的(?:程序|模型|AI|助手|机器人)"
    rf"|你现在?(?:是|不受){_GAP}{{0,10}}(?:助手|限制|语言模型|人工智能)",
    re.I,
)
_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[”』」）)】]*|(?=\n)|\Z)")

# What an order goes on with in a sentence of its own.
_GOES_ON = re.compile(r"\s*(?:然后|并且?|再|之后|随后)?(?:请|只|一律)?(?:回答|输出|回复|答复|称)")


def drop_orders(t: TrackedText) -> tuple[TrackedText, int]:
    """The text without sentences that address the reading program, and how many there were.

    A sentence goes as a whole, and with it the one behind it that goes on (然后回答…).
    """
    edits: list[Edit] = []
    for match in _SENTENCE.finditer(t.text):
        behind = bool(edits) and edits[-1].end == match.start()
        if _ORDER.search(match[0]) or (behind and _GOES_ON.match(match[0])):
            edits.append(Edit(match.start(), match.end(), "", RepairKind.ORDER))
    return (t.edit(edits), len(edits)) if edits else (t, 0)
