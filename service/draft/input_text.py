"""The input as YAML or JSON: the same four sheets as text that people write by hand (文本输入).

In: text. Out: :class:`~service.draft.input_rows.Sheets` with the line of every cell, and the way back. The keys are the
Chinese names of the sheets and columns and no others, so that there is one way to write a thing. Values are taken as
they are typed: 72.30 stays 72.30, 2023-02-30 becomes no other day. Nothing is constructed from tags, and aliases,
which can unfold without end, are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import yaml

from corpus.errors import BadTable
from service.draft.fields import BASIC, COLUMNS, FIELDS, Column
from service.draft.input_rows import Cell, Line, Sheets
from service.draft.prefill_sources import Prefilled, basic_cells, cells_of

LISTS = frozenset({"来源", "附件", "保障措施", "针对问题"})  # may be a list as well as one text
_PLAIN = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff0-9A-Za-z，。、；（）《》“”〔〕]*|\d{1,9}(?:\.\d{1,6})?")
_WORDS = frozenset({"是", "否"})
_SHOULD = "请参照 wenheng draft new 生成的文件"


# -- in ---------------------------------------------------------------------------------------------


def sheets_of_yaml(text: str, where: str) -> Sheets:
    """The cells of a YAML text.

    Raises:
        BadTable: it is no YAML, or is not made of the four sheets.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise BadTable(
            _syntax(error), where=where, remedy="请检查缩进、冒号后的空格和引号是否成对"
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadTable("不是能读的 YAML，可能有特殊字符或嵌套太深", where=where, remedy=_SHOULD) from error
    return _sheets(node, _of_node, where)


def sheets_of_json(text: str, where: str) -> Sheets:
    """The cells of a JSON text.

    Raises:
        BadTable: it is no JSON, or is not made of the four sheets.
    """
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise BadTable(
            f"不是能读的 JSON（第{error.lineno}行第{error.colno}列附近）",
            where=where,
            remedy="请检查逗号、引号和括号是否成对",
        ) from error
    except RecursionError as error:
        raise BadTable("嵌套太深，不是输入表", where=where, remedy=_SHOULD) from error
    return _sheets(value, _of_json, where)


def sheets_of(value: Mapping[str, Any], where: str) -> Sheets:
    """The cells of the four sheets as plain objects, as another program sends them.

    Raises:
        BadTable: they are not made of the four sheets.
    """
    return sheets_of_json(json.dumps(value, ensure_ascii=False), where)


class _Loader(yaml.SafeLoader):
    """Composes nodes; an alias ends it."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="alias", problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with keys that may stand twice."""


# A value as (kind, what, line): "map" of (key, line, value), "list" of values, "text".
View = tuple[str, Any, int]


def _of_node(node: Any) -> View:
    if node is None:
        return "text", "", 0
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        pairs = [(str(key.value), key.start_mark.line + 1, value) for key, value in node.value]
        return "map", pairs, line
    if isinstance(node, yaml.SequenceNode):
        return "list", node.value, line
    return "text", "" if node.tag.endswith(":null") else node.value, line


def _of_json(value: Any) -> View:
    if isinstance(value, _Pairs):
        return "map", [(key, 0, one) for key, one in value], 0
    if isinstance(value, list):
        return "list", value, 0
    if isinstance(value, bool):
        return "text", "是" if value else "否", 0
    return "text", "" if value is None else value, 0


def _syntax(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    at = f"（第{mark.line + 1}行第{mark.column + 1}列附近）" if mark else ""
    if error.problem == "alias":
        return f"用了 YAML 的引用（*）{at}，这里不能用"
    return f"不是能读的 YAML{at}"


def _sheets(top: Any, view: Callable[[Any], View], where: str) -> Sheets:
    kind, pairs, _ = view(top)
    if kind != "map":
        empty = kind == "text" and not str(pairs).strip()
        raise BadTable(
            "文件是空的" if empty else "最外层应当是 基本信息、指标、问题、任务 四项",
            where=where,
            remedy=_SHOULD,
        )
    reading = _Reading(view)
    found = reading.named(pairs, (BASIC, *COLUMNS), "", "栏")
    missing = [name for name in (BASIC, *COLUMNS) if name not in found]
    if missing:
        raise BadTable(
            f"缺少“{'”“'.join(missing)}”", where=where, remedy=f"没有内容也请写上，如 {missing[-1]}: []"
        )
    basic = reading.line(found[BASIC], FIELDS, BASIC)
    rows = {name: tuple(reading.lines(found[name], columns, name)) for name, columns in COLUMNS.items()}
    return Sheets(basic, rows, tuple(reading.faults))


class _Reading:
    """Reads maps and lists and notes what does not fit."""

    def __init__(self, view: Callable[[Any], View]) -> None:
        self.view = view
        self.faults: list[str] = []

    def named(
        self, pairs: Sequence[tuple[str, int, Any]], known: Sequence[str], at: str, what: str
    ) -> dict[str, tuple[int, Any]]:
        """Values by key with their lines; keys that are not known or stand twice are faults."""
        found: dict[str, tuple[int, Any]] = {}
        for name, line, value in pairs:
            key = name.strip()
            here = address(at or key, line)
            if key not in known:
                near = get_close_matches(key, known, 1, 0.5)
                meant = f"是不是“{near[0]}”" if near else f"可用的有：{'、'.join(known)}"
                self.faults.append(f"{here} 没有“{key[:20]}”这一{what}。请改正，{meant}")
            elif key in found:
                self.faults.append(f"{here} “{key}”写了两次。请删去一处")
            else:
                found[key] = (line, value)
        return found

    def lines(self, value: tuple[int, Any], columns: Sequence[Column], name: str) -> Iterator[Line]:
        """The rows of a sheet."""
        kind, items, line = self.view(value[1])
        if kind == "text" and not items.strip():
            return
        if kind != "list":
            self.faults.append(
                f"{address(name, line or value[0])} 应当是一个列表，每一行以“- ”开头。{_SHOULD}"
            )
            return
        for number, item in enumerate(items, 1):
            yield self.line((0, item), columns, f"{name}第{number}项")

    def line(self, value: tuple[int, Any], columns: Sequence[Column], at: str) -> Line:
        """One row, or 基本信息."""
        kind, pairs, line = self.view(value[1])
        here = address(at, line)
        if kind == "text" and not str(pairs).strip():
            return Line(at, {})
        if kind != "map":
            self.faults.append(f"{here} 应当写成“{columns[0].name}: …”的样子。{_SHOULD}")
            return Line(at, {})
        names = [column.name for column in columns]
        found = self.named(pairs, names, at, "项")
        cells = {
            name: self.cell(name, address(f"{at}.{name}", line), value)
            for name, (line, value) in found.items()
        }
        return Line(at, cells)

    def cell(self, name: str, at: str, value: Any) -> Cell:
        """One value; 来源, 附件, 保障措施 and 针对问题 may be lists."""
        kind, told, _ = self.view(value)
        if kind == "text":
            return Cell(str(told), at)
        if kind == "list" and name in LISTS:
            items = [self.view(item) for item in told]
            if all(item[0] == "text" for item in items):
                return Cell("\n".join(str(item[1]) for item in items), at)
        return Cell("", at, "应当是一个值，不能再分层。请写成一行文字")


def address(at: str, line: int) -> str:
    """问题第2项.原因（第12行）."""
    return f"{at}（第{line}行）" if line else at


# -- out --------------------------------------------------------------------------------------------

_HEAD = """# 文衡输入表：由 wenheng draft new 生成，改好后用 wenheng draft problems|plan|summary 写成文稿。
# 项目名称只能用这里的中文名称，不能增减改名；没有内容的留空；以 # 开头的是说明。
# “来源”里末尾带[编号:起止]的行是预填内容的出处，请不要改动；改了对应的内容，它自动失效。
"""


def yaml_text(given: Prefilled) -> str:
    """The input as YAML, with the help as comments."""
    lines = [
        _HEAD.rstrip("\n"),
        *(f"# {one_comment(message)}" for message in given.messages),
        "",
        f"{BASIC}:",
    ]
    values = basic_cells(given.given.basic)
    for column in FIELDS:
        lines += [f"  # {one_comment(column.help)}", *_entry("  ", column.name, values[column.name])]
    for name, rows in cells_of(given).items():
        lines += ["", *_help(COLUMNS[name]), f"{name}:" if rows else f"{name}: []"]
        for number, row in enumerate(rows):
            entries = [
                line for column in COLUMNS[name] for line in _entry("    ", column.name, row[column.name])
            ]
            notes = [one.note for one in given.of(name, number) if one.note]
            lines += [f"  # {one_comment(note)}" for note in dict.fromkeys(notes)]
            lines += [f"  - {entries[0].lstrip()}", *entries[1:]]
    return "\n".join(lines) + "\n"


def one_comment(text: str) -> str:
    """A text that stays within one comment."""
    return " ".join(text.split())


def _help(columns: Sequence[Column]) -> Iterator[str]:
    """What each column is for, and a row as an example."""
    for column in columns:
        needed = "（必填）" if column.required else ""
        example = f"。例：{column.example}" if column.example else ""
        yield f"# {column.name}{needed}：{one_comment(column.help)}{example}"


def _entry(indent: str, name: str, text: str) -> list[str]:
    """One key with its value; several lines as a list."""
    parts = text.split("\n") if name in LISTS else [text]
    if not text:
        return [f"{indent}{name}:"]
    if len(parts) == 1:
        return [f"{indent}{name}: {_scalar(parts[0])}"]
    return [f"{indent}{name}:", *(f"{indent}  - {_scalar(part)}" for part in parts)]


def _scalar(text: str) -> str:
    """A text as it is where nothing in it can be mistaken, else in quotation marks."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def json_text(given: Prefilled) -> str:
    """The input as JSON."""
    return json.dumps(sheets(given), ensure_ascii=False, indent=2) + "\n"


def sheets(given: Prefilled) -> dict[str, Any]:
    """The four sheets as plain objects, as :func:`sheets_of_json` reads them."""
    rows: Mapping[str, Any] = {BASIC: _object(basic_cells(given.given.basic))}
    return {**rows, **{name: [_object(row) for row in lines] for name, lines in cells_of(given).items()}}


def _object(cells: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Cells with those of several lines as lists."""
    return {
        name: text.split("\n") if name in LISTS and "\n" in text else text for name, text in cells.items()
    }
