"""The HTTP door: routes, events, errors; nothing is computed in here."""
