"""The Sage that a command line is about: that of the data directory it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.config.paths import Paths

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.config.load import Configuration
    from sage.local.data_dir.instance import Instance


def configured_instance(args: Namespace) -> tuple[Configuration, Instance]:
    """Read the configuration and find the instance, also where the configuration is wrong."""
    from sage.config.layers import overrides_of
    from sage.config.load import read_configuration
    from sage.local.data_dir.instance import Instance

    paths = Paths.of(env_file=args.env_file)
    read = read_configuration(overrides=overrides_of(args), paths=paths)
    data_dir = read.settings.data_dir if read.settings else None
    if data_dir is None:
        values = {value.variable: value.value for value in read.values}
        data_dir = Path(values["SAGE_DATA_DIR"]).expanduser().absolute()
    return read, Instance(data_dir, was_named=args.SAGE_DATA_DIR is not None)
