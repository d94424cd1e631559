"""Sage: the memory of an AI assistant, over MCP, on your own machine or your own cluster."""

import os

__version__ = "0.2.0.dev0"

# OpenBLAS spreads a product over the cores with more than 1,200 vectors, or 36 by each other, and
# its threads then wait for more in a busy loop, for some 30 ms. It reads this once, when numpy is
# imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
