"""Connect AI clients: add Sage to their configuration, and remove it again."""
