"""What lies in a data folder besides PostgreSQL's own files: locks, logs, the running Sage."""
