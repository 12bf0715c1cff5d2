"""All benchmarks, one after the other: ``make bench``."""

from benchmarks import decode, embedding

for part in (embedding, decode):
    part.main()
