"""Databases that the extension Citus distributes over several nodes, space by space."""
