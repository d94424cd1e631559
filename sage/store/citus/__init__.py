"""Databases that the extension Citus distributes over several nodes, one space on each."""
