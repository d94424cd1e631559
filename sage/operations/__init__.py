"""Operation of a Sage: checks, backups, metrics, upgrades, moves and erasure."""
