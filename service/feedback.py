"""Answers that users found wrong, kept as cases for eval (反馈).

In: a turn of a conversation, what was wrong with it, and what would have been right. Out: one JSON line in
``feedback/`` of the data folder, personal data masked:

    cases.jsonl   cases that ``wenheng eval`` takes as they are (``eval/cases/README.md``): the user told what must stand
                  in the answer (``points``), or that it should have been refused
    open.jsonl    the same keys, without what must stand in the answer: somebody has to complete them
    answers.jsonl what was answered, by the id of its case, for whoever looks at it

A case points at its reports by hash and raw offsets, as all cases do.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.errors import InputError, NotFound
from corpus.privacy import mask_plain
from corpus.schema import translated
from service.desk import Desk

FOLDER = "feedback"
KEY = 12  # characters of a key at most, as eval asks
REASONS = {
    "number": "数字不对",
    "source": "出处不对",
    "missing": "漏了内容",
    "off": "答非所问",
    "refuse": "应当拒答",
    "answer": "不该拒答",
    "other": "其他",
}
_KINDS = {"number": "number", "missing": "list", "refuse": "unanswerable"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a user says of an answer: ``reason`` is a key of REASONS, ``right`` what should have been said."""

    reason: str
    right: str = ""
    comment: str = ""


def keep(desk: Desk, turn: Mapping[str, Any], earlier: Sequence[str], complaint: Complaint) -> str:
    """Store a case; its id.

    Args:
        desk: of the collection that was asked.
        turn: as the conversation keeps it.
        earlier: the questions before.
        complaint: what was wrong.

    Raises:
        InputError: an unknown reason.
        StorageFull: no space left.
    """
    if complaint.reason not in REASONS:
        raise InputError(f"没有“{complaint.reason}”这种反馈", remedy=f"可选：{'、'.join(REASONS)}")
    case = _case(desk, turn, earlier, complaint)
    whole = case["expect"] == "refuse" or (case.get("points") and case.get("gold"))
    folder = desk.library.home / FOLDER
    with translated(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _append(folder / ("cases.jsonl" if whole else "open.jsonl"), case)
        answer = {name: turn.get(name) for name in ("question", "status", "text", "reason", "signature")}
        _append(folder / "answers.jsonl", {"id": case["id"], "at": _now(), **answer})
    return str(case["id"])


def _case(
    desk: Desk, turn: Mapping[str, Any], earlier: Sequence[str], complaint: Complaint
) -> dict[str, Any]:
    question = mask_plain(str(turn["question"]))
    refuse = complaint.reason == "refuse"
    gold = list(_gold(desk, turn))
    keys = [] if refuse else [[key] for key in _keys(mask_plain(complaint.right))]
    told = "；".join(filter(None, (REASONS[complaint.reason], mask_plain(complaint.comment)[:200])))
    case: dict[str, Any] = {
        "id": "feedback-"
        + hashlib.sha256(f"{question}{_now()}{os.urandom(8).hex()}".encode()).hexdigest()[:10],
        "kind": _KINDS.get(complaint.reason, "number"),
        "question": question,
        "split": "own",
        "expect": "refuse" if refuse else "answer",
        "note": f"用户反馈，未审：{told}",
    }
    if earlier:
        case["history"] = [{"question": mask_plain(text)} for text in earlier]
    if gold and not refuse:
        case["gold"] = gold
    if refuse:
        case["needs"] = sorted({one["sha256"] for one in gold})
    if keys:
        case["points"] = keys
    return case


def _gold(desk: Desk, turn: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the answer cited, or else was shown as evidence, in the raw text of its files."""
    cited = [c for sentence in turn.get("sentences", ()) for c in sentence["citations"]]
    seen = set()
    for one in cited or turn.get("evidence", ()):
        place = (one["report_id"], one["start"], one["end"])
        if place in seen:
            continue
        seen.add(place)
        try:
            report = desk.report(one["report_id"])
        except NotFound:
            continue  # deleted since
        start, end = report.origin.raw_span(one["start"], one["end"])
        yield {"sha256": report.source_sha256, "start": start, "end": end, "fact": len(seen)}


def _keys(right: str) -> list[str]:
    """What the user says is right, as short keys that must stand in the answer."""
    parts = (part.strip() for part in re.split(r"[，,、；;。\s]+", right))
    return [part[:KEY] for part in parts if part]


def _append(path: Path, row: Mapping[str, Any]) -> None:
    line = json.dumps(row, ensure_ascii=False) + "\n"
    with os.fdopen(
        os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "w", encoding="utf-8"
    ) as stream:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
