"""The parts of a question: terms, days and names, the type of its answer, and its repetitions."""
