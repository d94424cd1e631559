"""Read-only routes about the whole server."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from sage.access.authorization import require_admin
from sage.api.arguments import LatencyArguments  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.dependencies import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import OF_THE_SERVER
from sage.domain.capturing import CaptureReport  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.latency import Latency  # noqa: TC001 - FastAPI reads the annotation
from sage.domain.upkeep import (  # noqa: TC001 - FastAPI reads the annotations
    Backups,
    Reembedding,
)
from sage.operations.backup.inventory import read_backups
from sage.operations.capturing import read_capture

router = APIRouter(prefix="/api/v1", tags=["server"], responses=OF_THE_SERVER)


@router.get("/latency")
async def read_latency(
    services: Opened, arguments: Annotated[LatencyArguments, Query()]
) -> Latency:
    """Return the durations of the calls of the last hours: quantiles and a histogram per tool.

    They are stored in the memory of the process for a week: a restart clears them, and with several
    workers, the one that responds reports its own calls. `/metrics` covers all calls since the
    start.
    """
    require_admin()
    return services.latencies.report(arguments.hours)


@router.get("/backups")
async def list_backups(services: Opened) -> Backups:
    """List the backups in the backup directory, and when the last was made and the next is due."""
    require_admin()
    return await read_backups(services.database, services.settings)


@router.get("/reembedding")
async def read_reembedding(services: Opened) -> Reembedding:
    """Report the active embedding model, and the progress of the change to another one.

    `sage reembed` makes the change. Memories are counted once a minute.
    """
    require_admin()
    return await services.embedding_progress.report()


@router.get("/capture", summary="Read the capture report")
async def read_captured(services: Opened) -> CaptureReport:
    """Report for each AI client on the machine of this Sage what was captured, and failures.

    Hooks on other machines record this there; `sage-client.pyz status` shows it.
    """
    require_admin()
    return await asyncio.to_thread(read_capture, services.settings.data_dir)
