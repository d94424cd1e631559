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

    from sage.operations.checks.subject import Subject

Look: TypeAlias = "Callable[[Subject], Awaitable[CheckResult | None]]"

DEADLINE_S = 60.0


class Occasion(Flag):
    """When a check is made."""

    CONFIG = auto()
    """`sage config check`: quick, and without a database driver."""
    UP = auto()
    """Before the start script starts Sage."""
    CONTAINER = auto()
    """Before Sage starts in a container."""
    DOCTOR = auto()
    """`sage doctor`: each model is asked."""
    HEALTH = auto()
    """`/health` of a running Sage: within two seconds, and without a call that costs money."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be well.

    `look` is `module:function` below this package, imported when it is called: a start must not
    wait for the drivers of what it does not look at. `needs` names a check without which this one
    makes no sense. A look returns None where there is nothing to look at.
    """

    name: str
    look: str
    when: Occasion
    needs: str = ""


CHECKS = (
    Check("user", "machine:user", Occasion.CONTAINER),
    Check("memory", "machine:memory", Occasion.CONTAINER),
    Check("temporary", "machine:temporary_folder", Occasion.CONTAINER),
    Check("data dir", "machine:data_dir", ~Occasion.HEALTH),
    Check("disk", "machine:disk", ~Occasion.HEALTH),
    Check("database", "network:database_is_reachable", Occasion.CONFIG | Occasion.UP),
    Check("database", "network:database_is_named", Occasion.CONTAINER),
    Check("database", "database:answers", Occasion.DOCTOR | Occasion.HEALTH),
    Check(
        "hosts",
        "network:database_hosts",
        Occasion.CONFIG | Occasion.UP | Occasion.DOCTOR,
        needs="database",
    ),
    Check("pgvector", "database:pgvector", Occasion.DOCTOR, needs="database"),
    Check("schema", "database:schema", Occasion.DOCTOR, needs="database"),
    Check("schema", "recent_calls:schema", Occasion.HEALTH),
    Check("spaces", "database:spaces", Occasion.DOCTOR, needs="schema"),
    Check("vectors", "database:vectors", Occasion.DOCTOR, needs="schema"),
    Check("embedding", "recent_calls:embedding", Occasion.HEALTH),
    Check("reranker", "recent_calls:reranker", Occasion.HEALTH),
    Check("summary", "recent_calls:summary", Occasion.HEALTH),
    Check("replica", "replica:replica", Occasion.DOCTOR, needs="database"),
    Check("replica", "recent_calls:replica", Occasion.HEALTH),
    Check("queue", "database:queue", Occasion.DOCTOR, needs="schema"),
    Check("queue", "recent_calls:queue", Occasion.HEALTH),
    Check("connections", "database:connections", Occasion.DOCTOR, needs="database"),
    Check("durability", "database:durability", Occasion.DOCTOR, needs="database"),
    Check("damage", "database:damage", Occasion.DOCTOR, needs="database"),
    Check("backup", "backups:newest", Occasion.DOCTOR | Occasion.HEALTH, needs="schema"),
    Check("capture", "captures:captures", Occasion.DOCTOR | Occasion.HEALTH),
    Check("hooks", "captures:settings_of_hooks", Occasion.CONFIG),
    Check("transcripts", "transcripts:expiring", Occasion.DOCTOR, needs="schema"),
    Check("provider", "models:provider", Occasion.CONFIG | Occasion.CONTAINER | Occasion.DOCTOR),
    Check("model", "models:active_model", Occasion.DOCTOR),
    Check("next model", "models:next_model", Occasion.DOCTOR),
    Check("reranker", "models:reranker", Occasion.DOCTOR),
    Check("summary", "models:summary", Occasion.DOCTOR),
    Check("host", "network:host", Occasion.CONFIG | Occasion.UP),
    Check("port", "network:port", Occasion.CONFIG | Occasion.DOCTOR),
    Check("port", "network:free_port", Occasion.UP),
    Check("socket", "network:own_socket", Occasion.DOCTOR),
    Check("metrics port", "network:metrics_port", Occasion.CONFIG | Occasion.UP | Occasion.DOCTOR),
)


async def examine_each(
    occasion: Occasion, subject: Subject
) -> AsyncIterator[tuple[Check, CheckResult]]:
    """Make the checks of an occasion one after the other; yield what each found."""
    healthy = {""}
    for check in CHECKS:
        if occasion in check.when and check.needs in healthy:
            result = await examine(check, subject)
            if result is None or result.status is Status.HEALTHY:
                healthy.add(check.name)
            if result is not None:
                yield check, result


async def examine(
    check: Check, subject: Subject, *, deadline_s: float = DEADLINE_S, public: bool = False
) -> CheckResult | None:
    """Make a check. Raises nothing: whatever a look raises is a failure of what it looks at.

    `public` leaves out what an error says of its circumstances, which may name a host.
    """
    began = time.perf_counter()
    try:
        async with asyncio.timeout(deadline_s):
            result = await load_look(check.look)(subject)
    except TimeoutError:
        result = CheckResult.unhealthy(
            phrase("no answer within {seconds:.0f} s", seconds=deadline_s),
            code="no_answer",
            figures={"seconds": deadline_s},
        )
    except Exception as error:  # noqa: BLE001 - what cannot be looked at is not well
        result = failure(error, public=public)
    latency_ms = round((time.perf_counter() - began) * 1000, 2)
    return None if result is None else replace(result, latency_ms=latency_ms)


def failure(error: Exception, *, public: bool = False) -> CheckResult:
    """Return what an error says of what was looked at."""
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


def examine_now(occasion: Occasion, subject: Subject) -> list[tuple[Check, CheckResult]]:
    """Make the checks of an occasion where no event loop runs."""

    async def examined() -> list[tuple[Check, CheckResult]]:
        return [found async for found in examine_each(occasion, subject)]

    return asyncio.run(examined())


def problems_of(found: Iterable[tuple[Check, CheckResult]]) -> list[ConfigurationProblem]:
    """Return what is not well as problems of the configuration."""
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
def load_look(look: str) -> Look:
    """Import the function that `module:function` names."""
    module, _, function = look.partition(":")
    return cast(
        "Look", getattr(importlib.import_module(f"sage.operations.checks.{module}"), function)
    )
