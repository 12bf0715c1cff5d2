"""What to do next, in the words of doors that have no command line (解决办法的说法).

In: an error, or a remark, of the rooms that the command line drives too; there it names commands and options. Out: the
same for who sits at the web page, or calls the API: the list, the form, the button, or the administrator. One table says
how; a phrase that it does not know is left out rather than shown, and a test asks that the table know them all.
"""

from __future__ import annotations

import re

from corpus.errors import WenhengError

ADMINISTRATOR = "请联系管理员"
COMMAND = re.compile(r"wenheng [a-z]|(?<![\w-])--[a-z]|\bdraft (?:edit|show|list|remove)\b")

# Phrase of the command line → phrase of the doors; the longer ones first. "请" before them stays where it stands.
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        # reports
        (r"用 (?:wenheng )?ingest (?:文件或文件夹 )?入库", "把报告入库"),
        (r"；(?:报告)?编号见 wenheng reports", ""),
        (r"用 wenheng reports 查看", "在资料库的列表中查看"),
        (r"用 wenheng edit ", "在资料库中"),
        (r"用 wenheng show 编号 查看正文", "请打开报告查看正文"),
        # the ledger
        (r"用 wenheng figures --aliases 查看", "请查看指标的别名表"),
        (r"用 wenheng figures (?:--report 编号 )?查看", "在指标台账中查看"),
        (r"用 wenheng figures --set 更正", "在指标台账中更正"),
        (r"用 wenheng figures -o 导出", "用指标台账导出"),
        (r"不加 --report ", "不限定这份报告"),
        (r"去掉 --kind ", "去掉“性质”这个条件"),
        (r"用 --unalias 撤销", "撤销刚加的别名"),
        (r"请用 --unset", "请撤销这一处更正"),
        # conversations
        (r"用 wenheng chat --list 查看会话", "请从会话列表中选"),
        (r"用 wenheng chat 开始", "请开始一个新会话"),
        # drafts
        (r"用 wenheng draft list --removed 查看移除的稿子", "请在移除的稿子中查找"),
        (r"用 wenheng draft list 查看稿子", "请从稿子列表中选"),
        (r"用 wenheng draft show 查看版本", "请打开稿子查看版本"),
        (r"用 draft show 查看", "请打开稿子查看"),
        (r"用 draft remove 移除后", "移除后"),
        (r"用 draft edit 改写，或加 --section (\S+) 让程序重写", r"手工改写第\1步，或让程序重写这一步"),
        (r"运行 wenheng draft \w+", "重新起草"),
        (r"用 wenheng draft new 重新生成一份", "重新下载一份空的输入表"),
        (r"wenheng draft new 生成的文件", "下载的空输入表"),
        (r"用 wenheng draft \w+", "另选文种"),
        (r"先不加 --section 运行一次", "先写一遍全稿"),
        (r"重新运行同一命令即从断处继续，加 --no-model 则由程序写完", "再次起草即从断处继续"),
        (r"用 --text 给出", "写出"),
        (r"给 --review 另一个文件名", "换一个文件名"),
        # comparing, holding against each other
        (r"（--[a-z]+）", ""),
        (r"用 --place 或 --places", "选择地方"),
        (r"用 --years 指明", "指明"),
        (r"用 --place、--year 选择", "按地方、年份选择"),
        (r"加 --place 和 --year", "给出地方和年份"),
        (r"用 --against 对照，如 --against \S+", "换一份报告对照"),
        (r"用 --against ", ""),
        (r"--against 请写", "对照的年份请写"),
        (r"用 wenheng check --rules 查看规则的名称", "从规则列表中选"),
        # the administrator's
        (r"(?:请|可)用 wenheng restore 恢复(?:以前的)?备份(?:；没有备份时.*)?", "请联系管理员恢复备份"),
        (r"请运行 wenheng doctor；", ""),
        (
            r"想更快可运行 wenheng models --engine native，为本机编译计算内核",
            "想更快，请联系管理员为本机编译计算内核",
        ),
        (r"请(?:先|删除它后)?运行 wenheng models(?: (?:重新)?获取模型)?", "请联系管理员重新获取模型"),
        (r"运行 wenheng models 校验", "由管理员校验"),
        (
            r"请用 wenheng serve --users 启动，并把 WENHENG_PROXIES 设为代理的地址",
            "请管理员开启登录，并登记代理的地址",
        ),
        (r"，或用 --home 指定另一个数据目录", ""),
        (r"请(?:用 --home 指定另一个数据目录|检查 --home)", "请联系管理员检查数据目录"),
        (r"，或加 --force 覆盖", ""),
        (r"用 wenheng backup 得到", "文衡备份得到"),
        (r"用 wenheng users list 查看用户", "请从用户列表中选"),
    )
)
PLACES = {
    "--years": "年份",
    "--year": "年份",
    "--places": "地方",
    "--place": "地方",
    "--indicators": "指标",
    "--against": "对照的报告",
    "--template": "模板",
}
_CLAUSE = re.compile(r"[^；，。]+[；，。]?")


def phrased(text: str) -> str:
    """A sentence with all phrases that the table knows in the words of the doors."""
    if COMMAND.search(text):
        for pattern, words in PHRASES:
            text = pattern.sub(words, text)
    return text


def plain(text: str) -> str:
    """A sentence without commands and options."""
    text = phrased(text)
    if COMMAND.search(text):  # a phrase that the table does not know
        kept = "".join(clause for clause in _CLAUSE.findall(text) if not COMMAND.search(clause))
        text = kept.rstrip("；，") or ADMINISTRATOR
    return text


def of_doors(error: WenhengError) -> WenhengError:
    """What an error says at a door that has no command line."""
    where = PLACES.get(error.where, error.where)
    return WenhengError(plain(error.message), where=where, remedy=plain(error.remedy))


def sentence(error: WenhengError) -> str:
    """The same as one text, for a remark in a page or a list."""
    return str(of_doors(error))
