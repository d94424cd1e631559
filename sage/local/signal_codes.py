"""Exit codes of a program that was ended by a signal, as shells report them."""

INTERRUPTED = 130
"""128 + SIGINT."""
TERMINATED = 143
"""128 + SIGTERM."""
