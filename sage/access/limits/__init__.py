"""Rate limits of a client, and the address by which clients are told apart."""
