"""Exit codes of a program that a signal ended, as shells report them."""

INTERRUPTED = 130
"""128 + SIGINT."""
TERMINATED = 143
"""128 + SIGTERM."""
