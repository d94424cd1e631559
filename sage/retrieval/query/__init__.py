"""What a question asks for: its terms, days and people, the type of its answer, the same again."""
