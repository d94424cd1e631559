"""Measure retrieval on LongMemEval, where every question has a separate chat history."""
