"""Promises of one year against the report of the next (承诺跟踪)."""
