"""The files of a data directory besides those of PostgreSQL: locks, logs, the running Sage."""
