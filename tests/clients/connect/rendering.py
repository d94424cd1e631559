"""The program that makes the plugins and the lines of pages, in a tree of its own."""

import shutil
import subprocess
import sys
import tomllib

from tests.architecture.sources import ROOT

_FOLDERS = (
    ".agents",
    ".claude-plugin",
    "ci/lib/integrations",
    "deploy/helm/sage",
    "integrations",
    "sage/clients/connect",
)
_PAGES = tomllib.loads((ROOT / "ci/lib/integrations/lines.toml").read_text())
_FILES = (
    *(name for name in _PAGES if not name.startswith(_FOLDERS)),
    *("docs/backup.md", "docs/clients.md", "docs/releasing.md"),
    *("ci/release.toml", "pyproject.toml", "server.json"),
    *("sage/__init__.py", "sage/errors.py", "sage/phrases/__init__.py"),
    "sage/phrases/language.py",
)


def copied_tree(folder):
    """Copy what is made, and what it is made from; return the copy."""
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    for name in _FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def render(root, *options):
    """Run the program in a tree."""
    command = [sys.executable, "ci/lib/integrations/render.py", *options]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def texts(root):
    """Return each file of a tree but those of Python, which are not made."""
    return {
        str(path.relative_to(root)): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
