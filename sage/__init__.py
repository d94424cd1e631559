"""Sage: the memory of an AI assistant, over MCP, on your own machine or your own cluster."""

from sage.config.numpy_threads import compute_in_one_thread

__version__ = "0.2.0.dev0"

compute_in_one_thread()  # before anything imports numpy
