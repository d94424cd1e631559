"""Ask the running server by its Unix socket, as its owner, in place of opening its database."""
