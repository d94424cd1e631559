"""What keeps a Sage that runs well: its checks, backups and metrics."""
