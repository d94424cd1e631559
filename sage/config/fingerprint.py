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
"""Groups of variables that say how a server is reached and kept, and nothing of an answer."""
_COMMANDS_OWN = frozenset({"SAGE_ENV", "SAGE_CONFIG", "SAGE_DATA_DIR", "SAGE_SPACE"})
"""Where to read, and which space a command means: it says so when it asks."""
_OF_AN_ADDRESS = ("PGUSER", "PGPORT", "PGDATABASE")
"""What the driver takes from the environment where the address of the database does not say."""


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
