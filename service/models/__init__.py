"""Model store, embedded server and chat client."""
