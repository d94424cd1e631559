"""Find what other programs keep, and read it as memories: once each, cleaned, dated, counted."""
