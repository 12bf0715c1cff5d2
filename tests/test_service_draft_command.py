"""``wenheng draft``: what a user types, from the input to two Word files and the versions of a draft."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pytest
from click.testing import CliRunner, Result

from corpus.errors import EndpointError, ModelMissing
from corpus.library import Library
from service.cli import cli
from service.commands.draft import draft
from service.desk import Desk
from service.draft import source
from service.draft.input_files import read_input, write_input
from service.draft.inputs import DraftInput, Kind
from service.draft.prefill_sources import Prefilled
from service.draft.session import found, work_of
from service.draft.toy_draft import PROBLEMS, TASKS, toy_input

if TYPE_CHECKING:
    from conftest import Wenheng

SIX = ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"]
THREE = SIX[:3]  # what is left to the model: a task of one sentence is code's
Told = Callable[..., str]


class Echo:
    """A model that joins the facts as they are; at the ``fails``-th call and later it raises ``error``."""

    def __init__(self, error: BaseException | None = None, fails: int = 1) -> None:
        self.error, self.fails, self.calls = error, fails, 0

    def stream(
        self, messages: Sequence[tuple[str, str]], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        self.calls += 1
        lines = [line[2:] for line in messages[-1][1].splitlines() if line.startswith("- ")]
        yield "".join(lines[:1])
        if self.error is not None and self.calls >= self.fails:
            raise self.error
        yield "".join(lines[1:])


class Context:
    """What the commands ask of ``service.cli.Context``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        yield self._desk

    desk_with_models = desk


class Office:
    """One data folder, an input file, and the command line on them."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.source, self.out = folder / "输入.yaml", folder / "成稿.docx"
        self.review = folder / "成稿.核对.docx"
        self.give(toy_input())

    def give(self, given: DraftInput) -> None:
        write_input(Prefilled(given), self.source, force=True)

    def says(self, chat: Echo) -> Echo:
        self.desk._given_chat = chat
        return chat

    def __call__(self, *words: str | Path, stdin: str | None = None) -> Result:
        return CliRunner().invoke(draft, [str(word) for word in words], obj=Context(self.desk), input=stdin)

    def problems(self, *words: str | Path) -> Result:
        return self("problems", self.source, *words)

    def made(self, *words: str | Path) -> dict[str, Any]:
        result = self.problems("--json", *words)
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    def keys(self, made: dict[str, Any], how: str) -> list[str]:
        return [step["key"] for step in made["steps"] if step["how"] == how]

    @property
    def id(self) -> str:
        return self.desk.library.drafts.list()[0].id

    @property
    def versions(self) -> list[str]:
        return [version.note for version in self.desk.library.drafts.versions(self.id)]


@pytest.fixture
def office(tmp_path: Path, open_desk: Callable[[Path], Desk]) -> Iterator[Office]:
    with open_desk(tmp_path / "home") as desk:
        made = Office(desk, tmp_path)
        made.says(Echo())
        yield made


def text_of(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)


# -- a draft ------------------------------------------------------------------------------------------


def test_a_draft_in_a_template_that_began_as_the_starter(office: Office, tmp_path: Path) -> None:
    form = tmp_path / "模板.docx"
    made = office("template", "-o", form)
    assert made.exit_code == 0 and "--template" in made.stdout, made.output
    assert office("template", "-o", form).exit_code == 2
    assert office("template", "-o", tmp_path / "模板.md").exit_code == 2
    word = docx.Document(str(form))
    word.paragraphs[0].insert_paragraph_before("内部资料")
    word.save(str(form))
    parts = ("--number", "雾卫发〔2023〕7号", "--signer", "甲某、乙某")
    result = office.problems("-o", office.out, "--template", form, *parts)
    assert result.exit_code == 0, result.output
    text = text_of(office.out)
    assert text.startswith("内部资料\n【待补：红头】\n雾卫发〔2023〕7号\t签发人：甲某、乙某\n")
    assert "公开招聘药师6名" in text and "{{" not in text


def test_a_draft_as_two_word_files(office: Office) -> None:
    result = office.problems("-o", office.out)
    assert result.exit_code == 0, result.output
    assert "6/6 下一步工作打算 2.3 增设急救站" in result.stderr
    told = result.stdout
    assert "模型成文" in told and "成稿.docx" in told and "成稿.核对.docx" in told and "第1版" in told
    text = text_of(office.out)
    for words in ("11家卫生院中有4家没有药师", "公开招聘药师6名", "医政股"):
        assert words in text
    assert "[1]" not in text and office.review.stat().st_size > office.out.stat().st_size / 2


def test_on_the_screen_as_markdown_and_as_json(office: Office) -> None:
    shown = office.problems("--no-model")
    assert "资料来源" in shown.stdout and "程序组句" in shown.stdout and "输入.yaml" in shown.stdout
    out = office.folder / "稿.md"
    assert office.problems("-o", out).exit_code == 0 and "# " in out.read_text("utf-8")
    made = office.made("-o", office.folder / "稿.json")
    assert made["document"]["kind"] == "draft" and made["files"][0].endswith("稿.json")
    assert made["checklist"]["tasks"] and made["version"] == 1 and not made["open"]


def test_a_finished_draft_is_only_handed_out_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[Desk] = []
    monkeypatch.setattr(Desk, "warm", lambda desk: warmed.append(desk))
    chat = office.says(Echo())
    first = office.made()
    calls = chat.calls
    assert calls and office.made("-o", office.out) | {"files": []} == first
    assert chat.calls == calls and len(warmed) == 1 and office.versions == ["首稿"]
    blocked = office.problems("-o", office.out)
    assert blocked.exit_code == 2 and "--force" in blocked.stderr
    assert office.problems("-o", office.out, "--force").exit_code == 0


def test_no_model_writes_all_by_code_and_the_model_nothing(office: Office) -> None:
    chat = office.says(Echo())
    made = office.made("--no-model")
    assert office.keys(made, "composed") == SIX and chat.calls == 0


# -- interrupted --------------------------------------------------------------------------------------


def test_ctrl_c_loses_the_step_under_way_only(office: Office) -> None:
    office.says(Echo(KeyboardInterrupt(), 2))
    stopped = office.problems("-o", office.out)
    assert stopped.exit_code == 130 and re.search(r"已停下；\d步已写好并保存，共6步.*断处", stopped.stderr)
    assert not office.out.exists() and office.versions == []
    done = len(work_of(office.desk.library.drafts.load(office.id)).draft.written)
    chat = office.says(Echo())
    again = office.problems("-o", office.out)
    assert done == 1 and "从第2步继续，共6步" in again.stderr and chat.calls == 2
    assert again.exit_code == 0 and office.versions == ["首稿"] and office.out.exists()


def test_a_model_that_stops_for_good_is_told_and_waited_for(office: Office, one_sentence: Told) -> None:
    office.says(Echo(EndpointError("回答中途断开", where="http://模型", remedy="请检查接口服务"), 2))
    result = office.problems("--json")
    told = one_sentence(
        result, 5, "回答中途断开", "请检查接口服务", "重新运行同一命令即从断处继续", "--no-model"
    )
    assert "已写好的1步都已保存" in told
    office.says(Echo())
    assert office.keys(office.made(), "phrased") == THREE


def test_a_model_that_breaks_off_once_costs_one_step(office: Office) -> None:
    class Once(Echo):
        def stream(self, messages: Any, **options: Any) -> Iterator[str]:
            self.error = EndpointError("回答中途断开") if self.calls == 1 else None
            return super().stream(messages, **options)

    office.says(Once())
    made = office.made()
    assert office.keys(made, "composed") == ["1.2", *SIX[3:]] and office.keys(made, "phrased") == [
        "1.1",
        "1.3",
    ]
    assert "回答中途断开" in made["steps"][1]["faults"][0]
    assert re.search(r"程序组句 │ 4 +│ 1.2（语言模型没有作答（回答中途断开", office.problems().stdout)


def test_a_sentence_that_is_not_ended_is_not_taken(office: Office) -> None:
    class Half(Echo):
        def stream(self, messages: Any, **options: Any) -> Iterator[str]:
            yield "".join(super().stream(messages, **options))[:-9]

    office.says(Half())
    made = office.made()
    assert office.keys(made, "phrased") == [] and office.keys(made, "composed") == SIX
    assert "58.4%" in json.dumps(made["document"], ensure_ascii=False)


def test_a_model_that_is_not_there_stops_before_anything_is_lost(
    office: Office, one_sentence: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(self: Desk) -> Any:
        raise ModelMissing("还没有下载语言模型", remedy="请运行 wenheng models")

    with monkeypatch.context() as patch:
        patch.setattr(Desk, "model", missing)
        one_sentence(office.problems("--json"), 4, "还没有下载语言模型", "wenheng models", "--no-model")
    assert office.keys(office.made("--no-model"), "composed") == SIX


def test_killed_while_the_model_writes(wenheng: Wenheng, tmp_path: Path) -> None:
    source = tmp_path / "输入.yaml"
    write_input(Prefilled(toy_input()), source)
    wenheng.toy.says = "答非所问。"
    wenheng.toy.chat = "slow"
    process = wenheng.launch("draft", "problems", source, "--json")
    with process:
        until = time.monotonic() + 60
        while not wenheng.toy.prompts and time.monotonic() < until:
            time.sleep(0.05)
        process.kill()
    with Library.open(wenheng.home) as library:
        before = found(library.drafts, read_input(source))
        assert before is not None and before.stored.open and not before.stored.versions
    assert wenheng.sound()
    result = wenheng("draft", "problems", source, "--no-model", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made["draft"] == before.stored.id and made["version"] == 1 and not made["open"]


# -- another input, sections, again -------------------------------------------------------------------


def test_a_changed_input_writes_the_changed_steps(office: Office) -> None:
    office.made()
    tasks = (TASKS[0], (*TASKS[1][:4], "2023年8月底前"), TASKS[2])
    office.give(toy_input(PROBLEMS, tasks))
    result = office.problems()
    assert "沿用5步，要写1步" in result.stderr and "5/6 下一步工作打算 2.2 建随访提醒平台" in result.stderr
    assert office.versions == ["首稿", "输入有改动"]
    changed = office("diff", office.id, "--json")
    (step,) = json.loads(changed.stdout)["steps"]
    assert step["after"] == "2.2" and step["changes"][0]["figures_come"] == ["2023年8月底"]
    told = office("diff", office.id[:6]).stdout
    assert "改动1步" in told and "数字：2023年6月底 → 2023年8月底" in told


def test_a_program_that_words_the_rows_in_another_way_cites_anew(
    office: Office, one_sentence: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.made()
    old = source.problem_line
    monkeypatch.setattr(source, "problem_line", lambda row: f"问题：{old(row)}")
    for words in (["show", office.id], ["edit", office.id, "1.1", "--text", "-"]):
        one_sentence(office(*words, stdin="有4家没有药师。"), 2, "旧版程序", "draft problems")
    chat = office.says(Echo())
    made = office.made()
    assert chat.calls == 0 and office.keys(made, "phrased") == THREE
    assert made["document"]["sources"][0]["quote"].startswith("问题：")
    assert office.versions == ["首稿", "程序有更新"] and office("show", office.id).exit_code == 0


def test_a_section_is_written_again(office: Office) -> None:
    office.made("--no-model")
    made = office.made("--section", "下一步工作打算", "--section", "1.2")
    assert office.keys(made, "phrased") == ["1.2"]
    made = office.made("--section", "1")
    assert office.keys(made, "phrased") == THREE
    assert office.versions == ["首稿", "重写：1.2、2.1、2.2、2.3", "重写：1.1、1.2、1.3"]


def test_again_writes_everything(office: Office) -> None:
    office.made("--no-model")
    assert office.keys(office.made("--again"), "phrased") == THREE
    assert office.versions == ["首稿", "从头重写"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--section", "9"], "提纲里没有“9”"),
        (["--section", "急救"], "有几处合于“急救”"),
        (["--outline", "没有.txt"], "提纲文件读不出来"),
        (["-o", "没有/成稿.docx"], "所在的文件夹不存在"),
        (["-o", "成稿.doc"], "不能写成“.doc”的文件"),
        (["-o", "{out}", "--review", "{out}"], "成稿和核对稿是同一个文件"),
        (["-o", "{out}", "--review", "没有/核对.docx"], "所在的文件夹不存在"),
        (["--review", "{out}"], "--review 要与 -o 一起用"),
        (["-o", "稿.md", "--template", "{source}"], "核对稿和模板只用于 .docx"),
        (["-o", "{out}", "--template", "{source}"], "模板不能是“.yaml”的文件"),
        (["--date", "2023-02-30"], "没有2023年2月30日这一天"),
        (["--number", "栗卫发(2023)5号"], "栗卫发〔2023〕5号"),
    ],
)
def test_wrong_options_change_nothing(
    office: Office, one_sentence: Told, words: list[str], told: str
) -> None:
    office.made("--no-model")
    before = office.desk.library.drafts.list()
    filled = [word.format(out=office.out, source=office.source) for word in words]
    one_sentence(office.problems(*filled), 2, told)
    assert office.desk.library.drafts.list() == before and not office.out.exists()


def test_a_section_of_nothing_and_an_input_of_another_kind(office: Office, one_sentence: Told) -> None:
    one_sentence(office.problems("--section", "2"), 2, "还没有写过这份稿子", "先不加 --section")
    one_sentence(office("plan", office.source), 2, "存在问题和下一步打算", "工作计划", "draft problems")
    one_sentence(office("summary", office.folder / "没有.xlsx"), 2, "没有.xlsx")
    assert not office.desk.library.drafts.list()


# -- the outline --------------------------------------------------------------------------------------


def test_an_outline_is_printed_changed_and_used(office: Office) -> None:
    printed = office.problems("--outline-only")
    assert printed.exit_code == 0 and "[2.3] 增设急救站" in printed.stdout
    assert not office.desk.library.drafts.list()
    lines = [line for line in printed.stdout.splitlines() if "[2.3]" not in line]
    edited = office.folder / "提纲.txt"
    edited.write_text("\n".join(lines).replace("下一步工作打算", "整改安排", 2), encoding="utf-8")
    made = office.made("--outline", edited)
    assert [step["key"] for step in made["steps"]] == SIX[:5] and made["steps"][4]["part"] == "整改安排"
    assert office.problems("--outline-only").stdout.splitlines()[-1:] == lines[-1:]
    edited.write_text(printed.stdout, encoding="utf-8")  # the step that was taken out comes back
    made = office.made("--outline", edited)
    assert [step["key"] for step in made["steps"]] == SIX and office.versions == ["首稿", "提纲有改动"]


def test_a_broken_outline_names_its_line(office: Office, one_sentence: Told) -> None:
    edited = office.folder / "提纲.txt"
    edited.write_text("标题：甲\n[1] 问题\n  [1.9] 没有\n", encoding="utf-8")
    one_sentence(office.problems("--outline", edited), 2, "提纲第3行", "1.9")


def test_on_a_terminal_the_outline_is_asked_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = iter(("n", "y"))

    def prompt(text: str, **options: object) -> str:
        asked.append(text)
        return next(answers)

    monkeypatch.setattr("service.commands.draft.asks", lambda: True)
    monkeypatch.setattr("click.prompt", prompt)
    assert "已停下，没有改动" in office.problems().stdout and not office.desk.library.drafts.list()
    assert office.problems().exit_code == 0 and len(asked) == 2
    assert office.problems().exit_code == 0 and len(asked) == 2  # it was accepted
    assert office.problems("--again", "--yes").exit_code == 0 and len(asked) == 2


# -- official parts -----------------------------------------------------------------------------------


def test_official_parts_from_the_input_and_the_options(office: Office) -> None:
    given = toy_input()
    office.give(replace(given, basic=replace(given.basic, addressee="县政府", number="栗卫发〔2022〕9号")))
    words = [
        "--red-head",
        "栗坪县卫生健康局文件",
        "--date",
        "2023年1月5日",
        "--copy-to",
        "县委办",
        "--number",
        "",
    ]
    assert office.problems("-o", office.out, *words).exit_code == 0
    text = text_of(office.out)
    for part in ("栗坪县卫生健康局文件", "2023年1月5日", "县政府："):
        assert part in text, text
    assert "栗卫发" not in text


# -- kept drafts --------------------------------------------------------------------------------------


def test_list_show_and_hand_out_a_version(office: Office) -> None:
    assert "还没有稿子" in office("list").stdout
    office.made("--no-model")
    office.made("--again")
    (row,) = map(json.loads, office("list", "--json").stdout.splitlines())
    assert (row["draft"], row["kind"], row["steps"], row["open"], row["versions"]) == (
        office.id, "problems", 6, 0, 2,
    )  # fmt: skip
    assert office.id in office("list").stdout
    shown = office("show", office.id[:5].upper(), "--version", "1")
    assert "程序组句" in shown.stdout and "从头重写" in shown.stdout
    made = json.loads(office("show", office.id, "--json").stdout)
    assert made["version"] == 2 and office.keys(made, "phrased") == THREE
    assert office("show", office.id, "--version", "1", "-o", office.out).exit_code == 0
    assert office.out.exists() and office.review.exists()


def test_what_is_not_there_is_told(office: Office, one_sentence: Told) -> None:
    for words in (["show"], ["diff"], ["remove"], ["restore"], ["edit", "1.1", "--text", "-"]):
        one_sentence(office(words[0], "zzz", *words[1:]), 2, "没有这份")
    office.made("--no-model")
    one_sentence(office("show", office.id, "--version", "3"), 2, "没有第3版，只有第1版")
    one_sentence(office("diff", office.id), 2, "只有一个版本")
    office.made("--section", "1.1")
    one_sentence(office("diff", office.id, "2", "2"), 2, "两边都是第2版")
    one_sentence(office("diff", office.id, "1", "5"), 2, "没有第5版，有第1—2版")
    one_sentence(office("edit", office.id, "1.1", "--text", office.folder / "没有"), 2, "文件读不出来")


def test_a_draft_under_way_is_shown_and_compared(office: Office) -> None:
    office.made("--no-model")
    office.says(Echo(KeyboardInterrupt(), 2))
    assert office.problems("--section", "1").exit_code == 130
    shown = office("show", office.id).stdout
    assert "还没有写完" in shown and "尚未起草" in shown and "未完" in shown
    told = office("diff", office.id).stdout
    assert "第1版（首稿） → 第2版（未完：重写：1.1、1.2、1.3）" in told and "还没有写" in told


def test_a_step_written_by_hand(office: Office, one_sentence: Told) -> None:
    office.made()
    one_sentence(
        office("edit", office.id, "1.1", "--text", "-", stdin="有5家卫生院没有药师。"),
        2,
        "1.1",
        "“5家”",
        "没有保存",
    )
    assert office.versions == ["首稿"]
    done = office("edit", office.id, "1.1", "--text", "-", stdin="有4家卫生院没有药师，取药不便。")
    assert done.exit_code == 0 and "第2版" in done.stdout
    made = office.made("--again")
    assert office.keys(made, "by_hand") == ["1.1"] and office.keys(made, "phrased") == ["1.2", "1.3"]
    assert "取药不便" in json.dumps(made["document"], ensure_ascii=False)
    made = office.made("--section", "1.1")
    assert office.keys(made, "by_hand") == []


def test_hand_written_text_without_a_step_is_told(office: Office) -> None:
    office.made()
    office("edit", office.id, "2.3", "--text", "-", stdin="将新建急救站1个。")
    office.give(toy_input(PROBLEMS, TASKS[:2]))
    assert "新的提纲里没有手工改写的“2.3 增设急救站”" in office.problems().stderr


def test_removed_restored_and_deleted_for_good(office: Office) -> None:
    office.made("--no-model")
    name = office.id
    assert f"draft restore {name}" in office("remove", name[:6]).stdout
    assert "还没有稿子" in office("list").stdout and name in office("list", "--removed").stdout
    assert office("restore", name).exit_code == 0 and name in office("list").stdout
    assert office("remove", "--forever", name).exit_code == 2
    office("remove", name)
    assert office("remove", "--forever", name, stdin="n\n").exit_code == 1
    assert office("remove", "--forever", name, "--yes").exit_code == 0
    assert "没有移除的稿子" in office("list", "--removed").stdout


# -- the input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xlsx", "yaml", "json"])
def test_an_input_from_the_library(bureau: Desk, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"输入.{suffix}"
    line = [
        "new",
        "problems",
        "--place",
        "澄河县",
        "--year",
        "2022",
        "--office",
        "澄河县卫生健康局",
        "-o",
        str(out),
    ]
    made = CliRunner().invoke(draft, line, obj=Context(bureau))
    assert made.exit_code == 0, made.output
    assert "wenheng draft problems" in made.stdout and "用到的报告" in made.stderr
    given = read_input(out, bureau.report)
    assert given.basic.kind is Kind.PROBLEMS and given.problems and given.tasks
    again = CliRunner().invoke(draft, line, obj=Context(bureau))
    assert again.exit_code == 2 and "--force" in again.stderr
    drafted = CliRunner().invoke(draft, ["problems", str(out), "--no-model", "--json"], obj=Context(bureau))
    assert drafted.exit_code == 0, drafted.output
    bureau.library.drafts.remove([json.loads(drafted.stdout)["draft"]])


def test_an_input_without_a_likeness_model(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(self: Desk) -> Any:
        raise ModelMissing("还没有下载向量模型", remedy="请运行 wenheng models")

    monkeypatch.setattr(Desk, "embedder", property(missing))
    made = office("new", "plan", "--place", "栗坪县", "--year", "2023", "-o", tmp_path / "计划.xlsx")
    assert made.exit_code == 0 and "没有为任务推定所针对的问题" in made.stderr


def test_the_group_is_in_the_command_line() -> None:
    told = CliRunner().invoke(cli, ["draft", "plan", "--help"])
    assert told.exit_code == 0 and "--outline-only" in told.output and "--red-head" in told.output


def test_parts_that_only_say_what_is_missing_need_no_writing(office: Office, one_sentence: Told) -> None:
    office.give(toy_input(PROBLEMS, ()))
    made = office.made()
    assert office.keys(made, "phrased") == THREE and not made["open"] and made["version"] == 1
    (empty,) = (step for step in made["steps"] if step["how"] == "empty")
    assert empty["gaps"] and "【待补" in json.dumps(made["document"], ensure_ascii=False)
    one_sentence(office.problems("--section", empty["key"]), 2, "没有可写的文字")
    assert "没有可写" not in office("list").stdout and "3/3" in office("list").stdout


def test_more_tasks_than_labels_of_two_characters(office: Office) -> None:
    tasks = tuple(
        (f"任务{n}落实", "问题1", f"新建站点{n}个", "人事股", "2023年9月底前") for n in range(1, 104)
    )
    office.give(toy_input(PROBLEMS, tasks))
    made = office.problems("--no-model", "-o", office.out)
    assert made.exit_code == 0 and "106/106" in made.stderr
    assert "（一百零三）任务103落实" in text_of(office.out)
