"""How a client reaches Sage: over HTTP, or by starting it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MCP_PATH = "/mcp"
TOKEN_VARIABLE = "SAGE_TOKEN"  # noqa: S105 - the name of a variable
MACHINE_MARK = "sage_mt_"
"""The prefix of a token for the hooks of a machine, which does not give access to tools."""


@dataclass(frozen=True, slots=True)
class Server:
    """A Sage: its address, whether it requires a token, the command with which a client starts it.

    `hook` is the command of hooks, before the event; they recall from and capture into `space` if
    it is given. `token_file` contains the token, if it is in a file.
    """

    url: str
    needs_token: bool
    command: tuple[str, ...]
    hook: tuple[str, ...]
    space: str = ""
    token_file: str = ""

    @property
    def export(self) -> str:
        """Return the shell command that exports the token, as far as it is known."""
        value = f'="$(cat {shlex.quote(self.token_file)})"' if self.token_file else ""
        return f"export {TOKEN_VARIABLE}{value}"

    def headers(self, reference: str) -> dict[str, object]:
        """Return the member `headers`, empty without a token; `reference` names a variable."""
        if not self.needs_token:
            return {}
        return {"headers": {"Authorization": f"Bearer {reference}"}}

    def stdio(self, **more: object) -> Mapping[str, object]:
        """Return the entry for a client that starts Sage itself."""
        return {"command": self.command[0], "args": [*self.command[1:]], **more}
