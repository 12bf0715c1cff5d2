"""Evidence → checked answers, and every way in and out."""
