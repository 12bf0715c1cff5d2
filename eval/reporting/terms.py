"""Names of suites, systems, kinds and measures as people read them (中文名称).

In: a name as run files have it. Out: its Chinese label; an unknown name stays as it is, since a user's own
system or measure must show as well.
"""

from __future__ import annotations

from collections.abc import Mapping

LONGEST = 80  # characters of one part of what was asked
SUITES = {
    "retrieval": "检索",
    "answers": "问答",
    "refusals": "拒答",
    "injection": "防注入",
    "summaries": "摘要",
    "drafts": "起草",
    "memos": "对比备忘录",
    "figures": "指标提取",
}
SYSTEMS = {
    "product": "文衡",
    "bm25": "仅关键词检索",
    "dense": "仅向量检索",
    "top-sentence": "只摘首句",
    "closed-book": "不看资料",
    "plain-chain": "普通 LangChain 链",
    "copy-last-year": "照搬去年",
    "lead-k": "取开头几句",
    "no-repair": "文衡（不修复文本）",
    "no-outline": "文衡（不按提纲切分）",
    "no-filters": "文衡（不加筛选）",
    "no-fusion": "文衡（不融合检索）",
    "no-lock": "文衡（不锁数字）",
    "no-check": "文衡（不核对）",
    "endpoint": "外部接口",
}
KINDS = {
    "number": "数值",
    "why": "原因",
    "list": "列举",
    "follow-up": "追问",
    "compare": "比较",
    "premise": "前提有误",
    "computed": "计算",
    "gather": "汇集",
    "unanswerable": "无从作答",
    "injection": "诱导",
    "contradictory": "来源矛盾",
    "damaged": "来源损坏",
    "masked": "数字被遮盖",
    "private": "个人信息",
    "time-sensitive": "时效",
}
MEASURES = {
    "right": "答对",
    "numeric": "数值准确",
    "points": "要点齐全",
    "citation_recall": "句子有引用支持",
    "citation_precision": "引用用得上",
    "opened": "引用可打开",
    "gold_cited": "引到标准依据",
    "stray_figures": "数字无出处的句数",
    "refused": "拒答",
    "false_refusal": "误拒",
    "leaked": "泄露",
    "stood": "模型一次写对",
    "flagged": "指出矛盾",
    "first_token_s": "首字秒数",
    "total_s": "全文秒数",
    "recall@5": "前5召回",
    "packed": "入提示召回",
    "ndcg@10": "nDCG@10",
    "rr@10": "RR@10",
    "success@1": "首条命中",
    "coverage": "要点覆盖",
    "lead_coverage": "开头几句的覆盖",
    "number_precision": "数字有据",
    "length_ratio": "篇幅比",
    "redundancy": "重复率",
    "rouge_1": "字 ROUGE-1",
    "rouge_l": "字 ROUGE-L",
    "chrf": "chrF",
    "skill_rouge_l": "胜过照搬（ROUGE-L）",
    "skill_chrf": "胜过照搬（chrF）",
    "provenance": "数字有出处",
    "rows": "问题任务写全",
    "links": "点明针对的问题",
    "contradictions": "矛盾",
    "copied": "照搬率",
    "unanswered": "没有任务的问题",
    "cells": "单元格准确",
    "deltas": "差值准确",
    "missing_told": "缺处写明",
    "unfounded": "没有依据的单元格",
    "confused": "目标与实际混淆",
    "precision": "提取准确率",
    "recall": "提取召回率",
    "indicator": "指标名准确",
    "period": "时间准确",
    "kind": "性质准确",
    "qualifier": "限定词准确",
}
OUTCOMES = {"answered": "已作答", "partial": "部分作答", "refused": "拒答", "error": "出错", "gaps": "有缺项"}
ASKED = {
    "places": "地区",
    "years": "年份",
    "report": "报告",
    "hidden": "隐去",
    "input": "输入",
    "start": "起",
    "end": "止",
}
STATUSES = {
    "phrased": "模型表述",
    "computed": "程序计算",
    "quoted": "原文",
    "stated": "说明",
    "missing": "缺",
    "masked": "被遮盖",
    "suspect": "存疑",
    "corrected": "人工更正",
    "warning": "慎比",
}


def suite(name: str) -> str:
    """问答, 检索 …"""
    return SUITES.get(name, name)


def system(name: str) -> str:
    """文衡, 仅关键词检索 …"""
    return SYSTEMS.get(name, name)


def kind(name: str) -> str:
    """数值, 列举 …"""
    return KINDS.get(name, name or "未分类")


def measure(name: str) -> str:
    """引用支持 …"""
    return MEASURES.get(name, name)


def percent(share: float | None) -> str:
    """45.3%, or — where there is none."""
    return "—" if share is None else f"{share:.1%}"


def written(value: float | None) -> str:
    """A measure: 0.853, 1, or — where there was nothing to measure."""
    return "—" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def brief(asks: object) -> str:
    """What a system was asked for, where that is no question: key：value；…"""
    if not isinstance(asks, Mapping):
        return str(asks)
    told = ((name, value) for name, value in asks.items() if value not in ("", None, [], ()))
    return "；".join(f"{ASKED.get(name, name)}：{_short(value)}" for name, value in told)


def _short(value: object) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
