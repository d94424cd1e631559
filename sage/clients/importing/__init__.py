"""Find data of other programs, and read it as memories: deduplicated, cleaned, dated, counted."""
