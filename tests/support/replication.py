"""A second Postgres that follows the first one by streaming."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.polling import wait_for
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_RECEIVERS = "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'"


class Replica(Cluster):
    """A server that replays what its primary writes, and answers reads meanwhile."""

    def __init__(
        self, directory: Path, primary: Cluster, settings: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(directory, settings)
        self._source = f"{primary.dsn()}?application_name=replica"

    def create(self) -> None:
        """Copy the data directory of the primary, which runs, and follow it from there."""
        program = str(self._binaries.program("pg_basebackup"))
        options = "--write-recovery-conf --checkpoint=fast --no-sync --wal-method=stream"
        command = [program, "--pgdata", str(self.data_dir), "--dbname", self._source]
        made = self._binaries.run([*command, *options.split()], account=self._account)
        assert made.returncode == 0, made.stdout

    def promote(self) -> None:
        """Make it a primary of its own."""
        assert self.ask("SELECT pg_promote()") == "t"

    def pause_receiving(self) -> None:
        """Receive nothing, as when the network between the two is cut."""
        self._receive_from("", receivers="0")

    def resume_receiving(self) -> None:
        """Receive again."""
        self._receive_from(self._source, receivers="1")

    def _receive_from(self, source: str, *, receivers: str) -> None:
        self.ask(f"ALTER SYSTEM SET primary_conninfo = '{source}'")
        self.ask("SELECT pg_reload_conf()")
        wait_for(lambda: self.ask(_RECEIVERS) == receivers)

    def pause(self) -> None:
        """Stop replaying; what the primary writes is still received."""
        self.ask("SELECT pg_wal_replay_pause()")
        wait_for(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def resume(self) -> None:
        """Replay what has been received."""
        self.ask("SELECT pg_wal_replay_resume()")


@contextmanager
def replicated(
    directory: Path, *, synchronous: bool, settings: Mapping[str, str] | None = None
) -> Iterator[tuple[Cluster, Replica]]:
    """Run a primary and a replica; `synchronous`: a commit waits until the replica has it."""
    (directory / "primary").mkdir()
    (directory / "replica").mkdir()
    primary = Cluster(directory / "primary", settings)
    replica = Replica(directory / "replica", primary, settings)
    try:
        primary.create()
        primary.start()
        replica.create()
        replica.start()
        streams = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        wait_for(lambda: primary.ask(streams) == "1")
        if synchronous:
            primary.ask("ALTER SYSTEM SET synchronous_standby_names = 'replica'")
            primary.ask("SELECT pg_reload_conf()")
            waits = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            wait_for(lambda: primary.ask(waits) == "1")
        yield primary, replica
    finally:
        replica.stop()
        primary.stop()
