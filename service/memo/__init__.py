"""Comparison memos over years, places and reports (对比)."""
