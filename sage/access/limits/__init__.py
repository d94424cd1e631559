"""How many requests a minute somebody may send, and by what they are told apart."""
