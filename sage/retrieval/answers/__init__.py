"""Turn candidates into an answer: select rows, place their replies, and decide what is shown."""
