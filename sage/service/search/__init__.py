"""From a question to ranked memories: looked up by words and by meaning, ranked, answered."""
