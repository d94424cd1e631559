"""Text on a terminal, drawn by rich; independent of Sage."""
