"""Generated weeks of several people and coding agents: the same for the same seed."""
