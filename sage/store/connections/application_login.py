"""Log in to work in spaces with a role that owns nothing, instead of the owner of the tables.

A statement could reset what a transaction has set, but not the login of a session. The password of
the role is derived from the owner's, so that all processes that know that one agree on it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any

import asyncpg

from sage.config.dsn import password_of
from sage.store.connections.connector import preparing, register_codecs
from sage.store.failures import TRANSIENT, to_store_error
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.store.connections.connector import Connector

_IS_BOUND_SESSION = query("is_bound_session")
_LOGIN_OF_ROLE = query("login_of_role")

# Errors of the driver if it does not support the authentication method of the server.
_LACKS_METHOD = (asyncpg.InterfaceError, asyncpg.InternalClientError)
_ITERATIONS = 4096
_SALT_BYTES = 16

log = get_logger(__name__)


class ApplicationConnector:
    """Opens connections to work in spaces, logged in with the role for that.

    If it cannot log in, and could not since this process began, the connections are the owner's:
    each transaction then sets the role.
    """

    def __init__(self, owner: Connector) -> None:
        self.owner = owner
        self._role: str | None = None
        self._refused = False
        self._warned = False
        self.lacks_vectors = False

    @property
    def logs_in(self) -> bool:
        """Whether it has logged in with the role since this process began."""
        return self._role is not None

    @property
    def lacks_role(self) -> bool:
        """Whether the role could not log in when the last connection was opened."""
        return not self.logs_in

    def expect_all(self) -> None:
        """Assume that connections opened from now on lack nothing."""
        self.lacks_vectors = self._refused = False

    async def open(self, *_: Any, **options: Any) -> Any:  # noqa: ANN401 - as asyncpg calls it
        """Open a connection that reads jsonb and vectors. Raises the driver's exceptions."""
        role = self._role or self.owner.application_role
        if role is None:
            driver = await self.owner.open(**options)
            self.lacks_vectors = self.owner.lacks_vectors
            role = self.owner.application_role
            if role is None:
                return driver
            driver.terminate()
        if not self._refused:
            try:
                driver = await self._log_in(role, options)
            except asyncpg.PostgresError as error:
                if self.logs_in or not _is_refusal(error):
                    raise
                self._note(error)
            else:
                self._role = role
                return driver
        return await self.owner.open(**options)

    def _note(self, refusal: Exception) -> None:
        self._refused = True
        if not self._warned:
            self._warned = True
            log.warning(
                "requests_log_in_as_owner",
                reason=to_store_error(refusal).detail,
                hint="`sage doctor` says what an administrator can do",
            )

    async def _log_in(self, role: str, options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - asyncpg ships no types
        """Log in with the role; if it is rejected, set its password again and retry."""
        if self.owner.role_may_log_in:
            try:
                return await self._open_as(role, options)
            except asyncpg.PostgresError as error:
                if not _is_refusal(error):
                    raise
        await self._let_log_in(role, options)
        return await self._open_as(role, options)

    async def _open_as(self, role: str, options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - asyncpg ships no types
        try:
            driver = await self.owner.connect(user=role, password=self._password(role), **options)
        except _LACKS_METHOD as error:
            raise asyncpg.InvalidAuthorizationSpecificationError(str(error)) from error
        async with preparing(driver):
            if not await driver.fetchval(_IS_BOUND_SESSION, role):
                raise asyncpg.InvalidAuthorizationSpecificationError("the session is of another")
            await register_codecs(driver, self.owner.vector_schema)
        return driver

    async def _let_log_in(self, role: str, options: Mapping[str, Any]) -> None:
        """Allow the role to log in, if the owner may do that."""
        driver = await self.owner.connect(**options)
        try:
            password = self._password(role)
            async with driver.transaction():
                verifier = scram_verifier(password) if password else None
                for [statement] in await driver.fetch(_LOGIN_OF_ROLE, role, verifier):
                    await driver.execute(statement)
            self.owner.role_may_log_in = True
        except asyncpg.PostgresError as error:
            if not _is_refusal(error):
                raise
        finally:
            driver.terminate()

    def _password(self, role: str) -> str:
        """Derive the password of the role; empty if the owner's is not known here."""
        owners = password_of(self.owner.dsn)
        if not owners:
            return ""
        return hmac.new(owners.encode(), f"sage login {role}".encode(), hashlib.sha256).hexdigest()


def _is_refusal(error: asyncpg.PostgresError) -> bool:
    """Return whether it is not an outage; a pooler may not know the user: a protocol violation."""
    return isinstance(error, asyncpg.ProtocolViolationError) or not isinstance(error, TRANSIENT)


def scram_verifier(password: str) -> str:
    """Return what PostgreSQL stores of an ASCII password, so that the password itself is not sent.

    RFC 5803; the log of the server may contain the statement.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = (salt, hashlib.sha256(client_key).digest(), server_key)
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in parts)
    return f"SCRAM-SHA-256${_ITERATIONS}:{salt64}${stored64}:{server64}"
