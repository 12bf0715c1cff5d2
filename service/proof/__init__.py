"""Proofreading any text: language, labels, sources of figures, linkage, recycling (校对)."""
