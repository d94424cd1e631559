"""Sage: the memory of an AI assistant, over MCP, on your own machine or your own cluster."""

__version__ = "0.2.0.dev0"
