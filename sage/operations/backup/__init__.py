"""Back up the whole database to one file and restore it, with PostgreSQL's own tools."""
