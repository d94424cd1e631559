"""AI clients that are connected to another address than that of Sage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.clients.connect.catalog import CLIENTS
from sage.clients.connect.journal import ConnectJournal
from sage.clients.connect.texts import other_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sage.clients.connect.catalog import Client


def connected_elsewhere(data_dir: Path, url: str) -> Iterator[tuple[Client, str]]:
    """Yield each connected client that calls another address than `url`, with that address."""
    journal = ConnectJournal(data_dir)
    for client in CLIENTS:
        records = journal.files(client.name).values()
        edits = [made.edit for record in records for made in record.insertions]
        if address := other_address(edits, url):
            yield client, address
