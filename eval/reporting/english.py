"""Names of corpora, suites, systems, kinds and measures on the English page docs/quality.md.

In: a name as run files have it. Out: its words. The order of each table here is the order on the page; a
measure that is not listed is left to the offline report.
"""

from __future__ import annotations

CORPORA = {"samples": "The fictional samples", "real": "Real reports"}
SUITES = {
    "answers": "Answers",
    "refusals": "Refusals",
    "injection": "Injection",
    "retrieval": "Retrieval",
    "summaries": "Summaries",
    "memos": "Comparison memos",
    "drafts": "Drafts",
    "figures": "Figures",
}
SYSTEMS = {
    "product": "**the product**",
    "bm25": "BM25 only",
    "dense": "dense only",
    "top-sentence": "extractive top sentence",
    "closed-book": "closed book",
    "plain-chain": "plain LangChain chain",
    "copy-last-year": "copy last year",
    "lead-k": "lead-k",
    "no-repair": "repair of damaged text",
    "no-outline": "chunking by outline",
    "no-filters": "filters by place and year",
    "no-fusion": "fusion of dense and BM25",
    "no-lock": "the number lock",
    "no-check": "the check of answers",
}
KINDS = {
    "number": "number",
    "why": "why",
    "list": "list",
    "follow-up": "follow-up",
    "compare": "comparing",
    "premise": "wrong premise",
    "computed": "computed",
    "gather": "gathering",
    "time-sensitive": "time-sensitive",
    "contradictory": "contradictory sources",
    "damaged": "damaged source",
    "masked": "masked figure",
    "unanswerable": "unanswerable",
    "private": "private",
    "injection": "injection",
}
MEASURES = {
    "numeric": "Numbers exact",
    "points": "Key points",
    "citation_recall": "Citation recall",
    "citation_precision": "Citation precision",
    "opened": "Citations open",
    "false_refusal": "False refusals",
    "leaked": "Leaked",
    "recall@5": "Recall@5",
    "packed": "Packed recall",
    "ndcg@10": "nDCG@10",
    "rr@10": "RR@10",
    "success@1": "Success@1",
    "coverage": "Coverage",
    "number_precision": "Number precision",
    "provenance": "Numbers sourced",
    "contradictions": "Contradictions",
    "copied": "Copied",
    "cells": "Cells exact",
    "deltas": "Deltas right",
    "missing_told": "Gaps told",
    "precision": "Precision",
    "recall": "Recall",
    "rouge_l": "ROUGE-L",
    "chrf": "chrF",
    "first_token_s": "First token, s",
    "total_s": "Answer, s",
}
