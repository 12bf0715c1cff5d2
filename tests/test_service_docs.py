"""The documentation says what the code does: blocks are fresh, names exist, nothing is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from corpus.errors import InputError, WenhengError
from corpus.readers.guard import DEFAULT
from eval import cases
from service import docs
from service.cited import Answer, Citation, Sentence
from service.cli import cli
from service.settings import TABLE

READMES = ("README.md", "README.zh.md")
WRITTEN = [*docs.PAGES, *(f"docs/adr/{p.name}" for p in (docs.ROOT / "docs/adr").glob("*.md"))]
ROOMS = ("prompts", "corpus", "service", "eval", "benchmarks", "docs")
MADE = {"__pycache__", ".pytest_cache", ".hypothesis"}


def page(name: str) -> str:
    return (docs.ROOT / name).read_text("utf-8")


def own_words(name: str) -> str:
    """A page without what is made from the code."""
    return docs.BLOCK.sub("", page(name))


# -- the blocks ---------------------------------------------------------------------------------------


def test_blocks_are_fresh() -> None:
    assert not [str(path) for path in docs.stale()], "run: make docs"


@pytest.mark.parametrize("name", READMES)
def test_readme_has_every_block_once_and_a_place_for_the_recording(name: str) -> None:
    text = page(name)
    assert sorted(m[2] for m in docs.BLOCK.finditer(text)) == ["commands", "settings", "tree"]
    assert text.count("<!-- made:") == text.count("<!-- /made -->") == 3
    assert text.count("<!-- recording -->") == text.count("<!-- /recording -->") == 1


def test_fresh_replaces_only_blocks_and_twice_is_once() -> None:
    text = "甲\n<!-- made: settings -->\nold\n<!-- /made -->\n乙\n"
    once = docs.fresh(text, "zh")
    assert once.startswith("甲\n<!-- made: settings -->\n| 变量") and once.endswith("<!-- /made -->\n乙\n")
    assert "old" not in once and docs.fresh(once, "zh") == once


def test_unknown_block_is_refused() -> None:
    with pytest.raises(InputError, match="nonsense"):
        docs.fresh("<!-- made: nonsense -->\n<!-- /made -->", "en", "x.md")


def test_check_names_what_is_stale_and_main_mends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.md").write_text("<!-- made: commands -->\n<!-- /made -->\n", "utf-8")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "PAGES", {"page.md": "en"})
    checked = CliRunner().invoke(docs.main, ["--check"])
    assert (checked.exit_code, checked.output) == (1, "已过时：page.md\n")
    assert CliRunner().invoke(docs.main, []).output == "已更新：page.md\n"
    assert "wenheng ingest PATHS..." in (tmp_path / "page.md").read_text("utf-8")
    assert CliRunner().invoke(docs.main, ["--check"]).exit_code == 0
    (tmp_path / "page.md").unlink()
    assert CliRunner().invoke(docs.main, []).exit_code == InputError.exit_code


# -- nothing left out ---------------------------------------------------------------------------------


def test_every_command_has_a_line_in_both_languages() -> None:
    commands = dict(docs.members(cli, click.Context(cli)))
    assert set(docs.ENGLISH) == set(commands)
    for name, command in commands.items():
        assert docs.ENGLISH[name] and re.search(r"[\u4e00-\u9fff]", command.get_short_help_str(200)), name


def test_every_setting_is_explained_in_both_languages() -> None:
    for setting in TABLE:
        assert all(f"| `{setting.env}` |" in page(name) for name in READMES), setting.env
    chinese = docs.settings("zh")
    assert not set(docs.CELLS) & {cell for row in chinese.splitlines() for cell in row.split(" | ")}


def test_tree_holds_every_file_of_the_rooms_and_nothing_else() -> None:
    disk = {
        path.relative_to(docs.ROOT).as_posix()
        for room in ROOMS
        for path in (docs.ROOT / room).rglob("*")
        if path.is_file() and not MADE & set(path.parts) and not path.name.startswith(".")
    }
    disk = {path for path in disk if not path.startswith(tuple(f"{name}/" for name in docs.SUMMARISED))}
    assert disk == {path for folder in docs.FOLDERS for path in docs.listed(folder)}
    names = [line.split()[0] for line in docs.tree("en").splitlines()]
    assert all(names.count(Path(path).name) >= 1 for path in disk)


def test_tree_holds_every_package_and_only_what_exists() -> None:
    packages = {p.parent.name for p in docs.ROOT.glob("*/__init__.py") if not p.parent.name.startswith(".")}
    assert packages <= set(docs.FOLDERS)
    assert all((docs.ROOT / folder).is_dir() for folder in docs.FOLDERS)


def test_a_file_without_a_line_is_named() -> None:
    with pytest.raises(InputError, match=r"corpus/unknown\.bin"):
        docs.summary("corpus/unknown.bin", "en")


def test_roles_of_docstrings_are_taken_off() -> None:
    assert docs.summary("corpus/encoder.py", "en").endswith("inside FolderEmbedder.")
    assert docs.summary("prompts/answer.v1.md", "zh") == "提示词 answer，第 1 版"


# -- what the pages say exists ------------------------------------------------------------------------


def test_both_readmes_have_the_same_parts() -> None:
    english, chinese = (re.findall(r"^(#+|```\w*|<!-- .*? -->)", page(name), re.M) for name in READMES)
    assert english == chinese
    tables = [len(re.findall(r"^\|", page(name), re.M)) for name in READMES]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("name", READMES)
def test_named_commands_and_options_exist(name: str) -> None:
    text = own_words(name)
    # In code only; what follows a command up to the end of the span or line is its arguments.
    code = re.findall(r"`(?:\.venv/bin/)?wenheng ([^`]+)`|^ {4}(?:\.venv/bin/)?wenheng (.+)$", text, re.M)
    assert code
    for call in (inside or line for inside, line in code):
        words = [word for word in call.split() if word not in ("--home", "runs/home")]
        if words[0] == "COMMAND":
            continue
        command: click.Command = cli
        while isinstance(command, click.Group):
            context = click.Context(command)
            inner = command.get_command(context, words[0]) if words else None
            if inner is None:
                assert not words or words[0].startswith("-"), call
                break
            command, words = inner, words[1:]
        known = {option for p in command.params if isinstance(p, click.Option) for option in p.opts}
        assert {word for word in words if word.startswith("--")} <= known, call


@pytest.mark.parametrize("name", READMES)
def test_named_variables_and_targets_exist(name: str) -> None:
    text = own_words(name)
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.M)) - {"help"}
    named = set(re.findall(r"(?:`|^ {4}|=python3\.11 )make ([a-z]+)", text, re.M))
    assert named == targets
    assert set(re.findall(r"WENHENG_[A-Z0-9_]+", text)) <= {setting.env for setting in TABLE}


@pytest.mark.parametrize("name", READMES)
def test_exit_codes_are_those_of_the_errors(name: str) -> None:
    def kinds(kind: type[WenhengError]) -> set[int]:
        return {kind.exit_code}.union(*(kinds(below) for below in kind.__subclasses__()))

    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", own_words(name), re.M)}
    assert rows == kinds(WenhengError) | {0, 130}


@pytest.mark.parametrize("name", READMES)
def test_json_shape_is_that_of_an_answer(name: str) -> None:
    def keys(value: object) -> object:
        if isinstance(value, dict):
            return {key: keys(inside) for key, inside in value.items()}
        return [keys(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None

    block = re.search(r"```json\n(.*?)```", page(name), re.S)
    assert block
    citation = Citation("1f", "甲县总结", 0, 2, "好。")
    answer = Answer("问", "answered", (Sentence("好", (citation,), "quoted"),))
    assert keys(json.loads(block[1])) == keys(answer.to_json())


@pytest.mark.parametrize("name", READMES)
def test_example_cases_load(name: str) -> None:
    block = re.search(r"```jsonl\n(.*?)```", page(name), re.S)
    assert block
    assert [cases.parse(line).expect for line in block[1].splitlines()] == ["answer", "refuse"]


@pytest.mark.parametrize("name", READMES)
def test_messages_in_the_table_of_troubles_are_real(name: str) -> None:
    sources = [page("Makefile"), *(p.read_text("utf-8") for p in docs.ROOT.glob("[cs]*/**/*.py"))]
    cells = re.findall(r"^\| `([^`]*[\u4e00-\u9fff][^`]*)` \|", own_words(name), re.M)
    assert len(cells) >= 10
    for cell in cells:
        assert any(all(piece in text for piece in re.split(" ?… ?", cell)) for text in sources), cell


@pytest.mark.parametrize("name", READMES)
def test_limits_are_those_of_the_readers(name: str) -> None:
    text = own_words(name)
    for limit in (
        f"{DEFAULT.size >> 20} MB",
        f"{DEFAULT.memory >> 30} GB",
        f"{DEFAULT.seconds} ",
        f"{DEFAULT.pages:,} ",
    ):
        assert limit in text, limit


@pytest.mark.parametrize("name", WRITTEN)
def test_links_lead_somewhere_and_no_machine_is_named(name: str) -> None:
    text = page(name)
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (docs.ROOT / name).parent.joinpath(link).exists(), link
    assert not re.search(r"/(?:root|work|home)/|pypi\.org|huggingface\.co|[\w.]+\.local\b", text)
