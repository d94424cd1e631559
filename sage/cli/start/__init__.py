"""Starting Sage on a data directory: what claims it, and the processes that serve it."""
