"""Recomputing what a report or a draft claims (核对)."""
