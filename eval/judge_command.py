"""``wenheng eval judge``: lets a large model over an endpoint read recorded answers, beside the scores."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import EndpointError, InputError
from corpus.files import shown
from eval.cases import Case
from eval.judge import (
    ANSWER,
    PAIR,
    Agreement,
    Asked,
    Judge,
    Label,
    Verdict,
    agreement,
    answer_text,
    quotes,
    read_labels,
)
from eval.newcases_review import answer_of
from eval.scored import Marked, load_scored
from eval.suites.contract import Where
from service import screen
from service.commands.output import HELP
from service.faults import guarded
from service.models.chat import ChatClient, Endpoint
from service.settings import Settings, is_local

if TYPE_CHECKING:
    from service.cli import Context

KEY = "JUDGE_KEY"  # no WENHENG_ name: the product has no judge


@dataclass(frozen=True, slots=True)
class Pending:
    """One judgement to make; ``digest`` tells whether a recorded one is still about the same texts."""

    id: str
    asked: Asked
    answers: tuple[str, ...]  # one, or base and new
    good: bool | None  # what the rules say of a single answer

    @property
    def digest(self) -> str:
        """Hash of all that the judge is told."""
        told = json.dumps([asdict(self.asked), self.answers], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@click.command("judge", context_settings=HELP)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path), required=False)
@click.option("--url", required=True, help="OpenAI 兼容接口的地址，如 http://127.0.0.1:8000/v1")
@click.option("--model", required=True, help="评判模型的全名（固定版本）")
@click.option("--labels", type=click.Path(path_type=Path), help="人工标注（.jsonl），用来校准")
@click.option("--cases", type=click.Path(path_type=Path), help="评测题（默认为自带的）")
@click.option("--limit", type=click.IntRange(1), help="只评前几题")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="逐题评判（.jsonl）"
)
@click.option("--json", "as_json", is_flag=True, help="输出一个 JSON 对象")
@click.pass_obj
@guarded
def judge(
    context: Context,
    run: Path,
    other: Path | None,
    url: str,
    model: str,
    labels: Path | None,
    cases: Path | None,
    limit: int | None,
    out: Path,
    as_json: bool,
) -> None:
    """用大模型评判已有的回答（仅供参考，不作门槛）。

    RUN 是一份评测结果；再给 OTHER 就两份比较，RUN 为旧、OTHER 为新。每题正反各问一次，两次不一致的不计。
    接口密钥取自环境变量 JUDGE_KEY。
    """
    told = read_labels(labels) if labels else {}
    pending = _pending(run, other, Where((), cases))[:limit]
    with _judge(context.settings, url, model) as judging:
        verdicts = make(pending, judging, out)
    report(summary(pending, verdicts, told, judging), as_json=as_json)


def _pending(run: Path, other: Path | None, where: Where) -> tuple[Pending, ...]:
    """What is to be judged: the items of one run, or those that two runs share."""
    base = load_scored(run, where)
    if not all(isinstance(one.task.gold, Case) for one in base.items):
        raise InputError(
            "只能评判问答的结果", where=shown(run), remedy="请用 answers、refusals 或 injection 的结果"
        )
    if other is None:
        return tuple(_of(one) for one in base.items)
    new = load_scored(other, where)
    if new.meta.suite != base.meta.suite:
        raise InputError(
            f"两份结果属于不同的套件（{base.meta.suite}、{new.meta.suite}），不能比较",
            where=shown(other),
            remedy="请给同一套件的两份结果",
        )
    later = {one.task.id: one for one in new.items}
    return tuple(_of(one, later[one.task.id]) for one in base.items if one.task.id in later)


def _of(*marked: Marked) -> Pending:
    case: Case = marked[0].task.gold
    outputs = [one.item["output"] for one in marked]
    question = "\n".join([*case.earlier, case.question])
    asked = Asked(question, answer_of(case), quotes(*outputs))
    good = marked[0].score.good if len(marked) == 1 else None
    return Pending(case.id, asked, tuple(answer_text(output) for output in outputs), good)


@contextmanager
def _judge(settings: Settings, url: str, model: str) -> Iterator[Judge]:
    """The judge behind an address; what leaves this machine needs the user's leave."""
    if not is_local(url) and not settings.allow_remote:
        raise InputError(
            "评判接口不在本机，使用它会把问题、回答和引文发出去",
            where=url,
            remedy="如确实允许，请设置 WENHENG_ALLOW_REMOTE=1",
        )
    endpoint = Endpoint(url.rstrip("/"), model, os.environ.get(KEY, ""), timeout=settings.chat_timeout)
    with ChatClient(lambda: endpoint) as chat:
        yield Judge(chat, model)


def make(pending: Sequence[Pending], judging: Judge, out: Path) -> dict[str, Verdict]:
    """Judge what ``out`` does not hold yet, one line each.

    Raises:
        EndpointError: the endpoint failed; what was finished is in the file.
    """
    done = _done(out, judging)
    found: dict[str, Verdict] = {}
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a", encoding="utf-8") as file, screen.step_progress("评判") as step:
        for number, one in enumerate(pending, 1):
            known = done.get((one.id, one.digest, _signature(judging, one)))
            if known is None:
                try:
                    known = _ask(judging, one)
                except EndpointError as error:
                    raise EndpointError(
                        f"{error.message}；已评判 {number - 1} 题，都已保存",
                        where=error.where,
                        remedy="请恢复接口后运行同一条命令，会从停下的地方继续",
                    ) from error
                line = {"id": one.id, "of": one.digest, "said": known.said, "verdict": known.verdict}
                line["signature"] = _signature(judging, one)
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
            found[one.id] = known
            step(number, len(pending))
    return found


def _ask(judging: Judge, one: Pending) -> Verdict:
    if len(one.answers) == 1:
        return judging.rate(one.asked, one.answers[0])
    return judging.prefer(one.asked, *one.answers)


def _signature(judging: Judge, one: Pending) -> str:
    return judging.signature(ANSWER if len(one.answers) == 1 else PAIR)


def _done(out: Path, judging: Judge) -> Mapping[tuple[str, str, str], Verdict]:
    """Verdicts that are there; a line that a kill cut off is dropped."""
    if not out.exists():
        return {}
    data = out.read_bytes()
    if not data.endswith(b"\n"):
        with out.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)
    found: dict[tuple[str, str, str], Verdict] = {}
    for number, line in enumerate(out.read_text(encoding="utf-8").splitlines(), 1):
        try:
            told = json.loads(line)
            first, second = told["said"]
            found[told["id"], told["of"], told["signature"]] = Verdict((first, second), told["verdict"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                "不是一条评判", where=f"{shown(out)} 第{number}行", remedy="请用 -o 换一个文件"
            ) from error
    return found


# -- telling -----------------------------------------------------------------------------------------------


def summary(
    pending: Sequence[Pending],
    verdicts: Mapping[str, Verdict],
    labels: Mapping[str, Label],
    judging: Judge,
) -> dict[str, Any]:
    """Counts of verdicts, agreement with people and with the rules; never a gate."""
    pair = bool(pending) and len(pending[0].answers) == 2
    names: Sequence[Any] = ("base", "new", "tie", None) if pair else (True, False, None)
    every = [one.verdict for one in verdicts.values()]
    labelled = [(label.verdict, verdicts[id_].verdict) for id_, label in labels.items() if id_ in verdicts]
    rules = [(one.good, verdicts[one.id].verdict) for one in pending if one.good is not None]
    people = agreement(labelled)
    return {
        "model": judging.model,
        "prompt": judging.signature(PAIR if pair else ANSWER),
        "judged": len(every),
        "verdicts": {str(name): sum(one is name or one == name for one in every) for name in names},
        "people": _told(people) if labelled else None,
        "rules": _told(agreement(rules)) if rules else None,
        "calibrated": bool(labelled) and people.calibrated,
        "gate": False,
    }


def _told(found: Agreement) -> dict[str, Any]:
    return asdict(found) | {"share": found.share}


NAMES = {
    "True": "正确",
    "False": "不正确",
    "base": "旧的较好",
    "new": "新的较好",
    "tie": "分不出",
    "None": "两次不一致",
}


def report(told: Mapping[str, Any], *, as_json: bool) -> None:
    """What the judge said and how far it can be believed."""
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    counts = "，".join(f"{NAMES[name]} {count}" for name, count in told["verdicts"].items())
    lines = [f"{told['model']} 评判 {told['judged']} 题：{counts}"]
    for name, what in (("people", "人工标注"), ("rules", "规则判分")):
        found = told[name]
        if found is None:
            continue
        share = "—" if found["share"] is None else f"{found['share']:.0%}"
        kappa = "—" if found["kappa"] is None else f"{found['kappa']:.2f}"
        span = f"{found['low']:.0%}–{found['high']:.0%}"
        lines.append(
            f"与{what}一致 {share}（95%区间 {span}，kappa {kappa}，{found['labelled']} 题，{found['undecided']} 题未定）"
        )
    if not told["calibrated"]:
        lines.append("没有校准，或与人工标注的一致程度不够，只能作参考。")
    lines.append("评判不作门槛，也不改变任何得分。")
    screen.out.print("\n".join(lines), soft_wrap=True, markup=False)
