"""``wenheng demo``: take in the fictional samples, ask three questions of different kinds, say what is next.

In: an open desk. Out: the main job on the terminal, without any file of the user's own.
"""

from __future__ import annotations

import json
from pathlib import Path

from corpus.readers import SUFFIXES
from corpus.samples import SAMPLES
from service import screen, screen_answers, screen_reports
from service.desk import Desk
from service.models.engine import installed


def questions() -> tuple[str, ...]:
    """The three questions that truth.json marks for the demo."""
    truth = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    return tuple(row["question"] for row in truth["questions"] if row.get("demo"))


def sample_files() -> tuple[Path, ...]:
    """The documents among the samples, not their truth file."""
    return tuple(sorted(p for p in SAMPLES.iterdir() if p.suffix in SUFFIXES))


def run(desk: Desk) -> None:
    """Run the demo on ``desk``."""
    screen.out.rule("一、把随附的虚构样例入库")
    desk.warm()
    with screen.ingest_progress(quiet=False) as (progress, stop):
        result = desk.ingest(sample_files(), on_progress=progress, should_stop=stop)
    screen_reports.ingest_table(result)
    screen.out.rule("二、提三个问题")
    for question in questions():
        screen.out.print(f"\n[bold]问：{question}[/bold]")
        screen_answers.answer(desk.stream(question))
    screen.out.rule("接下来可以")
    home = desk.settings.home
    if home.is_relative_to(Path.cwd()):
        home = home.relative_to(Path.cwd())
    screen.out.print(
        f"  .venv/bin/wenheng --home {home} reports            看看入库的报告\n"
        f"  .venv/bin/wenheng --home {home} chat               多轮问答\n"
        f"  .venv/bin/wenheng --home {home} compare --place 青岭县 --years 2022..2024   对比三年\n"
        f"  .venv/bin/wenheng ingest 你的文件夹                 把自己的报告入库\n"
        f"  .venv/bin/wenheng --home {home} serve --open       打开网页\n"
        f'  .venv/bin/wenheng ask "某县2023年家庭医生签约率是多少"  提问\n'
        f"  .venv/bin/wenheng --help                            全部命令"
    )
    if not desk.settings.chat_url and installed().unused:
        screen.out.print("  make native                                        为本机编译计算内核，回答更快")
