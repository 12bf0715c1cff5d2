"""What a later report tells of a promise: the sentences that speak of it, and the verdict they bear.

In: a promise, and the later report as an :class:`Account`. Out: a :class:`Finding`. The order of evidence:
figures against the target; words of failure and of parts; the step that a building reached; the words
of an end. A sentence that only shares the subject leaves the result open. Not mentioned is a statement
about the text, not about the work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.aliases import Aliases
from corpus.cards import Card
from corpus.ledger import Row
from corpus.report import FigureKind, Report, SectionKind
from service.points.pairing import Similar
from service.pursuit.promises import Aim, Promise
from service.pursuit.targets import Compared, compare
from service.pursuit.tellings import CLAUSE, LEAST, NEAR, Searched, Telling, tellings
from service.pursuit.verdicts import ENDED, FAILED, FULL, LADDER, PARTIAL, Verdict, step_of
from service.terms import Weights

ITSELF = 0.8  # share of a short subject that a sentence needs without the help of the model
PART = 0.4  # share of a further aim's subject in a sentence about the promise
MOST = 3  # sentences that are shown for a promise
_DATE = re.compile(r"(?<!\d)(1[0-2]|[1-9])月(?!以来|起|至|[-—－~])")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a promise: the verdict, the sentences it rests on, and why."""

    promise: Promise
    verdict: Verdict
    told: tuple[Telling, ...] = ()
    compared: tuple[Compared, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """The finding of one aim."""

    verdict: Verdict
    told: tuple[Telling, ...] = ()
    compared: tuple[Compared, ...] = ()
    why: str = ""


class Account:
    """The later report, ready to be asked about promises."""

    def __init__(
        self, report: Report, card: Card, rows: Sequence[Row], similar: Similar, aliases: Aliases
    ) -> None:
        self.card, self._similar, self._aliases = card, similar, aliases
        self.tellings = tellings(report, card, rows)

    def findings(self, promises: Sequence[Promise]) -> tuple[Finding, ...]:
        """What this report tells of each promise, in their order."""
        if not promises or not self.tellings:
            return tuple(Finding(p, Verdict.NOT_MENTIONED) for p in promises)
        texts = [told.text for told in self.tellings]
        weights = Weights.learn([*texts, *(p.text for p in promises)])
        cosines = self._similar([p.title for p in promises], texts)
        return tuple(
            _Judge(promise, Searched(self.tellings, near, weights), self._aliases).finding()
            for promise, near in zip(promises, cosines, strict=True)
        )


class _Judge:
    """Weighs what the sentences of the later report say of one promise."""

    def __init__(self, promise: Promise, searched: Searched, aliases: Aliases) -> None:
        self.promise, self.searched, self.aliases = promise, searched, aliases

    def finding(self) -> Finding:
        """The findings of the aims as one."""
        head, *rest = self.promise.aims
        about = self.searched.about(head.subject, _names(head))
        parts = [self._judged(head, about), *(self._judged(aim, self._of_aim(aim, about)) for aim in rest)]
        known = [part for part in parts if part.verdict is not Verdict.NOT_MENTIONED]
        verdict = together([part.verdict for part in known])
        decisive = [p for p in known if p.verdict is verdict] or known
        told = tuple(dict.fromkeys(t for part in decisive for t in part.told))[:MOST]
        compared = tuple(c for part in known for c in part.compared)
        measured = any(aim.targets for aim in self.promise.aims) and not compared
        if verdict is Verdict.DONE and measured and not any(self._says(FULL, head, t) for t in told):
            return Finding(self.promise, Verdict.MENTIONED, told, why="没有写明与目标相应的数")
        why = next((part.why for part in decisive if part.why), "")
        return Finding(self.promise, verdict, told, compared, why)

    def _of_aim(self, aim: Aim, about: tuple[Telling, ...]) -> tuple[Telling, ...]:
        """Sentences about a further aim: those about the promise, and those that name the aim by itself."""
        if not aim.targets and not aim.reached:
            return ()
        words = aim.subject.split()
        least = LEAST if len(words) >= 3 else ITSELF
        names = _names(aim) if len("".join(words)) >= 4 else frozenset()
        own = self.searched.about(aim.subject, names, least, near=False) if names or len(words) > 1 else ()
        shared = [t for t in about if not words or self.searched.share(aim.subject, t) >= PART]
        return tuple(dict.fromkeys((*shared, *own)))

    def _judged(self, aim: Aim, told: tuple[Telling, ...]) -> _Part:
        if not told:
            return _Part(Verdict.NOT_MENTIONED)
        compared = tuple(
            c
            for target in aim.targets
            for c in compare(target, self.promise.text, told, self.searched, self.aliases)
        )
        if not compared:
            return self._by_words(aim, told)
        shown = tuple(dict.fromkeys(c.told for c in compared))
        missed = [c for c in compared if not c.met]
        if not missed:
            return _Part(Verdict.DONE, shown, compared)
        nothing = len(missed) == len(compared) and all(c.actual.value == 0 for c in missed)
        return _Part(Verdict.CONTRADICTED if nothing else Verdict.PARTLY, shown, compared)

    def _by_words(self, aim: Aim, told: tuple[Telling, ...]) -> _Part:
        """The verdict that the wording bears where no figure decides."""
        failed = [t for t in told if self._says(FAILED, aim, t)]
        part = [t for t in told if t not in failed and self._says(PARTIAL, aim, t)]
        done = [t for t in told if t not in failed and t not in part and self._ended(aim, t)]
        if failed:
            verdict = Verdict.PARTLY if part or done else Verdict.CONTRADICTED
            return _Part(verdict, (*failed, *part, *done), why="报告写明没有如期完成")
        if part and not (done and step_of(aim.reached)):
            return _Part(Verdict.PARTLY, (*part, *done), why="报告写明只完成一部分")
        if done:
            return _by_step(aim, done)
        problem = all(t.kind is SectionKind.PROBLEMS for t in told)
        return _Part(Verdict.MENTIONED, told, why="只在问题部分提到" if problem else "没有写明结果")

    def _ended(self, aim: Aim, told: Telling) -> bool:
        """Whether a sentence tells of an end: words or figures of one, in a part that looks back at work."""
        if told.kind is SectionKind.PROBLEMS:
            return False
        if step_of(aim.reached):
            return any(self._says(pattern, aim, told, LEAST) for pattern in LADDER)
        ended = self._says(ENDED, aim, told) or any(row.kind is FigureKind.ACTUAL for row in told.rows)
        return ended and self.searched.share(aim.subject, told) >= LEAST

    def _says(self, pattern: re.Pattern[str], aim: Aim, told: Telling, least: float = NEAR[0]) -> bool:
        """Whether the words stand in a clause about the aim, in the next clause, or in the heading."""
        heading = ((1.0, told.heading),)
        if pattern.search(told.heading) and self.searched.held(aim.subject, heading) >= least:
            return True
        clauses = CLAUSE.split(told.text)
        for index, clause in enumerate(clauses):
            near = "，".join(clauses[max(0, index - 1) : index + 1])
            if pattern.search(clause) and self.searched.share(aim.subject, replace(told, text=near)) >= least:
                return True
        return False


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict of several: what is kept in part and broken in part is kept in part."""
    found = set(verdicts)
    if not found:
        return Verdict.NOT_MENTIONED
    if found <= {Verdict.DONE, Verdict.MENTIONED}:
        return Verdict.DONE if Verdict.DONE in found else Verdict.MENTIONED
    if found <= {Verdict.CONTRADICTED, Verdict.MENTIONED}:
        return Verdict.CONTRADICTED
    return Verdict.PARTLY


def _names(aim: Aim) -> frozenset[str]:
    """Canonical names of the indicators that an aim sets levels for."""
    return frozenset(target.name for target in aim.targets if len(target.name) >= 4)


def _by_step(aim: Aim, done: Sequence[Telling]) -> _Part:
    """Done, unless a building stands at an earlier step or reached it later than it was due."""
    wanted = step_of(aim.reached)
    reached = max((step_of(t.text) for t in done), default=0)
    done = sorted(done, key=lambda t: (-bool(wanted and step_of(t.text) >= wanted), t.is_heading))
    if wanted and reached < wanted:
        return _Part(Verdict.PARTLY, tuple(done), why=f"报告写到的进度早于承诺的“{aim.reached}”")
    if wanted and aim.due and any(_month(t.text, wanted) > aim.due for t in done):
        return _Part(Verdict.PARTLY, tuple(done), why="报告写明的时间晚于承诺的时间")
    return _Part(Verdict.DONE, tuple(done))


def _month(text: str, wanted: int) -> int:
    """The month in which a sentence says that a step was reached; 0 where it tells none."""
    clauses = [clause for clause in CLAUSE.split(text) if step_of(clause) >= wanted]
    return next((int(found[1]) for clause in clauses if (found := _DATE.search(clause))), 0)
