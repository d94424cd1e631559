"""The response to a client at an event: recalled memories, and problems."""
