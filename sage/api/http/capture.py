"""What hooks captured on the machine of this Sage."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from sage.access.authorization import require_admin
from sage.api.http.request_services import Opened  # noqa: TC001 - FastAPI reads the annotation
from sage.api.http.rest import OF_THE_SERVER
from sage.domain.capturing import CaptureReport  # noqa: TC001 - FastAPI reads the annotation
from sage.operations.capturing import read_capture

router = APIRouter(prefix="/api/v1", tags=["server"], responses=OF_THE_SERVER)


@router.get("/capture")
async def read_captured(services: Opened) -> CaptureReport:
    """Report for each AI client on the machine of this Sage what was captured, and what fails.

    Hooks on other machines record there what they did: `sage-client.pyz status` shows it.
    """
    require_admin()
    return await asyncio.to_thread(read_capture, services.settings.data_dir)
