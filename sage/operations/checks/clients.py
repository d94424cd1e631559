"""Check that the AI clients of this machine call the address of this Sage."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.clients.connect.elsewhere import connected_elsewhere
from sage.config.container import is_own_image
from sage.domain.health import CheckResult
from sage.local.address import mcp_url
from sage.local.data_dir.instance import Instance
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from sage.operations.checks.context import CheckContext


async def addresses(context: CheckContext) -> CheckResult | None:
    """Report clients that were connected to another address; None if there are none."""
    if is_own_image():
        return None
    data_dir = context.settings.data_dir
    running = await asyncio.to_thread(Instance(data_dir).running)
    url = mcp_url(context.settings.server, running)
    found = await asyncio.to_thread(lambda: [*connected_elsewhere(data_dir, url)])
    if not found:
        return None
    lines = (
        phrase("{client} calls {address}, not {url}", client=one.title, address=address, url=url)
        for one, address in found
    )
    commands = (phrase("`sage connect {client} --write`", client=one.name) for one, _ in found)
    return CheckResult.degraded(
        joined("\n", lines), phrase("connect again: {commands}", commands=joined(", ", commands))
    )
