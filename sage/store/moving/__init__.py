"""A move of all data to another database: what both say of it."""
