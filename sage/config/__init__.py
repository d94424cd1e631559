"""Settings; the only package that reads them from the environment."""
