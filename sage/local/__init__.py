"""Resources of this machine: the data directory, signals, and the embedded PostgreSQL."""
