"""Who may do what: people, keys, sessions, roles in collections, and the log of what was done."""
