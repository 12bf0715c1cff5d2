"""Cases, metrics and runs that score what users get."""
