"""Output shared by several verbs: memories, failures, times, commands."""
