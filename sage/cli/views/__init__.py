"""What people are shown, whichever verb shows it: memories, failures, times, commands."""
