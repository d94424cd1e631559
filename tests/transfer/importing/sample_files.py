"""Write small files as other programs do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


def database(path, **tables):
    """Write an SQLite database: its tables by name, each a list of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for table, rows in tables.items():
            columns = list(dict.fromkeys(name for row in rows for name in row))
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            for row in rows:
                marks = ", ".join("?" * len(columns))
                values = [row.get(name) for name in columns]
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)
        connection.commit()
    return path
