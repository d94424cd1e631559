"""What people are shown, whichever verb shows it: memories, steps of a start, commands."""
