"""Keeping it running for years: backup, restore, doctor, metrics, retention."""
