"""The list of checks. `sage doctor`, `/health/detailed` and every start show a part of it."""

from __future__ import annotations

import asyncio
import importlib
import time
from dataclasses import dataclass, replace
from enum import Flag, auto
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, cast

from sage.domain.health import CheckResult, Status
from sage.errors import ConfigurationError, ConfigurationProblem, SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from sage.operations.checks.context import CheckContext

Probe: TypeAlias = "Callable[[CheckContext], Awaitable[CheckResult | None]]"

DEADLINE_S = 60.0


class CheckPhase(Flag):
    """When a check is run."""

    CONFIG = auto()
    """`sage config check`: fast, and without a database driver."""
    UP = auto()
    """Before the start script starts Sage."""
    CONTAINER = auto()
    """Before Sage starts in a container."""
    DOCTOR = auto()
    """`sage doctor`: each model is called."""
    HEALTH = auto()
    """`/health` of a running Sage: within two seconds, and without a call that costs money."""
    DATABASE = auto()
    """`sage doctor --database`: all that a server and its user need, even before Sage uses it."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check of one requirement.

    `probe` is `module:function` below this package, imported when it is called: a start must not
    wait for drivers that it does not use. `needs` names a check without which this one makes no
    sense. A probe returns None if it does not apply.
    """

    name: str
    probe: str
    when: CheckPhase
    needs: str = ""


CHECKS = (
    Check("user", "machine:user", CheckPhase.CONTAINER),
    Check("memory", "machine:memory", CheckPhase.CONTAINER),
    Check("temporary", "machine:temporary_folder", CheckPhase.CONTAINER),
    Check("data dir", "machine:data_dir", ~CheckPhase.HEALTH & ~CheckPhase.DATABASE),
    Check("disk", "machine:disk", ~CheckPhase.HEALTH & ~CheckPhase.DATABASE),
    Check("database", "network:database_is_reachable", CheckPhase.CONFIG | CheckPhase.UP),
    Check("database", "network:database_is_named", CheckPhase.CONTAINER),
    Check("database", "database:answers", CheckPhase.DOCTOR | CheckPhase.DATABASE),
    Check("database", "database:serves", CheckPhase.HEALTH),
    Check(
        "hosts",
        "network:database_hosts",
        CheckPhase.CONFIG | CheckPhase.UP | CheckPhase.DOCTOR | CheckPhase.DATABASE,
        needs="database",
    ),
    *(
        Check(name, f"server:{name}", CheckPhase.DATABASE, needs="database")
        for name in (
            *("version", "writable", "encoding", "extension", "rights", "role"),
            *("encryption", "pooler", "clock"),
        )
    ),
    Check("pgvector", "database:pgvector", CheckPhase.DOCTOR, needs="database"),
    Check("schema", "database:schema", CheckPhase.DOCTOR | CheckPhase.DATABASE, needs="database"),
    Check("schema", "recent_calls:schema", CheckPhase.HEALTH),
    Check("spaces", "database:spaces", CheckPhase.DOCTOR | CheckPhase.DATABASE, needs="schema"),
    Check("cluster", "cluster:nodes", CheckPhase.DOCTOR | CheckPhase.DATABASE, needs="schema"),
    Check("cluster", "cluster:refused", CheckPhase.HEALTH),
    Check("vectors", "database:vectors", CheckPhase.DOCTOR, needs="schema"),
    Check("embedding", "recent_calls:embedding", CheckPhase.HEALTH),
    Check("reranker", "recent_calls:reranker", CheckPhase.HEALTH),
    Check("summary", "recent_calls:summary", CheckPhase.HEALTH),
    Check("replica", "database:replica", CheckPhase.DOCTOR | CheckPhase.DATABASE, needs="database"),
    Check("replica", "recent_calls:replica", CheckPhase.HEALTH),
    Check("queue", "database:queue", CheckPhase.DOCTOR, needs="schema"),
    Check("queue", "recent_calls:queue", CheckPhase.HEALTH),
    Check(
        "connections",
        "database:connections",
        CheckPhase.DOCTOR | CheckPhase.DATABASE,
        needs="database",
    ),
    Check(
        "durability",
        "database:durability",
        CheckPhase.DOCTOR | CheckPhase.DATABASE,
        needs="database",
    ),
    Check("damage", "database:damage", CheckPhase.DOCTOR | CheckPhase.DATABASE, needs="database"),
    Check("backup", "backups:newest", CheckPhase.DOCTOR | CheckPhase.HEALTH, needs="schema"),
    Check("capture", "captures:captures", CheckPhase.DOCTOR | CheckPhase.HEALTH),
    Check("hooks", "captures:settings_of_hooks", CheckPhase.CONFIG),
    Check("clients", "clients:addresses", CheckPhase.DOCTOR),
    Check("transcripts", "transcripts:expiring", CheckPhase.DOCTOR, needs="schema"),
    Check(
        "provider", "models:provider", CheckPhase.CONFIG | CheckPhase.CONTAINER | CheckPhase.DOCTOR
    ),
    Check("model", "models:active_model", CheckPhase.DOCTOR),
    Check("next model", "models:next_model", CheckPhase.DOCTOR),
    Check("reranker", "models:reranker", CheckPhase.DOCTOR),
    Check("summary", "models:summary", CheckPhase.DOCTOR),
    Check("host", "network:host", CheckPhase.CONFIG | CheckPhase.UP),
    Check("port", "network:port", CheckPhase.CONFIG | CheckPhase.DOCTOR),
    Check("port", "network:free_port", CheckPhase.UP),
    Check("socket", "network:own_socket", CheckPhase.DOCTOR),
    Check(
        "metrics port",
        "network:metrics_port",
        CheckPhase.CONFIG | CheckPhase.UP | CheckPhase.DOCTOR,
    ),
)


async def run_checks(
    phase: CheckPhase, context: CheckContext
) -> AsyncIterator[tuple[Check, CheckResult]]:
    """Run the checks of a phase in order; yield each with its result."""
    healthy = {""}
    for check in CHECKS:
        if phase in check.when and check.needs in healthy:
            result = await run_check(check, context)
            if result is None or result.status is Status.HEALTHY:
                healthy.add(check.name)
            if result is not None:
                yield check, result


async def run_check(
    check: Check, context: CheckContext, *, deadline_s: float = DEADLINE_S, public: bool = False
) -> CheckResult | None:
    """Run a check. Raises nothing: whatever a probe raises becomes a failed result.

    `public` leaves out the details of an error, which may name a host.
    """
    began = time.perf_counter()
    try:
        async with asyncio.timeout(deadline_s):
            result = await load_probe(check.probe)(context)
    except TimeoutError:
        result = CheckResult.unhealthy(
            phrase("no answer within {seconds:.0f} s", seconds=deadline_s),
            code="no_answer",
            figures={"seconds": deadline_s},
        )
    except Exception as error:  # noqa: BLE001 - what cannot be examined is not well
        result = failure(error, public=public)
    latency_ms = round((time.perf_counter() - began) * 1000, 2)
    return None if result is None else replace(result, latency_ms=latency_ms)


def failure(error: Exception, *, public: bool = False) -> CheckResult:
    """Return the result for an error that a probe raised."""
    match error:
        case SageError() if public:
            return CheckResult.unhealthy(error.message)
        case _ if public:
            return CheckResult.unhealthy(type(error).__name__)
        case ConfigurationError(problems=(problem, *_)):
            return CheckResult.unhealthy(
                phrase("{variable} {message}", variable=problem.variable, message=problem.message),
                problem.hint,
                problem.variable,
            )
        case SageError():
            detail = (
                phrase("{message}: {detail}", message=error.message, detail=error.detail)
                if error.detail
                else error.message
            )
            return CheckResult.unhealthy(detail, error.hint)
        case _:
            return CheckResult.unhealthy(
                phrase("{name}: {reason}", name=type(error).__name__, reason=error)
            )


def run_checks_sync(phase: CheckPhase, context: CheckContext) -> list[tuple[Check, CheckResult]]:
    """Run the checks of a phase outside an event loop."""

    async def examined() -> list[tuple[Check, CheckResult]]:
        return [found async for found in run_checks(phase, context)]

    return asyncio.run(examined())


def problems_of(found: Iterable[tuple[Check, CheckResult]]) -> list[ConfigurationProblem]:
    """Return failed results as problems of the configuration."""
    return [
        ConfigurationProblem(
            result.variable or check.name,
            "this machine",
            result.detail.removeprefix(f"{result.variable} ") if result.variable else result.detail,
            result.hint,
            warning=result.status is Status.DEGRADED,
        )
        for check, result in found
        if result.status is not Status.HEALTHY
    ]


@cache
def load_probe(probe: str) -> Probe:
    """Import the function named as `module:function`."""
    module, _, function = probe.partition(":")
    return cast(
        "Probe", getattr(importlib.import_module(f"sage.operations.checks.{module}"), function)
    )
