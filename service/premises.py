"""Assertions of a question that are no figures: 甲等 for 乙等, 高于 for 低于.

In: a question and the sentence that fits it best. Out: the pair of words in which they disagree, or
None. Only words that exclude each other count, and only in the same surroundings.
"""

from __future__ import annotations

import re

# Members of a group exclude each other when the characters in front of them are the same.
GRADES = (
    ("甲等", "乙等", "丙等"),
    ("一级", "二级", "三级"),
    ("国家级", "省级", "市级", "县级"),
    ("第一", "第二", "第三", "第四", "第五", "第六", "第七", "第八", "第九", "第十"),
    ("首位", "末位"),
    ("免费", "收费"),
)
# Directions exclude each other wherever they stand, if the sentence has only the other one.
DIRECTIONS = (
    (("高于", "高出", "超过", "偏高", "高了", "高多少"), ("低于", "偏低", "低了", "低多少", "少于")),
    (("增长", "上升", "提高", "增加"), ("下降", "降低", "减少", "下滑")),
    (("已经完成", "全部完成", "超额完成"), ("未完成", "没有完成", "尚未完成")),
    (("全部取消",), ("全部保留",)),
)


BODIES = re.compile(
    r"(?:县|市|区|省|乡镇|镇)?(?:第[一二三]|中医|人民|妇幼|社区|妇计|疾控|中心)*(?:医院|保健院|卫生院|中心|服务站)"
)
DONE = re.compile(r"了|已经?|就[^\u3400-\u9fff]?|完成")
PLANNED = re.compile(r"预计|拟|计划|将于|力争|争取|正在|尚未|未能|下一步|准备|可开工")


def other_body(question: str, sentence: str) -> tuple[str, str] | None:
    """(body in the question, body in the sentence) where a claim names another body than the report."""
    asked = [m[0] for m in BODIES.finditer(question) if len(m[0]) >= 4]
    stated = [m[0] for m in BODIES.finditer(sentence) if len(m[0]) >= 3]  # 县医院 for 县中医医院
    for body in asked:
        if body not in sentence and stated and not any(other in question for other in stated):
            return body, stated[0]
    return None


def not_done_yet(question: str, sentence: str) -> str:
    """The word (预计, 正在 …) by which the report speaks of a plan where the question speaks of a deed."""
    planned = PLANNED.search(sentence)
    return planned[0] if planned and DONE.search(question) and not PLANNED.search(question) else ""


def contradiction(question: str, sentence: str) -> tuple[str, str] | None:
    """(what the question says, what the sentence says) where they exclude each other."""
    for group in GRADES:
        for said in group:
            for match in re.finditer(said, question):
                front = question[max(0, match.start() - 2) : match.start()]
                for other in group:
                    if (
                        other != said
                        and len(front) == 2
                        and f"{front}{other}" in sentence
                        and f"{front}{said}" not in sentence
                    ):
                        return f"{front}{said}", f"{front}{other}"
    for one, opposite in DIRECTIONS:
        for ours, theirs in ((one, opposite), (opposite, one)):
            asserted = next((w for w in ours if w in question), "")
            stated = next((w for w in theirs if w in sentence), "")
            if asserted and stated and not any(w in sentence for w in ours):
                return asserted, stated
    return None
