"""Text on a terminal, drawn by rich; knows nothing of Sage."""
