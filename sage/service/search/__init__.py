"""Search: from a question, through candidates by words and by meaning, to ranked memories."""
