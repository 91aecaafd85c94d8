"""One file per command. `__main__` imports only the one that is asked for: `run` never loads an HTTP client."""
