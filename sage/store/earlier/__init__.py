"""What databases and backups of schema versions 22 to 32 need, before the schema was one file."""
