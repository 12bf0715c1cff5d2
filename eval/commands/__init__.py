"""The commands of ``wenheng eval``, one module each."""
