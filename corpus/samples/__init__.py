"""A small fictional corpus: documents of three counties and their city, and the truth about them.

``SAMPLES`` is the folder that holds the documents and ``truth.json`` (what stands in them: titles,
figures, problems, next steps, commitments, questions with expected answers). README.md beside this
file says what each document is for.
"""

from pathlib import Path

SAMPLES = Path(__file__).resolve().parent / "reports"
