"""One verb a use case."""
