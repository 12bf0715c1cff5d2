"""Documents that are checked as a whole: blocks, provenance, Word, Markdown, the screen."""
