"""The output of a hook for a client: recalled memories, and notices."""
