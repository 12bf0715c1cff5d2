"""Bytes → library: readers, repair, splitting, outline, figures, passages, search. No language model."""
