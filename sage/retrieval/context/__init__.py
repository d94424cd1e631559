"""Texts for a model, fenced as data and within a token limit: hits, context for prompts."""
