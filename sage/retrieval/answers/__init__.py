"""From candidates to an answer: which rows may answer, what replies to them, what is shown."""
