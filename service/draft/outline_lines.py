"""An outline as text that the user may edit, and back (可编辑的提纲).

In: an outline. Out: one line a part and a step, each with its key in brackets; what stands behind the last “  # ” is a
remark. Titles and headings may be changed, lines moved and deleted; the key says which facts a line is about, so that
nothing else can be changed here. An outline that is written and read again is the same.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.errors import InputError
from service.draft.drafts import Outline, Part, Step

TITLE = "标题："
HINT = (
    "# 每行一个部分或一步，方括号中是编号。标题可以改，行可以移动或删除；编号不要改。",
    "# 删去的步骤不再写，在核对清单中列为未写。以 # 开头的行和行末“  # ”之后的说明不起作用。",
)

SHOWN = 20  # characters of what a step without a heading is about

_LINE = re.compile(r"^\s*[\[［【]\s*(?P<key>[^\]］】]*?)\s*[\]］】](?P<rest>.*)$")
_REMARK = re.compile(r"(?:^|\s{2,})#\s.*$|\s*#$")
_LABEL = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)])\s*")
REMEDY = "请照原来的编号改正这一行；也可重新生成提纲"


def outline_text(outline: Outline) -> str:
    """The outline as text."""
    lines = [f"{TITLE}{outline.title}", *HINT]
    for part in outline.parts:
        lines.append(f"[{part.key}] {part.title}")
        lines += [f"  [{step.key}] {step.heading}  # {_remark(step)}".rstrip() for step in part.steps]
    return "\n".join(lines) + "\n"


def outline_of(text: str, outline: Outline) -> Outline:
    """The outline of an edited text.

    Args:
        text: what :func:`outline_text` wrote, edited.
        outline: the outline that it was written from.

    Raises:
        InputError: a line without a key, a key that is unknown or stands twice, a step in front of the first part,
            or nothing left; the message names the line.
    """
    known_parts = {part.key: part for part in outline.parts}
    known_steps = {step.key: step for step in outline.steps}
    title = outline.title
    seen: set[str] = set()
    found: list[tuple[Part, list[Step]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith(TITLE):
            title = line.removeprefix(TITLE).strip() or title
            continue
        key, told = _read(line, number)
        if key in seen:
            raise _wrong(f"编号“{key}”出现了两次", number)
        seen.add(key)
        if key in known_parts:
            found.append(
                (replace(known_parts[key], title=_LABEL.sub("", told) or known_parts[key].title), [])
            )
        elif key not in known_steps:
            raise _wrong(f"提纲中没有编号“{key}”", number)
        elif not found:
            raise _wrong(f"“{key}”的前面没有部分的标题", number)
        else:
            found[-1][1].append(replace(known_steps[key], heading=_LABEL.sub("", told)))
    parts = tuple(replace(part, steps=tuple(made)) for part, made in found if made)
    if not parts:
        raise InputError("提纲是空的，没有一步可写", where="提纲", remedy=REMEDY)
    made = replace(outline, title=title, parts=parts)
    return made if made == outline else replace(made, shaped=True)


def _read(line: str, number: int) -> tuple[str, str]:
    """Key and title of a line."""
    match = _LINE.match(line)
    if match is None:
        raise _wrong(f"“{line.strip()[:30]}”没有方括号中的编号", number)
    rest = match["rest"]
    cut = rest.rfind("  # ")
    told = rest[:cut] if cut >= 0 else _REMARK.sub("", rest)
    return "".join(match["key"].split()), told.strip()


def _wrong(message: str, number: int) -> InputError:
    return InputError(message, where=f"提纲第{number}行", remedy=REMEDY)


def _remark(step: Step) -> str:
    """What a step tells, and what it lacks."""
    if step.table is not None:
        told = f"表格：{step.table.caption}，由程序填写"
    else:
        told = "、".join(step.rows[:4]) + ("等" if len(step.rows) > 4 else "")
    about = f"“{step.facts[0].text[:SHOWN]}…”" if step.facts and not step.heading else ""
    lacks = f"待补：{'、'.join(step.gaps)}" if step.gaps else ""
    return "；".join(filter(None, (about, told, lacks))).replace("  # ", " ") or "由程序填写"
