"""Shared steps of verbs: settings, logging, opening services, opening a database.

Each function imports what it needs when it is called, so that a wrong option is refused quickly.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sage.cli.terminal.console import Console
from sage.config.child_environment import terminal_variables
from sage.config.paths import Paths
from sage.domain.text.wording import one_line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Awaitable, Callable

    from pydantic import SecretStr

    from sage.bootstrap import Services
    from sage.config.load import Configuration
    from sage.config.settings import Settings
    from sage.local.data_dir.instance import Instance
    from sage.store.connections.pool import Database


Result = TypeVar("Result")


def configuration_of(args: Namespace, *, listens: bool = True) -> Configuration:
    """Read the configuration, overridden by the command line. Raises nothing."""
    from sage.config.layers import overrides_of
    from sage.config.load import read_configuration

    return read_configuration(
        overrides=overrides_of(args), paths=Paths.of(env_file=args.env_file), listens=listens
    )


def settings_of(args: Namespace) -> Settings:
    """Return the settings of a command that opens no port, and configure logging by them.

    Names the database on standard error if it is not the default one. Raises ConfigurationError.
    """
    read = configuration_of(args, listens=False)
    settings = read.require_settings()
    log_quietly(args, settings)
    name_database(read, Console.of_process(terminal_variables()))
    return settings


def named_database(given: str | None, configured: SecretStr | None) -> str | None:
    """Return what an option calls a database, else what its setting does, which may hide a URL."""
    return given or (None if configured is None else configured.get_secret_value())


def name_database(read: Configuration, console: Console) -> None:
    """Name the database on standard error if it is not the default one."""
    if database := read.other_database():
        console.note("sage: ", one_line(database))


def log_quietly(args: Namespace, settings: Settings) -> None:
    """Log errors to standard error, or at the configured log level.

    Failures while answering are part of the answer, so providers log nothing.
    """
    from sage.config.choices import LogLevel
    from sage.config.log_output import write_logs

    if args.SAGE_LOG_LEVEL is None and settings.log.level is LogLevel.INFO:
        write_logs(settings.log, LogLevel.ERROR, silent=("sage.providers.",))
    else:
        write_logs(settings.log)


def with_services(
    args: Namespace,
    work: Callable[[Services], Awaitable[Result]],
    settings: Settings | None = None,
    *,
    read_only: bool = True,
) -> Result:
    """Open the services, return the result of `work`, and close them. Raises SageError.

    `settings` are those of `settings_of` if they were already read. Unless they are `read_only`,
    the services upgrade the schema and work in the background.
    """
    import asyncio

    from sage.bootstrap import open_services
    from sage.local.signals import forget_failure, run_until_ended

    configured = settings or settings_of(args)

    async def run() -> Result:
        async with open_services(configured, read_only=read_only) as services:
            answer = await work(services)
            # What runs in the background is stopped wherever it is, which is not worth a line.
            asyncio.get_running_loop().set_exception_handler(forget_failure)
            return answer

    return run_until_ended(run())


def with_database(
    args: Namespace,
    work: Callable[[Database], Awaitable[Result]],
    settings: Settings | None = None,
    *,
    create: bool = False,
) -> Result:
    """Open the database without upgrading its schema, and return the result of `work`.

    `settings` are those of `settings_of` if they were already read. Raises SageError.
    """
    from sage.local.signals import run_until_ended
    from sage.service.configured_database import open_configured_database

    configured = settings or settings_of(args)

    async def run() -> Result:
        async with open_configured_database(configured, create=create) as database:
            return await work(database)

    return run_until_ended(run())


def configured_instance(args: Namespace) -> tuple[Configuration, Instance]:
    """Read the configuration and find the instance, also if the configuration is invalid."""
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
