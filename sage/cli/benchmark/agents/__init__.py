"""What a memory recalls in AI clients over weeks of work, replayed through the hooks."""
