"""Postgres and nothing else: the only room that imports asyncpg."""
