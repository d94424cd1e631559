"""Open connections to Postgres: with timeouts on the server, and codecs for jsonb and vectors.

If a DSN names several servers, each has a share of the time, so that one that hangs does not
prevent trying the others; the one that answered last is tried first.

Settings are passed when a connection is opened. A transaction pooler rejects or ignores them, since
its connections are shared: there each transaction sets them.
"""

from __future__ import annotations

import json
import ssl
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
from pgvector.asyncpg import register_vector

from sage.config.dsn import places_of, wanted_server
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_HAS_SETTINGS = query("has_settings")
_SESSION_FACTS = query("session_facts")

_TIMEOUT_S = 3.0
# Errors that another server of the same DSN may not have.
_NEXT_SERVER = (OSError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)
_PLANNING = {
    # Spaces differ in size: a generic plan reads too much in most of them.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
}
_TLS_FILES = {"sslrootcert", "sslcert", "sslkey", "sslcrl"}
_UNBOUNDED = {
    "statement_timeout": "0",
    "lock_timeout": "0",
}


class Connector:
    """Opens connections to one database. `command_timeout_s` bounds every query on the server."""

    def __init__(self, dsn: str, command_timeout_s: float, kind: str) -> None:
        self._kind = kind
        self.dsn = dsn
        timeout_ms = int(command_timeout_s * 1000)
        self.settings: Mapping[str, str] = {
            "statement_timeout": str(timeout_ms * 9 // 10),
            "lock_timeout": str(timeout_ms // 2),
            "idle_in_transaction_session_timeout": str(2 * timeout_ms),
            **_PLANNING,
        }
        self.behind_pooler = False
        self.lacks_vectors = False
        self.vector_schema: str | None = None
        self.application_role: str | None = None
        self.role_may_log_in = False
        self.is_distributed = False
        self._last_place: tuple[str, int] | None = None

    async def connect(self, *_: Any, **options: Any) -> Any:  # noqa: ANN401 - as asyncpg calls it
        """Open a connection; `server_settings` replace those of the connector.

        Raises the driver's exceptions.
        """
        settings = {**_PLANNING, **options.pop("server_settings", self.settings)}
        if not self.behind_pooler:
            driver = await self._connect_with(settings, options)
            if driver is not None:
                return driver
            self.behind_pooler = True
        return await self._connect(statement_cache_size=0, **options)

    async def connect_unbounded(
        self, timeout_s: float, settings: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - asyncpg ships no types
        """Open a connection for statements that may take hours. Raises the driver's exceptions."""
        return await self.connect(
            timeout=timeout_s, server_settings={**_UNBOUNDED, **(settings or {})}
        )

    async def open(self, *_: Any, **options: Any) -> Any:  # noqa: ANN401 - as asyncpg calls it
        """Open a connection that reads jsonb and vectors, and detect properties of the database.

        Raises the driver's exceptions.
        """
        driver = await self.connect(**options)
        async with preparing(driver):
            facts = await driver.fetchrow(_SESSION_FACTS)
            self.application_role = facts["application_role"]
            self.role_may_log_in = facts["role_may_log_in"] or False
            self.is_distributed = facts["is_distributed"]
            self.vector_schema = facts["vector_schema"]
            self.lacks_vectors = self.vector_schema is None
            await register_codecs(driver, self.vector_schema)
        return driver

    async def detect_distribution(self, driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        """Detect by a new connection beside the pools whether the database is distributed.

        It may be the first one. Raises the driver's exceptions.
        """
        async with preparing(driver):
            facts = await driver.fetchrow(_SESSION_FACTS)
            self.is_distributed = facts["is_distributed"]

    @property
    def lacks_role(self) -> bool:
        """Whether the role for spaces did not exist when the last connection was opened."""
        return self.application_role is None

    def expect_all(self) -> None:
        """Assume that connections opened from now on lack nothing."""
        self.lacks_vectors = False

    async def _connect_with(self, settings: Mapping[str, str], options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - asyncpg ships no types
        """Open a connection with settings; None if a pooler does not pass them on."""
        try:
            driver = await self._connect(settings, **options)
        except asyncpg.ProtocolViolationError as error:
            if "startup parameter" not in str(error):
                raise
            return None
        try:
            # By the command tag: a pooler may lose prepared statements, which a fetch needs.
            if (await driver.execute(_HAS_SETTINGS, timeout=_TIMEOUT_S)).endswith(" 1"):
                return driver
        except BaseException:
            driver.terminate()
            raise
        driver.terminate()
        return None

    async def _connect(
        self,
        settings: Mapping[str, str] | None = None,
        *,
        timeout: float = _TIMEOUT_S,  # noqa: ASYNC109 - as asyncpg calls it
        **options: Any,  # noqa: ANN401 - asyncpg ships no types
    ) -> Any:  # noqa: ANN401 - asyncpg ships no types
        """Connect to the first server of the requested kind."""
        options["server_settings"] = {"application_name": "sage", **(settings or {})}
        try:
            places = places_of(self.dsn)
            if len(places) <= 1:
                return await asyncpg.connect(self.dsn, timeout=timeout, **options)
            options["target_session_attrs"] = wanted_server(self.dsn) or self._kind
            return await self._connect_to_one(places, timeout / len(places), options)
        except (ssl.SSLCertVerificationError, asyncpg.ClientConfigurationError):
            raise  # which are a ValueError, too
        except asyncpg.UndefinedObjectError as error:  # of the server's settings
            raise asyncpg.ClientConfigurationError(str(error)) from error
        except FileNotFoundError as error:
            if missing := _missing_tls_file(self.dsn):
                text = f"no such certificate: {missing}"
                raise asyncpg.ClientConfigurationError(text) from error
            raise
        except (ValueError, OverflowError) as error:
            raise asyncpg.ClientConfigurationError("the DSN cannot be understood") from error

    async def _connect_to_one(
        self, places: list[tuple[str, int]], timeout_s: float, options: Mapping[str, Any]
    ) -> Any:  # noqa: ANN401 - asyncpg ships no types
        failures: list[Exception] = []
        for place in sorted(places, key=lambda place: place != self._last_place):
            host, port = self._last_place = place
            try:
                return await asyncpg.connect(
                    self.dsn, host=host, port=port, timeout=timeout_s, **options
                )
            except _NEXT_SERVER as error:
                failures.append(error)
        # That a server is not the primary is more informative than that another one is unavailable.
        raise min(failures, key=lambda error: isinstance(error, OSError))


def _missing_tls_file(dsn: str) -> str | None:
    """Return the parameter of a DSN with a certificate or key that does not exist, if any."""
    given = parse_qsl(urlsplit(dsn).query)
    absent = (name for name, file in given if name in _TLS_FILES and not Path(file).exists())
    return next(absent, None)


@asynccontextmanager
async def preparing(driver: Any) -> AsyncIterator[None]:  # noqa: ANN401 - asyncpg ships no types
    """Prepare a new connection in one transaction; close it if that fails."""
    try:
        async with driver.transaction():
            yield
    except BaseException:
        driver.terminate()
        raise


async def register_codecs(driver: Any, vector_schema: str | None) -> None:  # noqa: ANN401 - asyncpg ships no types
    """Register the codecs of jsonb and, if the types exist, of vectors."""
    await driver.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )
    if vector_schema is not None:
        await register_vector(driver, schema=vector_schema)
