"""Models: embedders that run here or answer over HTTP."""
