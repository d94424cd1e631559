"""Order candidates: the evidence read for a question, signals computed from it, and their sum."""
