"""Make integrations/, server.json and lines of pages, from `sage connect` and ci/release.toml.

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

from packages import bundle, registry_entry  # noqa: E402 - they import Sage as well
from plugins import claude_code, codex, gemini_cli  # noqa: E402
from releasing import pages  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator


def rendered() -> Iterator[tuple[Path, str]]:
    """Yield each file and its text."""
    for files in (claude_code, codex, gemini_cli, bundle, registry_entry, pages):
        for name, content in files().items():
            text = content if isinstance(content, str) else f"{json.dumps(content, indent=2)}\n"
            yield ROOT / name, text


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
