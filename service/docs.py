"""The parts of the documentation that are made from the code: settings, commands, help, the tree.

In: README.md, README.zh.md and docs/commands.md with blocks ``<!-- made: NAME -->`` … ``<!-- /made -->``.
Out: the same pages with fresh blocks (``make docs``), or with ``--check`` the names of those that are
stale. What is written twice goes stale; what is made from the code cannot, since a test compares.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from corpus.errors import InputError, NotFound
from service.cli import cli
from service.settings import markdown_table

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"README.md": "en", "README.zh.md": "zh", "docs/commands.md": "zh"}
BLOCK = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- /made -->)", re.DOTALL)
ROLE = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`|``([^`]+)``")
PROMPT = re.compile(r"(\w+)\.v(\d+)\.md")
WIDTH = 26  # column of the tree where the lines begin

# What each command does, for the English page; the Chinese line is the command's own help.
ENGLISH = {
    "ingest": "Take in files and folders (docx, pdf, html, txt, md, doc)",
    "reports": "List the reports in the library",
    "show": "Show one report: metadata with their origin, outline, text, figures, repair log",
    "edit": "Correct the metadata of a report; the correction outlives a new ingest",
    "remove": "Remove reports from the library; the files that they came from stay where they are",
    "duplicates": "List merged copies; undo a merge or merge by hand",
    "reindex": "Rebuild the index from the library",
    "search": "Find passages, filtered by place, year, genre and section",
    "ask": "Answer a question with cited sentences; `-` reads questions from standard input",
    "chat": "Ask several questions in turn, with follow-ups; can be resumed",
    "figures": "List every figure with its sentence; export, correct, join names",
    "summarise": "Summarise a report, or what many reports have in common; each sentence cited",
    "compare": "Compare years, places or reports: indicators, problems, next steps, as a memo",
    "audit": "Recompute what a report or a draft claims: shares, sums, changes, repeated figures",
    "followup": "Hold last year's next steps and targets against this year's report",
    "draft": "Draft problems and next steps, a plan or a whole report from a filled-in input, with a review copy",
    "check": "Proofread any text: language, sources of its figures, problems against tasks, recycled sentences",
    "cover": "Hold a plan against the superior's key points, item by item",
    "eval": "Run, score and compare suites, write the report page, make cases from one's own reports",
    "serve": "Start the service: web page, HTTP API and chat clients on one port; stops cleanly on Ctrl-C",
    "mcp": "Serve the tools of the house to an AI assistant of this machine (MCP over standard input and output)",
    "users": "Manage people, their roles, passwords and API keys",
    "collections": "Manage collections: each is a data folder of its own, unseen by the others",
    "backup": "Write the whole data folder into one verified file, also while the service runs",
    "restore": "Restore a backup after checking it byte by byte; what was there is put aside and can come back",
    "doctor": "Examine environment, models, library, index and permissions; each finding with its remedy",
    "models": "Fetch and verify the models and compile their kernels, or check the endpoints that are set",
    "demo": "Take in the fictional samples and ask three questions",
}

# Chinese for the English cells of the settings table.
CELLS = {
    "path": "路径",
    "source": "来源",
    "hex": "十六进制数",
    "url": "网址",
    "text": "文字",
    "secret": "密钥",
    "seconds": "秒数",
    "number": "整数",
    "days": "天数",
    "console/url": "console 或网址",
    "list": "列表",
    "user data folder": "用户数据文件夹",
    "user cache folder": "用户缓存文件夹",
    "HF_ENDPOINT or the hub": "HF_ENDPOINT，否则为官方仓库",
}

# Folders of the tree in order, with their lines; the folders in SUMMARISED are shown without their files.
FOLDERS = {
    "prompts": ("released prompts and their loader; imports nothing of ours", "提示词文件和读取程序"),
    "corpus": ("bytes → library; no language model in here", "从文件到资料库，不涉及语言模型"),
    "corpus/readers": ("bytes → raw text with offsets", "读取各种格式，保留字符位置"),
    "corpus/samples": ("a fictional corpus that ships with the project", "随附的虚构样例"),
    "corpus/samples/reports": ("its documents and truth.json", "样例文档和标准答案 truth.json"),
    "service": ("evidence → checked answers, and every way in and out", "从依据到答案，以及命令行"),
    "service/papers": (
        "checked documents: blocks, provenance, Word, screen",
        "经过核对的文档：结构、出处、Word、屏幕",
    ),
    "service/ledger": ("the ledger as users see it", "指标台账：查询、更正、导出、别名"),
    "service/points": ("problems, next steps, achievements as items", "问题、打算、成效逐条"),
    "service/summary": ("summaries and syntheses", "摘要与归纳"),
    "service/memo": ("comparison memos", "对比备忘录"),
    "service/audit": ("recomputing what a text claims", "核对文中的数"),
    "service/pursuit": ("last year's promises against this year's report", "承诺跟踪"),
    "service/draft": ("from a filled-in input to a draft, step by step", "从输入表到文稿，逐步起草"),
    "service/proof": ("proofreading any text", "校对任何文稿"),
    "service/cover": ("a plan against the superior's key points", "对照上级要点"),
    "service/commands": ("commands that make documents, one module each", "生成文档的命令，一个命令一个文件"),
    "service/accounts": (
        "people, keys, sessions, collections, the log",
        "用户、密钥、会话、资料集、操作记录",
    ),
    "service/work": ("jobs, and the queue for the model", "后台任务、模型排队"),
    "service/http": ("the HTTP door", "HTTP 接口"),
    "service/http/routes": ("one resource a file", "一类资源一个文件"),
    "service/mcp": ("the MCP door", "MCP 接口"),
    "service/ui": ("the web page", "网页"),
    "service/keeping": ("backup, restore, doctor, metrics", "备份、恢复、体检、指标"),
    "service/models": ("model store, local model server, chat client", "模型下载、本机模型服务、对话客户端"),
    "eval": ("cases, metrics, runs, scores", "评测题、指标、运行、评分"),
    "eval/suites": ("what is asked and scored, one suite a file", "各套评测"),
    "eval/systems": ("the product, baselines and adapters that are scored", "被评测的系统：产品、基线、接口"),
    "eval/commands": ("the commands of `wenheng eval`", "wenheng eval 的各个命令"),
    "eval/reporting": ("the offline page and docs/quality.md", "评测网页与质量报告"),
    "eval/public": ("public benchmarks that a user brings", "用户自备的公开评测集"),
    "eval/recorded": ("recorded runs on the samples, and scores", "样例上的运行记录与分数"),
    "eval/cases": ("questions with their gold spans, and their format", "评测题及其格式说明"),
    "eval/labels": ("hand labels of figures, and their format", "人工标注的数字及其格式"),
    "benchmarks": ("speed and memory, run by `make bench`", "速度与内存测试（make bench）"),
    "tests": ("flat: test_<room>_<module>.py", "测试，命名为 test_<目录>_<模块>.py"),
    "docs": ("further pages", "其他文档"),
    "docs/adr": ("decisions, one page each", "设计决定，每项一页"),
    "docs/screenshots": ("every page at office and phone size", "各页面在办公屏和手机上的样子"),
}
SUMMARISED = (
    "corpus/samples/reports",
    "eval/recorded",
    "eval/cases",
    "eval/labels",
    "tests",
    "docs/adr",
    "docs/screenshots",
)
FILES = {
    "corpus/domain_words.txt": ("county health terms for the word cutter", "分词用的卫生健康词表"),
    "corpus/aliases.txt": ("names of one indicator, and names that must stay apart", "指标别名表"),
    "corpus/samples/README.md": ("what each sample is made for", "每份样例的用途"),
    "docs/commands.md": ("the help of every command, made from the code", "全部命令的帮助"),
    "service/models/kernels.cmake": (
        "builds the computing kernels of llama.cpp alone",
        "只编译 llama.cpp 的计算内核",
    ),
    "eval/lock.json": ("hashes of the locked test cases", "锁定的测试题的散列值"),
    "eval/public/README.md": ("how to get and run them", "怎样取得和运行"),
    "eval/reporting/report.html.j2": ("the page", "网页模板"),
    "eval/reporting/report.css": ("its style", "网页样式"),
    "eval/reporting/report.js": ("its sorting, filters and keys", "网页的排序、筛选和按键"),
    "eval/reporting/quality.md.j2": ("template of docs/quality.md", "docs/quality.md 的模板"),
    "docs/quality.md": ("how good it is, made from recorded runs", "质量报告，由运行记录生成"),
    "docs/operations.md": (
        "running it for years: users, backup, upgrade, metrics",
        "长期运行：用户、备份、升级、监测",
    ),
    "compose.yaml": ("the container as a service, with one volume", "容器编排示例"),
    "docs/layout.md": ("what an independent checker says of the layout", "版式的独立检查结果"),
    "README.md": ("this page", "英文说明"),
    "README.zh.md": ("the same in Chinese", "本页"),
    "CHANGELOG.md": ("what changed for users", "更新记录"),
    "pyproject.toml": ("dependencies and the settings of all tools", "依赖与各工具的配置"),
    "constraints.txt": ("the exact version of every package", "全部软件包的固定版本"),
    "Makefile": ("demo, test, check, docs, bench, eval", "demo、test、check、docs、bench、eval"),
    "Dockerfile": ("the service in a container", "容器镜像"),
    ".ci/run": ("all of CI", "持续集成"),
}


def summary(path: str, language: str) -> str:
    """The one line about a file: a module's first docstring line, else the line kept here.

    Raises:
        InputError: nobody wrote a line for it.
    """
    if path.endswith(".py"):
        first = (ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8"))) or "").split("\n")[0]
        line = ROLE.sub(lambda match: match[1] or match[2], first)
    elif prompt := PROMPT.fullmatch(Path(path).name):
        name, version = prompt.groups()
        line = (
            f"prompt {name!r}, version {version}" if language == "en" else f"提示词 {name}，第 {version} 版"
        )
    else:
        line = FILES.get(path, ("", ""))[language == "zh"]
    if not line:
        raise InputError(
            "没有一行说明", where=path, remedy="请给模块写文档字符串，或在 service/docs.py 的 FILES 中补一行"
        )
    return line


def listed(folder: str) -> list[str]:
    """Paths of the files of a folder that the tree shows, in order."""
    if folder in SUMMARISED:
        return []
    here = (p for p in (ROOT / folder).iterdir() if p.is_file() and not p.name.startswith("."))
    return sorted(f"{folder}/{p.name}" for p in here)


def tree(language: str) -> str:
    """The project's files, one line each, as a code block."""
    rows: list[str] = []
    for folder, lines in FOLDERS.items():
        depth = folder.count("/")
        rows.append(_row(depth, folder.rsplit("/")[-1] + "/", lines[language == "zh"]))
        rows += [_row(depth + 1, Path(p).name, summary(p, language)) for p in listed(folder)]
    top = [path for path in FILES if "/" not in path.removeprefix(".ci/") and (ROOT / path).is_file()]
    rows += [_row(0, path, summary(path, language)) for path in top]
    return "\n".join(["```text", *rows, "```"])


def _row(depth: int, name: str, line: str) -> str:
    return f"{'    ' * depth}{name}".ljust(WIDTH) + f"  {line}"


def settings(language: str) -> str:
    """The table of settings."""
    table = markdown_table(language)
    if language == "en":
        return table
    return "\n".join(
        " | ".join(CELLS.get(cell, cell) for cell in row.split(" | ")) for row in table.splitlines()
    )


def commands(language: str) -> str:
    """A table of the commands in the order of their definition, one line each."""
    rows = [("Command", "What it does") if language == "en" else ("命令", "作用"), ("---", "---")]
    for name, command in members(cli, _top()):
        context = click.Context(command, info_name=name, parent=_top())
        pieces = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
        line = ENGLISH[name] if language == "en" else command.get_short_help_str(200)
        rows.append((f"`{' '.join(['wenheng', name, *pieces])}`", line.rstrip("。")))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def members(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """The commands of a group as its help lists them; those of ``wenheng`` in the order of their definition.

    Other groups may load theirs when they are named, so that the order in which they are held means nothing.
    """
    first = list(group.commands) if group is cli else []
    for name in dict.fromkeys((*first, *group.list_commands(context))):
        if command := group.get_command(context, name):
            yield name, command


def reference(language: str) -> str:
    """The full help of every command."""
    return "\n\n".join(_sections(_top()))


def _top() -> click.Context:
    """The context of ``wenheng``; click keeps the help option of a command from the first context it sees."""
    return click.Context(cli, info_name="wenheng", terminal_width=100, **cli.context_settings)


def _sections(top: click.Context) -> Iterator[str]:
    yield f"## wenheng\n\n```text\n{cli.get_help(top)}\n```"
    yield from _helps(cli, top)


def _helps(group: click.Group, above: click.Context) -> Iterator[str]:
    """The help of each command of a group, the commands of its groups among them."""
    for name, command in members(group, above):
        context = click.Context(command, info_name=name, parent=above)
        yield f"## {context.command_path}\n\n```text\n{command.get_help(context)}\n```"
        if isinstance(command, click.Group):
            yield from _helps(command, context)


MAKERS = {"settings": settings, "commands": commands, "tree": tree, "help": reference}


def fresh(text: str, language: str, where: str = "") -> str:
    """A page with its blocks made anew.

    Raises:
        InputError: a block has an unknown name.
    """

    def block(match: re.Match[str]) -> str:
        opening, name, closing = match.groups()
        if name not in MAKERS:
            raise InputError(f"没有名为 {name!r} 的生成块", where=where, remedy=f"可用：{'、'.join(MAKERS)}")
        return f"{opening}{MAKERS[name](language)}\n{closing}"

    return BLOCK.sub(block, text)


def stale() -> dict[Path, str]:
    """The pages that differ from what the code says, with their fresh text.

    Raises:
        NotFound: a page is absent, as in an installation without the sources.
    """
    found: dict[Path, str] = {}
    for name, language in PAGES.items():
        path = ROOT / name
        if not path.is_file():
            raise NotFound("没有这个文档", where=name, remedy="请在项目的源码目录中运行")
        text = path.read_text("utf-8")
        made = fresh(text, language, name)
        if made != text:
            found[path] = made
    return found


@click.command(help="重写文档中由代码生成的部分。")
@click.option("--check", is_flag=True, help="只检查；有过时的部分时以 1 退出")
def main(check: bool) -> None:
    """Command line."""
    try:
        pages = stale()
    except InputError as error:
        click.echo(str(error), err=True)
        raise SystemExit(error.exit_code) from error
    for path, text in pages.items():
        if not check:
            path.write_text(text, "utf-8")
        click.echo(f"{'已过时' if check else '已更新'}：{path.relative_to(ROOT)}")
    if check and pages:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
