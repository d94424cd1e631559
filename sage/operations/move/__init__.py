"""Move all data to another database while Sage goes on saving, and let Sage use it there."""
