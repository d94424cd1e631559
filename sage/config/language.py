"""The language of a command line, determined before its arguments are parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.child_environment import variables_set
from sage.config.paths import Paths
from sage.config.value import ENVIRONMENT, Value
from sage.phrases.language import LOCALE_VARIABLES, VARIABLE, wished

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = (VARIABLE.encode(), b"language")
"""How a file sets the language: as a variable or as a field of TOML."""


def language_of(data_dir: str | None = None, env_file: str | None = None) -> str:
    """Return the language to use: that of SAGE_LANGUAGE, else that of the locale.

    Settings files are parsed only if one of them may set it.
    """
    named = variables_set(VARIABLE, "SAGE_DATA_DIR", "SAGE_CONFIG", *LOCALE_VARIABLES)
    if VARIABLE not in named:
        paths = Paths.of(env_file=env_file)
        given = named | ({"SAGE_DATA_DIR": data_dir} if data_dir else {})
        values = {name: Value(text, ENVIRONMENT, paths.cwd) for name, text in given.items()}
        if any(map(_may_set_it, (paths.env_file(values), paths.config_file(values)))):
            from sage.config.layers import read_layers  # noqa: PLC0415 - few need it

            layers = read_layers(overrides={"SAGE_DATA_DIR": data_dir}, paths=paths)
            named[VARIABLE] = layers.text(VARIABLE, "")
    return wished(named)


def _may_set_it(file: Path | None) -> bool:
    try:
        text = b"" if file is None else file.read_bytes()
    except OSError:
        return False
    return any(name in text for name in _NAMES)
