"""The ledger as users see it: query, correction, files, proposals of aliases (台账)."""
