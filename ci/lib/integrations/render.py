"""Make what other programs take from integrations/, from what `sage connect` writes.

render.py          name each file that is not what it would be made; exit 1 if there is one
render.py --write  make them
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from plugins import claude_code, codex, gemini_cli  # noqa: E402 - it imports Sage as well

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / "integrations"


def rendered() -> Iterator[tuple[Path, str]]:
    """Yield each file and its text."""
    for plugin in (claude_code, codex, gemini_cli):
        for name, content in plugin().items():
            text = content if isinstance(content, str) else f"{json.dumps(content, indent=2)}\n"
            yield FOLDER / name, text


def main() -> int:
    """Compare the files, or make them; return the exit code."""
    stale = [
        (path, text)
        for path, text in rendered()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    if "--write" in sys.argv[1:]:
        for path, text in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if path.name == "sage-hook":
                path.chmod(0o755)
        return 0
    for path, _ in stale:
        sys.stdout.write(f"{path.relative_to(ROOT)} is stale: run ci/integrations --write\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
