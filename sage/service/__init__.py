"""The use cases, one for each operation of the tools and the management commands."""
