"""Databases that the extension Citus distributes over several nodes, each space on one of them."""
