"""Summaries of one report and syntheses of many (摘要、归纳)."""
