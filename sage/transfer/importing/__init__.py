"""Store memories from files of other programs, each once, and undo an import."""
