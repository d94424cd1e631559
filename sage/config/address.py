"""Where a server of this configuration listens, found in milliseconds: for container probes."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

from sage.config.deprecated import with_present_names
from sage.config.dotenv import Assignment, parse_dotenv
from sage.config.paths import Places

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HOST, _PORT = "MCP_SERVER_HOST", "MCP_SERVER_PORT"
_DEFAULTS = {_HOST: "127.0.0.1", _PORT: "17800"}
_POINTERS = (f"{_HOST}_FILE", f"{_PORT}_FILE", "SAGE_CONFIG", "SAGE_CONFIG_FILE")


def listening_address(
    environ: Mapping[str, str] = os.environ, cwd: Path | None = None
) -> tuple[str, str]:
    """Return host and port as they are written, unchecked. Raises nothing.

    The whole configuration is loaded only where a file other than `.env` may name them.
    """
    places = Places.of(environ, cwd)
    set_here = {name: value for name, value in environ.items() if value.strip()}
    known = {**_written(places.cwd / ".env"), **with_present_names(set_here)}
    if not (known.get(_HOST) and known.get(_PORT)) and _may_be_elsewhere(known, places):
        manager = importlib.import_module("sage.config.manager")
        effective = manager.effective_values(environ=environ, cwd=places.cwd)
        known = {found.variable: found.value for found in effective}
    return known.get(_HOST) or _DEFAULTS[_HOST], known.get(_PORT) or _DEFAULTS[_PORT]


def _written(file: Path) -> dict[str, str]:
    try:
        lines = parse_dotenv(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return with_present_names(
        {line.name: line.value for line in lines if isinstance(line, Assignment) and line.value}
    )


def _may_be_elsewhere(known: Mapping[str, str], places: Places) -> bool:
    folders = [places.cwd]
    if chosen := known.get("SAGE_DATA_DIR"):
        folders.append(places.expanded(chosen))
    elif places.shared is not None:
        folders.append(places.shared / "sage")
    return any(known.get(name) for name in _POINTERS) or any(
        (folder / "sage.toml").is_file() for folder in folders
    )
