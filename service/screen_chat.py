"""The loop of ``wenheng chat`` and the list of its sessions.

In: a desk and a session. Out: answers on the terminal; each turn is kept in the session at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from corpus.errors import WenhengError
from service.cited import Answer
from service.desk import Desk
from service.screen import error, out
from service.screen_answers import answer, sources
from service.session import Session

CHAT_HELP = "输入问题并回车；/来源 看上一答的出处，/撤销 忘掉上一问，/会话 看编号，/帮助，/退出（或 Ctrl-D）。回答时 Ctrl-C 停止。"


def session_table(sessions: Sequence[Session]) -> None:
    """All sessions, newest first."""
    if not sessions:
        out.print("还没有会话。用 wenheng chat 开始。")
        return
    table = Table()
    for name in ("编号", "最近", "问题数", "第一个问题"):
        table.add_column(name)
    for session in sessions:
        table.add_row(
            session.id, session.updated[:16].replace("T", " "), str(len(session.turns)), session.title[:40]
        )
    out.print(table)
    out.print("继续：wenheng chat --session 编号，或 wenheng chat --last")


def chat(desk: Desk, session: Session) -> None:
    """The loop of ``wenheng chat``."""
    out.print(f"会话 {session.id or '（新）'}。{CHAT_HELP}")
    for turn in session.turns[-3:]:
        out.print(Text(f"问：{turn['question']}\n答：{turn['text']}\n", style="dim"))
    desk.warm()
    last: Answer | None = None
    while True:
        try:
            line = input("问> ").strip()
        except (EOFError, KeyboardInterrupt):
            out.print()
            break
        if line in ("/退出", "/quit", "/exit", "/q"):
            break
        if line.startswith("/"):
            _command(line, session, last)
        elif line:
            last = _turn(desk, session, line) or last
    if session.turns:
        out.print(f"已保存。继续：wenheng chat --session {session.id}")


def _turn(desk: Desk, session: Session, line: str) -> Answer | None:
    try:
        done = answer(desk.stream(line, session.questions))
    except KeyboardInterrupt:
        out.print("（已停止，这一问不计入会话）")
        return None
    except WenhengError as problem:
        error(str(problem))
        return None
    session.add(line, done)
    return done


def _command(line: str, session: Session, last: Answer | None) -> None:
    if line in ("/来源", "/s") and last:
        sources(last)
    elif line in ("/撤销", "/undo"):
        out.print("已忘掉上一问。" if session.undo() else "没有可以撤销的问题。")
    elif line == "/会话":
        out.print(f"会话 {session.id}，{len(session.turns)}问。")
    else:
        out.print(CHAT_HELP)
