"""What is asked: places, years, period, genre, section, kind of answer, expected units.

In: the words of a question, the places that the library knows, and the question before (for
follow-ups). Out: a frozen :class:`~service.question.Question` whose fields become hard filters. No
model is used: what a filter is must be the same every time and explainable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.errors import BadQuestion
from corpus.report import Genre
from service.followup import follow_up
from service.kinds import kind_of
from service.naming import strangers_of, take_places, take_years
from service.question import Question, QuestionKind
from service.wants import asks_of, claims_of, members_of, operands_of
from service.wording import HOW_MANY, SECTION_WORDS, SHAPE, topic_of

LONGEST_QUESTION = 2000  # characters; a question longer than this is a pasted document
PERIOD = re.compile(
    r"上半年|下半年|全年(?!(?:工作)?(?:任务|目标|计划|指标))|前?[一二三四]季度|第[一二三四]季度"
)
HALF_END, YEAR_END = re.compile(r"(?<!1)6月(?:底|末|30日)"), re.compile(r"年[底末]|12月(?:底|末|31日)")
LATEST = re.compile(r"最近(?:的)?一[年期次]|最新(?:的)?(?:一[年期])?(?=的|数据|情况|是)|近一年")
GENRE_WORDS = (
    (Genre.HALF_YEAR, re.compile(r"半年(?:工作)?(?:总结|报告|小结)")),
    (Genre.ANNUAL, re.compile(r"(?:年度|全年|年终)(?:工作)?(?:总结|报告)")),
    (Genre.KEY_POINTS, re.compile(r"工作要点")),
    (Genre.SELF_REVIEW, re.compile(r"自评")),
    (Genre.ARTICLE, re.compile(r"论文|文章|综述")),
)


def understand(
    text: str, known: Sequence[str], *, before: Question | None = None, longest: int = LONGEST_QUESTION
) -> Question:
    """Read a question.

    Args:
        text: the user's words.
        known: names of the places that reports of the library are about.
        before: the question before in the same chat; what this one leaves out is taken over.
        longest: most characters that are accepted.

    Raises:
        BadQuestion: nothing but white space, or longer than ``longest`` characters.
    """
    words = " ".join(text.split())
    if not re.search(r"[\w\u3400-\u9fff]", words):
        raise BadQuestion("问题是空的", remedy="请输入要问的内容，例如：2023年某县家庭医生签约率是多少？")
    if len(words) > longest:
        raise BadQuestion(
            f"问题有{len(words)}个字，超过上限{longest}个字",
            remedy="请只写要问的内容；需要分析整篇文字时，请先把它入库",
        )
    places, rest = take_places(words, known)
    strangers = tuple(p for p in strangers_of(rest) if p not in places)
    years, rest = take_years(rest)
    kind, operation = kind_of(words, len(places), len(strangers), len(years))
    periods = tuple(dict.fromkeys(PERIOD.findall(words)))
    if HALF_END.search(words) and YEAR_END.search(HALF_END.sub("", words)):
        periods, rest = ("全年", "上半年"), re.sub(r"年?底", " ", YEAR_END.sub(" ", HALF_END.sub(" ", rest)))
    if len(periods) > 1 and kind is QuestionKind.FACT:
        kind = QuestionKind.COMPARE
    rest = LATEST.sub(" ", rest)
    claims = () if kind is QuestionKind.COMPUTE else claims_of(rest)
    for claim in claims:
        rest = rest.replace(claim, " ", 1)
    shaped = rest if kind is QuestionKind.COMPUTE else SHAPE.sub(" ", rest)
    sections = tuple(section for section, pattern in SECTION_WORDS if pattern.search(words))[:1]
    if kind is QuestionKind.FACT and sections and not HOW_MANY.search(rest):
        kind = QuestionKind.LIST
    question = Question(
        text=words,
        kind=kind,
        topic=topic_of(shaped),
        asks=asks_of(rest if kind is QuestionKind.COMPARE else shaped, kind),
        members=members_of(words),
        places=places,
        strangers=strangers,
        years=years,
        periods=periods,
        genres=tuple(genre for genre, pattern in GENRE_WORDS if pattern.search(words)),
        sections=sections,
        operation=operation,
        operands=operands_of(rest, operation),
        claims=claims,
        latest=bool(LATEST.search(words)),
    )
    return follow_up(question, before) if before else question
