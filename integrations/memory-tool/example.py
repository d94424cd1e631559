"""Ask Claude with the memory tool, whose files are in Sage: `pip install anthropic` first."""

from __future__ import annotations

import os
import sys

from anthropic import Anthropic
from anthropic.lib.tools import ToolError
from anthropic.tools.memory import BetaAbstractMemoryTool
from sage_files import CommandError, SageFiles


class SageMemoryTool(BetaAbstractMemoryTool):
    """Hands every command to Sage."""

    def __init__(self, files: SageFiles) -> None:
        super().__init__()
        self._files = files

    def view(self, command):  # noqa: ANN001, ANN201 - the types are those of the base class
        """Do the command."""
        try:
            return self._files.run(command.to_dict())
        except CommandError as error:
            raise ToolError(str(error)) from None

    create = str_replace = insert = delete = rename = view


def main() -> None:
    """Ask what the arguments say, and print the answer."""
    sage = SageFiles(
        os.environ.get("SAGE_URL", "http://127.0.0.1:17800"), os.environ.get("SAGE_TOKEN", "")
    )
    answer = (
        Anthropic()
        .beta.messages.tool_runner(
            model=os.environ.get("MODEL", "claude-sonnet-5-5"),
            max_tokens=2_000,
            tools=[SageMemoryTool(sage)],
            messages=[{"role": "user", "content": " ".join(sys.argv[1:])}],
        )
        .until_done()
    )
    said = (block.text for block in answer.content if block.type == "text")
    sys.stdout.write("".join(said) + "\n")


if __name__ == "__main__":
    main()
