"""The HTTP server: bounded connections, workers, and a shutdown that loses no request."""
