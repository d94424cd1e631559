"""Rate limits of a client, and the address that identifies a client."""
