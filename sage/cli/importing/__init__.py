"""The output and questions of `sage import`."""
