"""PostgreSQL 17 of Debian's packages, which knows TLS."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sage.local.postgres.binaries import Binaries
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import Mapping

POSTGRESQL = ("postgresql-17", "postgresql-17-pgvector")
ACCOUNT = "postgres"


class DebianCluster(Cluster):
    """A server of these packages in a directory of its own, run by their account as root."""

    def __init__(
        self,
        directory: Path,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if os.geteuid() == 0:
            shutil.chown(directory, ACCOUNT, ACCOUNT)
        super().__init__(directory, settings, environment)

    @staticmethod
    def programs() -> Binaries:
        return Binaries(Path("/usr/lib/postgresql/17"))
