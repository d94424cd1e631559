"""Text: masking of secrets, invisible characters, and the formatting of values."""
