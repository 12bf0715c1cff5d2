"""Prompt files, each with a version, and their loader."""
