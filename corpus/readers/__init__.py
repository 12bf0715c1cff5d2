"""Bytes → RawDocument: one module a format."""
