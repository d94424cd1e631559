"""Keep what is read in files of other programs, once each, and undo an import."""
