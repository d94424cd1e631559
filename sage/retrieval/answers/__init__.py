"""Turn candidates into an answer: which rows may answer, their replies, and what is shown."""
