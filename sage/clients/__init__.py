"""AI clients of this machine: what connects them, their hooks, and what they wrote down."""
