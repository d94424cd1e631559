"""The whole database in one file and back, with the server's own tools."""
