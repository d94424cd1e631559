"""The hooks that AI clients run: recall before a prompt, capture after it.

A hook starts many times an hour and must never delay its client, so this package and all it imports
use only the standard library, and the modules of its fast path avoid even slow parts of that
(`typing`, `dataclasses`, `pathlib`).
"""
