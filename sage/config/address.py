"""Where a server of this configuration listens, found in milliseconds: for container probes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sage.config.layers import read_layers
from sage.config.variables import DEFAULT_HOST, DEFAULT_PORT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.config.paths import Paths


def listening_address(
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[str, object] | None = None,
    paths: Paths | None = None,
) -> tuple[str, str]:
    """Return host and port as they are written, unchecked. Raises nothing."""
    read = read_layers(environ=environ, overrides=overrides, paths=paths)
    host, port = (read.values.get(name) for name in ("MCP_SERVER_HOST", "MCP_SERVER_PORT"))
    return (
        str(host.raw).strip() if host else DEFAULT_HOST,
        str(port.raw).strip() if port else str(DEFAULT_PORT),
    )
