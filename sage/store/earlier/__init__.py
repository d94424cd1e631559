"""Changes to databases and backups of schema versions 22 to 32, before the schema was one file."""
