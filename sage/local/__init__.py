"""What belongs to this machine: the data directory, signals, and a PostgreSQL of Sage's own."""
