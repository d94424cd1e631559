"""Moving all data to another database: the state that both databases record."""
