"""Applications called without a network, and services that stand in for the real ones."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from sage.api.http.app import create_app
from sage.config.settings import Settings
from sage.console.pages import ConsolePages
from sage.domain.health import (
    CheckReport,
    DetailedHealth,
    Health,
    Readiness,
    ReadinessState,
    Status,
)
from sage.service.latencies import Latencies
from tests.support.serving import settings_for


def caller(app, *, address="127.0.0.1", **options):
    """Give an HTTP client whose requests reach `app` directly, as from an address."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
    options = {"base_url": "http://127.0.0.1:17800"} | options
    return httpx.AsyncClient(transport=transport, **options)


async def echo(_scope, receive, send):
    """Answer 200 with the body that came in."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@dataclass
class StandInHealth:
    """Says what it is told to say."""

    status: Status = Status.HEALTHY
    ready: bool = True

    async def summary(self):
        return Health(self.status, "0", datetime.now(UTC), self.status, 3)

    async def detailed(self):
        return DetailedHealth(
            **asdict(await self.summary()),
            checks={"database": CheckReport(self.status, 0.5, "answers")},
            system={"cpu": {"percent": 1.0}},
            container={"detected": False, "runtime": None, "evidence": []},
        )

    async def readiness(self):
        if self.ready:
            return Readiness(ready=True, reason="ready", state=ReadinessState.READY)
        reason = "the database is away"
        return Readiness(ready=False, reason=reason, state=ReadinessState.WAITING)


class StandInMemory:
    """Fails every call with the error it is given."""

    def __init__(self, error):
        self._error = error

    def __getattr__(self, verb):
        async def call(*_):
            raise self._error

        return call


class StandInTokens:
    """Knows no token."""

    async def principal_of(self, _token):
        return None

    async def digests_of(self, _key_ids):
        return []


@dataclass
class StandInAudit:
    """Keeps what it is told."""

    events: list = field(default_factory=list)

    def add(self, event):
        self.events.append(event)


class StandInHeard:
    """Has heard of no client."""

    def note(self, _name, _principal):
        pass

    def last_seen(self, _principal):
        return {}


@dataclass
class StandInServices:
    """Services for tests of what stands around them."""

    health: StandInHealth = field(default_factory=StandInHealth)
    memory: object = None
    tokens: StandInTokens = field(default_factory=StandInTokens)
    oauth: None = None
    audit: StandInAudit = field(default_factory=StandInAudit)
    latencies: Latencies = field(default_factory=Latencies)
    seen: StandInHeard = field(default_factory=StandInHeard)
    settings: Settings = field(default_factory=lambda: settings_for(None, Path("nowhere")))


def app_with(tmp_path, env="dev", rate_limit=None, *, pages=False, **server):
    """Build the application as settings make it, with stand-ins for its services."""
    settings = settings_for(None, tmp_path, env=env, **server)
    if rate_limit is not None:
        settings = settings.model_copy(update={"rate_limit": rate_limit})
    app = create_app(settings, pages=ConsolePages(settings.server) if pages else None)
    app.state.services = StandInServices()
    app.state.proof_key = None
    return app
