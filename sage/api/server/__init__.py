"""An application on a port: connections with bounds, workers, and an end that costs no request."""
