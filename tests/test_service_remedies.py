"""What to do next never names a command to who has no command line: every phrase of the code is known to the table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from corpus.errors import InputError, NotFound
from service import remedies, telling
from service.remedies import COMMAND, phrased, plain

ROOT = Path(__file__).resolve().parents[1]
# What only the command line shows, or tells an administrator to type.
COMMAND_LINE = (
    "service/commands/", "service/cli.py", "service/demo.py", "service/docs.py", "service/faults.py",
    "service/toy_site.py", "service/settings.py", "service/http/server.py", "service/keeping/check_",
    "service/keeping/restoring.py", "service/keeping/doctor.py", "service/draft/screen.py", "service/ledger/screen.py",
    "service/screen", "service/draft/input_text.py", "service/remedies.py", "service/ui/set_", "service/ui/settings.py",
    "service/models/pypi_source.py", "corpus/readers/office.py", "service/ui/theme.py", "service/ui/papers.py",
)  # fmt: skip
CHINESE = re.compile("[一-鿿]")
SAID = 30  # at least so many; else the scan has gone blind


def texts(path: Path) -> Iterator[str]:
    """All texts of a module with their gaps filled, but for its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(node.value)
        if isinstance(node, ast.JoinedStr):
            left_out |= set(node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out:
            yield node.value


@cache
def said() -> dict[str, str]:
    """Every text with a command or option in it that a page or the API may show, and where it stands."""
    found: dict[str, str] = {}
    for room in ("corpus", "service"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(COMMAND_LINE):
                found |= {text: name for text in texts(path) if COMMAND.search(text) and CHINESE.search(text)}
    return found


def test_the_table_knows_every_phrase_of_the_command_line() -> None:
    every = said()
    assert len(every) > SAID
    unknown = {where: phrased(text) for text, where in every.items() if COMMAND.search(phrased(text))}
    assert not unknown


def test_nothing_is_left_of_a_command_in_any_of_them() -> None:
    for text in said():
        told = plain(text)
        assert "wenheng " not in told and " --" not in told and "；；" not in told and "请请" not in told, (
            told
        )
        assert "可请" not in told and "或请" not in told, told


def test_every_option_that_an_error_concerns_has_a_name() -> None:
    options: set[str] = set()
    for path in (ROOT / "service").rglob("*.py"):
        if not path.relative_to(ROOT).as_posix().startswith(COMMAND_LINE):
            options |= set(re.findall(r'where=f?"(--[a-z-]+)', path.read_text(encoding="utf-8")))
    assert options and options <= set(remedies.PLACES)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("请先用 wenheng ingest 文件或文件夹 入库", "请先把报告入库"),
        ("用 wenheng reports 查看全部报告的编号", "在资料库的列表中查看全部报告的编号"),
        ("请再加年份（--years）或地区（--places）；库中现有：澄河县", "请再加年份或地区；库中现有：澄河县"),
        ("请换一个文件名，或加 --force 覆盖", "请换一个文件名"),
        ("可用 wenheng restore 恢复备份；没有备份时，请将 library.db 改名", "请联系管理员恢复备份"),
        ("请运行 wenheng neverheard；再试一次", "再试一次"),
        ("请运行 wenheng neverheard --all", remedies.ADMINISTRATOR),
        ("请稍后再试", "请稍后再试"),
    ],
)
def test_a_phrase_is_put_in_the_words_of_the_doors(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_an_error_is_told_alike_behind_every_door() -> None:
    from service.ui.problems import told

    error = InputError("看不懂年份“二二”", where="--years", remedy="请用 --years 指明年份；库中现有：2022")
    problem = telling.told(error)
    assert (problem["where"], problem["remedy"]) == ("年份", "请指明年份；库中现有：2022")
    assert told(error) == (problem["detail"], problem["where"], problem["remedy"])
    assert telling.sentence(problem) == remedies.sentence(error) == str(remedies.of_doors(error))
    assert problem["code"] == "bad_input" and telling.told(NotFound("没有"))["code"] == "not_found"
