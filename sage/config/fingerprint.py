"""A digest of the settings that affect answers: two processes that share it answer alike."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sage import __version__
from sage.config.child_environment import variables_set
from sage.config.names import PATHS

if TYPE_CHECKING:
    from datetime import tzinfo

    from sage.config.layers import Merged

_SERVERS_OWN = frozenset({"server", "rate_limit", "backup", "audit", "log"})
"""Groups of variables about reaching and running a server, which do not affect answers."""
_COMMANDS_OWN = frozenset({"SAGE_ENV", "SAGE_CONFIG", "SAGE_DATA_DIR", "SAGE_SPACE"})
"""Variables of a command: the files it reads, and its space, which it sends with a request."""
_OF_AN_ADDRESS = ("PGUSER", "PGPORT", "PGDATABASE")
"""Environment variables that the driver uses for parts missing from the database address."""


def fingerprint(merged: Merged, timezone: tzinfo) -> str:
    """Return the digest of the release, the database, the models and the settings of answers.

    `timezone` is that of the machine, which is used if none is set.
    """
    relevant = {
        name: str(value.raw).strip()
        for name, value in merged.values.items()
        if PATHS[name].partition(".")[0] not in _SERVERS_OWN and name not in _COMMANDS_OWN
    }
    relevant.setdefault("SAGE_TIMEZONE", str(timezone))
    if "DATABASE_URL" in relevant:
        relevant |= variables_set(*_OF_AN_ADDRESS)
    document = json.dumps([__version__, relevant], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(document.encode()).hexdigest()
