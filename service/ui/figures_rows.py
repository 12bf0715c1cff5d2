"""Rows of the ledger as the page's table shows them (台账的行).

In: rows. Out: plain objects of text for the browser, which sets them as text, never as HTML; and their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from corpus.corrections import KINDS
from corpus.ledger import Row
from corpus.report import Span
from service.ledger.files import remark
from service.papers.presenting import clean

AROUND = 34  # characters of the sentence on either side of a figure
LAST = date.max

COLUMNS: list[dict[str, Any]] = [
    {"name": "place", "label": "地方", "field": "place", "align": "left", "sortable": True},
    {"name": "when", "label": "时段", "field": "when", "align": "left", "sortable": True},
    {"name": "name", "label": "指标", "field": "name", "align": "left", "sortable": True},
    {"name": "value", "label": "数值", "field": "value", "align": "right", "sortable": True},
    {"name": "kind", "label": "性质", "field": "kind", "align": "left", "sortable": True},
    {"name": "quote", "label": "原句", "field": "quote", "align": "left"},
    {
        "name": "title",
        "label": "报告",
        "field": "title",
        "align": "left",
        "sortable": True,
        "classes": "wp-aside",
        "headerClasses": "wp-aside",
    },
    {"name": "acts", "label": "操作", "field": "id", "align": "right"},
]

_QUOTE = (
    '<span class="wp-around">{{ props.row.before }}<b>{{ props.row.figure }}</b>{{ props.row.after }}</span>'
)
_VALUE = (
    '<b>{{ props.row.value }}</b><div v-if="props.row.remark" class="wp-remark">{{ props.row.remark }}</div>'
)
_ACTS = (
    '<q-btn flat dense round size="sm" icon="format_quote" :aria-label="`打开 ${props.row.name} 的出处`"'
    ' @click="() => $parent.$emit(\'source\', props.row.id)" title="出处"></q-btn>'
    '<q-btn flat dense round size="sm" icon="show_chart" :aria-label="`画 ${props.row.name} 的图`"'
    ' @click="() => $parent.$emit(\'draw\', props.row.id)" title="画图"></q-btn>'
    '<q-btn v-if="props.row.may" flat dense round size="sm" icon="edit" :aria-label="`更正 ${props.row.name}`"'
    ' @click="() => $parent.$emit(\'correct\', props.row.id)" title="更正"></q-btn>'
)
SLOTS = {
    "body-cell-value": f'<q-td :props="props" class="wh-nowrap">{_VALUE}</q-td>',
    "body-cell-quote": f'<q-td :props="props" class="wp-quotecell">{_QUOTE}</q-td>',
    "body-cell-title": '<q-td :props="props"><span class="wp-clamp">{{ props.row.title }}</span></q-td>',
    "body-cell-acts": f'<q-td :props="props" class="wh-nowrap">{_ACTS}</q-td>',
    "item": (
        '<div class="col-12 q-pa-xs"><div class="wh-card wh-tight">'
        '<div class="wh-row"><span class="wh-strong">{{ props.row.name }}</span>'
        f'<span class="wh-push wp-right">{_VALUE}</span></div>'
        '<div class="wh-soft wh-small">{{ props.row.place }}，{{ props.row.when }}，{{ props.row.kind }}；'
        "《{{ props.row.title }}》</div>"
        f'<div class="wh-small">{_QUOTE}</div><div class="wh-row">{_ACTS}</div></div></div>'
    ),
}


def shown(row: Row, *, may_correct: bool) -> dict[str, Any]:
    """A row as text."""
    at = Span(row.span.start - row.sentence.start, row.span.end - row.sentence.start)
    low, high = max(0, at.start - AROUND), at.end + AROUND
    qualifier = f"（{row.qualifier}）" if row.qualifier and row.qualifier not in row.text else ""
    return {
        "id": row.id,
        "place": clean(row.place or "—"),
        "when": row.when.label if row.when else "未注明",
        "name": clean(row.name),
        "value": clean(f"{row.text}{qualifier}"),
        "remark": clean(remark(row)),
        "kind": KINDS[row.kind],
        "before": ("…" if low else "") + clean(row.quote[low : at.start]),
        "figure": clean(at.of(row.quote)),
        "after": clean(row.quote[at.end : high]) + ("…" if high < len(row.quote) else ""),
        "title": clean(row.title),
        "may": may_correct,
    }


def _value(row: Row) -> tuple[object, ...]:
    return (row.value is None, row.unit, row.value or Decimal(0))


_KEYS: dict[str, Callable[[Row], Any]] = {
    "place": lambda row: (row.place is None, row.place or ""),
    "when": lambda row: row.when.start if row.when else LAST,
    "name": lambda row: row.name,
    "value": _value,
    "kind": lambda row: list(KINDS).index(row.kind),
    "title": lambda row: row.title,
}


def sorted_by(rows: Sequence[Row], column: str | None, *, descending: bool) -> Sequence[Row]:
    """Rows in the order of a column; in reading order without one."""
    key = _KEYS.get(column or "")
    return rows if key is None else sorted(rows, key=key, reverse=descending)
