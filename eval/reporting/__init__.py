"""Shows scored runs: one offline page for people, JUnit and JSON for machines, docs/quality.md for everyone.

In: :class:`eval.reporting.judged.Run` values (the items of a run file with their scores). Out: files. Nothing
is measured here; what is shown was scored by the suites.
"""
