"""Model providers: the local embedding model, and models over HTTP."""
