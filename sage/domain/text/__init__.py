"""Text: secrets masked in it, characters that nobody sees, and how values are worded."""
